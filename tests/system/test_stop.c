/* Ctrl-C and SIGTERM stop a node in order, and its exit status tells how the root actor ended. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "support/fixture.h"
#include "support/node.h"

static struct program *orderly_start(const char *way, const char *status)
{
    struct program *node = node_start("bin/tests/orderly", way, status, NULL);
    wait_until(actor_exists("orderly") || program_is_over(node));
    if (node->is_over)
        fail_msg("the node did not come up: %s", program_stderr(node));
    return node;
}

/* The root is told, ends its own way, and the launcher's exit status says which. */
static void expect_stop(int signal, const char *way, const char *status, int exit_status)
{
    struct program *node = orderly_start(way, status);
    program_signal(node, signal);
    program_expect_exit(node, exit_status);
    assert_string_equal(program_stdout(node), "told to stop\n");
}

static void sigterm_stops_in_order(void **state)
{
    (void)state;
    expect_stop(SIGTERM, "shutdown", NULL, 0);
}

static void ctrl_c_stops_in_order(void **state)
{
    (void)state;
    expect_stop(SIGINT, "shutdown", NULL, 0);
}

static void the_roots_exit_status_is_the_nodes(void **state)
{
    (void)state;
    expect_stop(SIGTERM, "status", "7", 7);
}

static void a_root_that_crashes_while_stopping_is_a_crash(void **state)
{
    (void)state;
    expect_stop(SIGTERM, "crash", NULL, 128 + SIGSEGV);
}

static void any_other_reason_is_one_and_is_printed(void **state)
{
    (void)state;
    struct program *node = orderly_start("nonsense", NULL);
    program_signal(node, SIGINT);
    program_expect_exit(node, 1);
    assert_non_null(strstr(program_stderr(node), "{nonsense,42}"));
}

static void run_stops_in_order_too(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s/tests/orderly", program_folder());
    const char *argv[] = {"bin/troupe", "run", "-n", "two", path, "status", "5", NULL};
    struct program *node = program_start(argv);
    wait_until(actor_exists("orderly") || program_is_over(node));
    program_signal(node, SIGTERM);
    program_expect_exit(node, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(sigterm_stops_in_order),
        node_test(ctrl_c_stops_in_order),
        node_test(the_roots_exit_status_is_the_nodes),
        node_test(a_root_that_crashes_while_stopping_is_a_crash),
        node_test(any_other_reason_is_one_and_is_printed),
        node_test(run_stops_in_order_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
