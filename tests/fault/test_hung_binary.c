/* A file that cannot be opened yet, as on a mount that hangs, holds back its spawner and nobody else.
 *
 * The file is leased (fcntl(2)) by the test: whoever opens it, or executes it, waits in the kernel until the lease is
 * given back.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "support/census.h"
#include "support/copy.h"
#include "support/fixture.h"
#include "support/node.h"

struct leased {
    char path[300];
    int fd;
    struct program *node;
};

/* Starts a node whose root wants an actor of a binary that cannot be opened; returns when it has been served otherwise. */
static struct leased leased_start(const char *way)
{
    struct leased leased;
    char from[512];
    snprintf(from, sizeof from, "%s/tests/hung", program_folder());
    snprintf(leased.path, sizeof leased.path, "%s/leased", fixture_run_dir());
    copy_file(from, leased.path);
    leased.fd = open(leased.path, O_RDONLY | O_CLOEXEC);
    signal(SIGIO, SIG_IGN); /* that somebody waits is told by a signal that ends */
    if (leased.fd < 0 || fcntl(leased.fd, F_SETLEASE, F_WRLCK) < 0)
        fail_msg("%s cannot be leased", leased.path);
    leased.node = node_start("bin/tests/hung", leased.path, way, NULL);
    wait_until(node_os_pid() || program_is_over(leased.node));
    wait_until(actor_exists("served") || program_is_over(leased.node));
    if (program_is_over(leased.node))
        program_expect_exit(leased.node, 0);
    return leased;
}

/* The file can be opened from now on. */
static void leased_release(struct leased *leased) { close(leased->fd); }

static void leased_remove(struct leased *leased)
{
    leased_release(leased);
    assert_int_equal(remove(leased->path), 0);
}

/* The template that hangs: it has its short name, and its long title is still the node's. */
static pid_t hung_template(void)
{
    struct census census;
    char path[64], title[512];
    pid_t found = 0, node = node_os_pid();
    census_take(&census);
    for (size_t i = 0; i < census.count; i++) {
        const struct tri_osproc *each = &census.at[i];
        snprintf(path, sizeof path, "/proc/%d/cmdline", each->os_pid);
        FILE *file = fopen(path, "re");
        title[file ? fread(title, 1, sizeof title - 1, file) : 0] = '\0';
        if (file)
            fclose(file);
        if (each->parent == node && strcmp(each->comm, "template") == 0 && strstr(title, "node"))
            found = each->os_pid;
    }
    census_deinit(&census);
    return found;
}

static void a_binary_that_opens_late_keeps_only_its_spawner_waiting(void **state)
{
    (void)state;
    struct leased leased = leased_start("opens");
    assert_false(program_is_over(leased.node));
    struct program *whereis = run_tool("whereis", "served", NULL);
    program_expect_exit(whereis, 0);
    leased_release(&leased);
    program_expect_exit(leased.node, 0);
    assert_int_equal(remove(leased.path), 0);
}

static void the_spawner_is_told_when_what_hangs_is_killed(void **state)
{
    (void)state;
    struct leased leased = leased_start("killed");
    pid_t os_pid = 0;
    wait_until((os_pid = hung_template()));
    assert_int_equal(kill(os_pid, SIGKILL), 0);
    program_expect_exit(leased.node, 0);
    leased_remove(&leased);
}

static void what_waits_for_a_hung_binary_can_be_killed(void **state)
{
    (void)state;
    struct leased leased = leased_start("exit");
    program_expect_exit(leased.node, 0);
    leased_remove(&leased);
}

static void a_node_with_a_hung_binary_stops(void **state)
{
    (void)state;
    struct leased leased = leased_start("stop");
    assert_int_equal(node_stop(leased.node), 0);
    leased_remove(&leased);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_binary_that_opens_late_keeps_only_its_spawner_waiting),
        node_test(the_spawner_is_told_when_what_hangs_is_killed),
        node_test(what_waits_for_a_hung_binary_can_be_killed),
        node_test(a_node_with_a_hung_binary_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
