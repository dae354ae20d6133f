/* ps and the node: which node it asks, and what it says of one that is stopped or dead. */
#include <signal.h>

#include "tool.h"

static void without_a_node_there_is_nothing_to_list(void **state)
{
    (void)state;
    expect_complaint(run_tool("ps", NULL), 2, "no node runs", "troupe run", NULL);
    expect_complaint(run_tool("ps", "-n", "bank", NULL), 2, "bank", NULL);
    expect_complaint(run_tool("ps", "-n", "no/name", NULL), 1, "no/name", NULL);
}

static void of_several_nodes_one_must_be_named(void **state)
{
    (void)state;
    struct program *one = stage_start();
    struct program *two = stage_start_as("second");
    expect_complaint(run_tool("ps", NULL), 2, "stage", "second", "-n", NULL);
    expect_fine(run_tool("ps", "-n", "second", NULL));
    setenv("TROUPE_NODE", "second", 1);
    expect_fine(run_tool("ps", NULL));
    unsetenv("TROUPE_NODE");
    assert_int_equal(node_stop(two), 0);
    assert_int_equal(node_stop(one), 0);
}

static void a_stopped_node_is_said_to_be_stopped_and_listed(void **state)
{
    (void)state;
    struct program *node = stage_start();
    pid_t os_pid = node_os_pid();
    assert_true(process_stop(os_pid));
    struct program *ps = run_tool("ps", NULL);
    struct program *nodes = run_tool("nodes", NULL);
    assert_int_equal(kill(os_pid, SIGCONT), 0);
    expect_complaint(ps, 0, "stopped", "kill -CONT", NULL);
    expect_in(program_stdout(ps), "quiet");
    expect_in(expect_fine(nodes), "stopped");
    assert_int_equal(node_stop(node), 0);
}

/* The guardian holds the node's lock, so the name cannot be used again until it has gone on. */
static void a_dead_node_whose_guardian_is_stopped_is_said_to_be_stopped(void **state)
{
    (void)state;
    char continue_it[32];
    struct program *node = stage_start();
    pid_t guardian = node_guardian_os_pid(), node_itself = node_os_pid();
    snprintf(continue_it, sizeof continue_it, "kill -CONT %d", guardian);
    assert_true(process_stop(guardian));
    expect_in(expect_fine(run_tool("nodes", NULL)), "running");
    assert_int_equal(kill(node_itself, SIGKILL), 0);
    wait_until(process_state(node_itself) == 'Z');
    struct program *nodes = run_tool("nodes", NULL);
    expect_in(expect_fine(nodes), "stopped");
    expect_not_in(program_stdout(nodes), "dead");
    expect_complaint(run_tool("ps", NULL), 0, continue_it, "its last table", NULL);
    expect_complaint(run_tool("send", "quiet", "hello", NULL), 2, continue_it, NULL);
    expect_complaint(run_tool("shutdown", NULL), 2, continue_it, "--now", NULL);
    expect_fine(run_tool("shutdown", "--now", NULL));
    assert_int_not_equal(program_wait(node), 0);
    expect_complaint(run_tool("nodes", NULL), 0, "no node runs", NULL);
}

/* Kills guardian and node before either can clean up, and waits until the kernel has ended their actors. */
static void kill_all_of(struct program *node)
{
    pid_t guardian = node_guardian_os_pid(), node_itself = node_os_pid();
    assert_true(process_stop(guardian));
    assert_int_equal(kill(node_itself, SIGKILL), 0);
    assert_int_equal(kill(guardian, SIGKILL), 0);
    program_wait(node);
    wait_until(fixture_descendants() == 0);
}

static void a_dead_node_is_said_to_be_dead_and_nothing_called_alive(void **state)
{
    (void)state;
    kill_all_of(stage_start());
    struct program *ps = run_tool("ps", "-o", "name,state,os_pid", NULL);
    expect_complaint(ps, 0, "node stage is dead", "its last table", NULL);
    const char *row = strstr(program_stdout(ps), "quiet");
    assert_non_null(row);
    assert_true(strncmp(row + strlen("quiet") + strspn(row + strlen("quiet"), " "), "gone", 4) ==
                    0 ||
                strstr(row, "zombie"));
    expect_not_in(program_stdout(ps), "waiting");
    expect_in(expect_fine(run_tool("nodes", NULL)), "dead");
    expect_complaint(run_tool("send", "quiet", "hello", NULL), 2, "dead", NULL);
    expect_complaint(run_tool("shutdown", NULL), 2, "dead", NULL);
    /* The next start under that name clears what the dead left. */
    assert_int_equal(node_stop(stage_start_anew()), 0);
}

static void a_dead_node_in_json_is_json(void **state)
{
    (void)state;
    kill_all_of(stage_start());
    struct program *ps = run_tool("ps", "--json", NULL);
    program_expect_exit(ps, 0);
    expect_json(ps, "[.actors[] | .state] - [\"gone\", \"zombie\"] == []");
    assert_int_equal(node_stop(stage_start_anew()), 0);
}

static void a_node_that_runs_is_preferred_to_a_dead_one(void **state)
{
    (void)state;
    kill_all_of(stage_start());
    struct program *alive = stage_start_as("alive");
    expect_fine(run_tool("ps", NULL));
    assert_int_equal(node_stop(alive), 0);
    assert_int_equal(node_stop(stage_start_anew()), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(without_a_node_there_is_nothing_to_list),
        node_test(of_several_nodes_one_must_be_named),
        node_test(a_stopped_node_is_said_to_be_stopped_and_listed),
        node_test(a_dead_node_whose_guardian_is_stopped_is_said_to_be_stopped),
        node_test(a_dead_node_is_said_to_be_dead_and_nothing_called_alive),
        node_test(a_dead_node_in_json_is_json),
        node_test(a_node_that_runs_is_preferred_to_a_dead_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
