/* Groups: the control groups that actors with limits make for themselves, below one that the test makes for its nodes. Most cases
 * are actors, in actors/groups.c; here is what needs to be looked at from outside. Nothing is left in the test's group
 * after any of them. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "system/confined.h"

#define BINARY "groups"
#define PLACE "bin/tests/" BINARY

static char group[128]; /* "": none can be made here */
static char home[400];  /* where the test itself is */

/* ---------------------------------------------------------------- the test's group */

static void make_group(const char *where)
{
    char procs[160];
    snprintf(group, sizeof group, "%s/troupe-test.%d", where, getpid());
    snprintf(procs, sizeof procs, "%s/cgroup.procs", group);
    if (mkdir(group, 0755) < 0 || access(procs, W_OK) < 0) {
        rmdir(group);
        group[0] = '\0';
    }
}

static void find_home(const char *where)
{
    char line[256];
    FILE *file = fopen("/proc/self/cgroup", "re");
    snprintf(home, sizeof home, "%s", where);
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "0::", 3) == 0)
            snprintf(home, sizeof home, "%s%.*s", where, (int)strcspn(line + 3, "\n"), line + 3);
    if (file)
        fclose(file);
}

static int setup(void **state)
{
    const char *where = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
                            ? "/sys/fs/cgroup"
                            : "/sys/fs/cgroup/unified";
    int r = fixture_setup(state);
    find_home(where);
    make_group(where);
    if (group[0])
        setenv("TROUPE_CGROUP", group, 1);
    return r;
}

/* Its parts, but the one that a node has moved itself into. */
static int groups_now(void)
{
    int count = 0;
    DIR *folder = opendir(group);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_type == DT_DIR && strncmp(entry->d_name, "troupe-", 7) == 0 &&
                 strcmp(entry->d_name, "troupe-node") != 0;
    closedir(folder);
    return count;
}

