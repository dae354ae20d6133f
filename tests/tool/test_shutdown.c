/* nodes and shutdown: which there are, and how they end. */
#include <signal.h>

#include "tool.h"

static void nodes_are_listed_with_their_states(void **state)
{
    (void)state;
    struct program *one = stage_start(), *two = stage_start_as("second");
    struct program *nodes = run_tool("nodes", NULL);
    const char *text = expect_fine(nodes);
    assert_int_equal(count_lines(text), 3);
    expect_in(text, "NAME");
    expect_in(strstr(text, "stage "), "running");
    expect_in(strstr(text, "second"), "running");
    struct program *json = run_tool("nodes", "--json", NULL);
    expect_json(json,
                "[.nodes[] | .name] == [\"second\", \"stage\"] and "
                "([.nodes[] | .actors >= 3 and .os_pid > 1 and .state == \"running\"] | all)");
    assert_int_equal(node_stop(two), 0);
    assert_int_equal(node_stop(one), 0);
}

static void where_there_is_no_node_none_is_listed(void **state)
{
    (void)state;
    struct program *nodes = run_tool("nodes", NULL);
    expect_complaint(nodes, 0, "no node runs", NULL);
    assert_string_equal(program_stdout(nodes), "");
    expect_json(run_tool("nodes", "--json", NULL), ".nodes == []");
}

static void shutdown_returns_when_nothing_is_left(void **state)
{
    (void)state;
    struct program *node = stage_start();
    struct census census;
    census_take(&census);
    struct program *tool = run_tool("shutdown", NULL);
    assert_true(program_is_over(node) || census_living(&census) <= 1);
    expect_fine(tool);
    program_expect_exit(node, 0);
    assert_int_equal(census_living(&census), 0);
    census_deinit(&census);
    expect_complaint(run_tool("shutdown", NULL), 2, "no node runs", NULL);
}

static void a_node_that_takes_too_long_is_reported_and_can_be_killed(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/stage", "stubborn", NULL);
    wait_until(actor_exists("stage") || program_is_over(node));
    expect_complaint(run_tool("shutdown", "--timeout", "0.1", NULL), 1, "stage", "--now", NULL);
    expect_fine(run_tool("shutdown", "--now", NULL));
    assert_int_not_equal(program_wait(node), 0);
}

static void a_second_shutdown_waits_for_the_first(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/stage", "stubborn", NULL);
    wait_until(actor_exists("stage") || program_is_over(node));
    expect_complaint(run_tool("shutdown", "-t", "0.1", NULL), 1, "stage", NULL);
    expect_complaint(run_tool("shutdown", "-t", "0.1", NULL), 1, "stage", NULL);
    expect_fine(run_tool("shutdown", "--now", NULL));
    program_wait(node);
}

static void a_stopped_node_can_be_shut_down_now(void **state)
{
    (void)state;
    struct program *node = stage_start();
    pid_t os_pid = node_os_pid();
    assert_true(process_stop(os_pid));
    expect_complaint(run_tool("shutdown", NULL), 2, "stopped", "--now", NULL);
    expect_fine(run_tool("shutdown", "--now", NULL));
    assert_int_not_equal(program_wait(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(nodes_are_listed_with_their_states),
        node_test(where_there_is_no_node_none_is_listed),
        node_test(shutdown_returns_when_nothing_is_left),
        node_test(a_node_that_takes_too_long_is_reported_and_can_be_killed),
        node_test(a_second_shutdown_waits_for_the_first),
        node_test(a_stopped_node_can_be_shut_down_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
