/* Users: actors of root's node that are other users. Most cases are actors, in actors/users.c; here is what needs to be looked
 * at from outside. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/rule.h"
#include "support/copy.h"
#include "support/skip.h"

#define NOBODY 65534

static void run_as_root(void **state)
{
    need_root("another user");
    rule_run(state);
}

#define rule(name) rule_by(run_as_root, "bin/tests/users", name)

/* ---------------------------------------------------------------- strangers */

static struct tri_rundir the_dir(void)
{
    struct tri_rundir dir;
    assert_int_equal(tri_rundir_find(NULL, &dir, NULL, 0), 0);
    return dir;
}

static bool can_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    bool can = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return can;
}

/* In a process of the same user that is none of the node's: how many ways lead in. */
static int ways_in(const struct tri_rundir *dir, tr_pid victim, pid_t os_pid)
{
    char path[TRI_PATH_BYTES];
    int ways = 0;
    ways += can_connect(tri_rundir_mailbox(dir, victim, path));
    ways += can_connect(tri_rundir_file(dir, "node", path));
    ways += open(tri_rundir_file(dir, "boxes", path), O_RDONLY) >= 0;
    ways += open(dir->path, O_PATH) >= 0 && access(tri_rundir_file(dir, "m", path), F_OK) == 0;
    snprintf(path, sizeof path, "/proc/%d/fd", os_pid);
    ways += opendir(path) != NULL;
    for (int fd = 0; fd < 32; fd++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", os_pid, fd);
        ways += open(path, O_PATH) >= 0;
    }
    snprintf(path, sizeof path, "/proc/%d/mem", os_pid);
    ways += open(path, O_RDONLY) >= 0;
    snprintf(path, sizeof path, "/proc/%d/root", os_pid);
    ways += open(path, O_PATH) >= 0;
    ways += ptrace(PTRACE_SEIZE, os_pid, NULL, NULL) == 0;
    return ways;
}

static void a_stranger_of_the_same_user_gets_nowhere(void **state)
{
    (void)state;
    need_root("another user");
    struct program *node = node_start("bin/tests/users", ":waits_to_be_looked_at", NULL);
    wait_until(actor_exists("ready"));
    struct tri_rundir dir = the_dir();
    tr_pid victim = actor_pid("victim");
    pid_t os_pid = actor_os_pid("victim");
    int status;
    pid_t stranger = fork();
    if (stranger == 0)
        _exit(setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)
                  ? 111
                  : ways_in(&dir, victim, os_pid));
    assert_int_equal(waitpid(stranger, &status, 0), stranger);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(node_stop(node), 0);
}

/* ---------------------------------------------------------------- the node's end */

static void another_user_ends_with_its_node(void **state)
{
    (void)state;
    need_root("another user");
    struct program *node = node_start("bin/tests/users", ":waits_to_be_looked_at", NULL);
    wait_until(actor_exists("ready"));
    assert_int_equal(kill(node_os_pid(), SIGKILL), 0);
    program_expect_exit(node, 2);
}

/* ---------------------------------------------------------------- other people's binaries */

static void another_user_has_only_roots_binaries_executed(void **state)
{
    struct copies copies;
    char roots[COPY_PATH_BYTES], others[COPY_PATH_BYTES];
    (void)state;
    need_root("another user");
    copies_begin(&copies);
    copies_add(&copies, "tests/users", "roots", roots);
    copies_add(&copies, "tests/users", "others", others);
    assert_int_equal(chown(others, NOBODY, NOBODY), 0);
    struct program *node = node_start(
        "bin/tests/users", ":another_user_has_only_roots_binaries_executed", roots, others, NULL);
    int status = program_wait(node);
    copies_end(&copies);
    assert_int_equal(status, 0);
}

/* ---------------------------------------------------------------- nodes of others */

static void only_root_has_other_users(void **state)
{
    struct copies copies;
    char copy[COPY_PATH_BYTES], text[32];
    (void)state;
    need_root("another user");
    if (access("/usr/bin/setpriv", X_OK) < 0)
        skip_because("setpriv is needed");
    copies_begin(&copies);
    copies_add(&copies, "tests/users", "users", copy);
    assert_int_equal(chown(fixture_run_dir(), NOBODY, NOBODY), 0);
    snprintf(text, sizeof text, "--reuid=%d", NOBODY);
    const char *argv[] = {"/usr/bin/setpriv",           text, "--clear-groups", copy,
                          ":only_root_has_other_users", NULL};
    int status = program_wait(program_start(argv));
    copies_end(&copies);
    assert_int_equal(status, 0);
}

static const struct CMUnitTest tests[] = {
    rule(all_threads_of_an_actor_are_its_user),
    rule(an_unknown_user_is_the_outcome_of_the_spawn),
    rule(bodies_of_all_sizes_reach_another_user),
    rule(bodies_of_all_sizes_come_from_another_user),
    rule(bodies_of_all_sizes_go_between_other_users),
    rule(last_words_of_another_user_come_before_its_end),
    rule(links_and_monitors_know_no_users),
    rule(a_server_of_another_user_is_called),
    rule(a_child_that_is_started_again_is_its_user_again),
    rule(all_below_a_supervisor_are_its_user_and_nobody_else),
    rule(another_user_has_no_rights_of_roots),
    rule(whom_another_user_spawns_is_no_more_than_itself),
    rule(the_node_believes_nobody_who_has_dropped_his_rights),
    rule(a_program_is_the_user_of_its_actor),
    node_test(a_stranger_of_the_same_user_gets_nowhere),
    node_test(another_user_ends_with_its_node),
    node_test(another_user_has_only_roots_binaries_executed),
    node_test(only_root_has_other_users),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