static void enter(const char *path)
{
    char procs[450];
    snprintf(procs, sizeof procs, "%s/cgroup.procs", path);
    FILE *file = fopen(procs, "we");
    assert_non_null(file);
    assert_true(fputs("0", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int teardown(void **state)
{
    char nodes_part[160];
    int r = fixture_teardown(state);
    unsetenv("TROUPE_CGROUP");
    if (!group[0])
        return r;
    enter(home);
    snprintf(nodes_part, sizeof nodes_part, "%s/troupe-node", group);
    rmdir(nodes_part);
    if (groups_now() > 0) {
        print_error("%d groups are left in %s\n", groups_now(), group);
        return -1;
    }
    wait_until(rmdir(group) == 0 || errno == ENOENT);
    return r;
}

static void need_group(void)
{
    if (!group[0])
        skip_because("no control group of version 2 can be made here");
}

static void need_controller(const char *name)
{
    char path[160], line[256] = "";
    need_group();
    snprintf(path, sizeof path, "%s/cgroup.controllers", group);
    FILE *file = fopen(path, "re");
    if (file && !fgets(line, sizeof line, file))
        line[0] = '\0';
    if (file)
        fclose(file);
    if (!strstr(line, name))
        skip_because("control groups of version 2 have no controller %s here", name);
}

static void run_in_group(void **state)
{
    need_group();
    rule_run(state);
}

/* Each birth and each death has its deadline in there; all together may take longer than a program does otherwise. */
static void run_long_in_group(void **state)
{
    need_group();
    struct program *node = node_start(PLACE, strchr(*state, ' ') + 1, NULL);
    wait_until_ms(3 * TEST_DEADLINE_MS, program_is_over(node));
    program_expect_exit(node, 0);
}

static void run_in_sandbox(void **state)
{
    need_group();
    run_here(state);
}

static void run_with_pids(void **state)
{
    need_root("a limit that only a group has");
    need_controller("pids");
    rule_run(state);
}

static void run_with_memory(void **state)
{
    need_exact_memory();
    need_controller("memory");
    rule_run(state);
}

/* ---------------------------------------------------------------- delegated to nobody */

/* As systemd hands one over. */
static void give_to_nobody(void)
{
    static const char *const files[] = {"", "/cgroup.procs", "/cgroup.threads",
                                        "/cgroup.subtree_control"};
    char path[200];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s%s", group, files[i]);
        assert_int_equal(chown(path, (uid_t)atoi(NOBODY), (gid_t)atoi(NOBODY)), 0);
    }
}

static void nobody_has_groups_in_one_that_is_delegated(void **state)
{
    (void)state;
    need_root("another user");
    need_group();
    give_to_nobody();
    enter(group);
    run_as_nobody(BINARY, ":an_actor_with_a_limit_is_in_a_group_of_its_own");
    run_as_nobody(BINARY, ":what_an_actor_has_forked_ends_with_it");
    enter(home);
}

static void a_mark_tells_of_a_delegated_group(void **state)
{
    (void)state;
    need_root("another user, and the mark");
    need_group();
    if (setxattr(group, "trusted.delegate", "1", 1, 0) < 0 &&
        setxattr(group, "user.delegate", "1", 1, 0) < 0)
        skip_because("a control group cannot be marked here: %s", strerror(errno));
    unsetenv("TROUPE_CGROUP");
    enter(group);
    *state = (void *)(PLACE " :an_actor_with_a_limit_is_in_a_group_of_its_own");
    rule_run(state);
    enter(home);
}

/* ---------------------------------------------------------------- without one */

static void where_there_is_no_group_an_actor_lives_without(void **state)
{
    (void)state;
    need_root("root's own rules");
    *state = (void *)(PLACE " :without_a_group_an_actor_lives_and_says_what_is_lacking");
    setenv("TROUPE_CGROUP", "/no/such/group", 1);
    struct program *node = rule_start(state);
    program_expect_exit(node, 0);
    assert_non_null(strstr(program_stderr(node), "TROUPE_CGROUP=/no/such/group: "));
    setenv("TROUPE_CGROUP", fixture_run_dir(), 1); /* nor is a folder that is none */
    rule_run(state);
}

static void a_group_that_one_may_not_change_is_none(void **state)
{
    (void)state;
    need_root("another user");
    need_group();
    run_as_nobody(BINARY, ":without_a_group_an_actor_has_none");
}

/* ---------------------------------------------------------------- killed nodes */

static struct program *start_house(void)
{
    struct program *node = node_start(PLACE, ":house", NULL);
    wait_until(actor_exists("house") || program_is_over(node));
    if (node->is_over)
        fail_msg("the node did not come up: %s", program_stderr(node));
    assert_int_equal(groups_now(), 1);
    return node;
}

static void a_killed_node_leaves_no_group(void **state)
{
    (void)state;
    need_group();
    struct program *node = start_house();
    assert_int_equal(kill(node_os_pid(), SIGKILL), 0);
    program_expect_exit(node, 2);
    assert_int_equal(groups_now(), 0);
    assert_int_equal(fixture_descendants(), 0);
}

/* Do no more live? Then all others are zombies of ours, and reaped here: nobody else is there who would. */
static bool are_but(size_t living)
{
    bool are = fixture_descendants() == living;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    return are;
}

static void what_a_node_leaves_whose_guardian_was_killed_too_goes_with_the_next(void **state)
{
    (void)state;
    need_group();
    struct program *node = start_house();
    pid_t guardian_os_pid = node_guardian_os_pid();
    assert_int_equal(kill(guardian_os_pid, SIGSTOP), 0);
    assert_int_equal(kill(node_os_pid(), SIGKILL), 0);
    assert_int_equal(kill(guardian_os_pid, SIGKILL), 0);
    assert_int_equal(program_wait(node), 128 + SIGKILL);
    wait_until(are_but(1)); /* the daemon */
    assert_int_equal(groups_now(), 1);
    program_expect_exit(node_start(PLACE, ":hut", NULL), 0);
    assert_int_equal(groups_now(), 0);
    wait_until(are_but(0));
}

#define group_test(body) cmocka_unit_test_setup_teardown(body, setup, teardown)
#define group_case(name, how)                                                                      \
    {                                                                                              \
#name, how, setup, teardown, (void *)PLACE " :" #name                                      \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        group_case(an_actor_with_a_limit_is_in_a_group_of_its_own, run_in_group),
        group_case(what_an_actor_has_forked_ends_with_it, run_in_group),
        group_case(a_keeper_is_let_end_its_program, run_in_sandbox),
        group_case(a_group_that_cannot_be_removed_is_tried_again, run_in_group),
        group_case(who_cannot_be_born_leaves_no_group, run_in_group),
        group_case(a_thousand_births_and_deaths_leave_no_group, run_long_in_group),
        group_case(a_group_bounds_the_processes_of_an_actor, run_with_pids),
        group_case(who_fills_shared_memory_dies_of_the_limit, run_with_memory),
        group_test(nobody_has_groups_in_one_that_is_delegated),
        group_test(a_mark_tells_of_a_delegated_group),
        group_test(where_there_is_no_group_an_actor_lives_without),
        group_test(a_group_that_one_may_not_change_is_none),
        group_test(a_killed_node_leaves_no_group),
        group_test(what_a_node_leaves_whose_guardian_was_killed_too_goes_with_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
