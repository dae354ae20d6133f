/* Patterns, terms and names that are wrong are answered with one line that shows where. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "support/complaint.h"
#include "support/fixture.h"
#include "support/node.h"

/* ---------------------------------------------------------------- patterns: a bug of the actor, which panics */

static void expect_panic(const char *mistake, const char *pattern)
{
    struct program *node = node_start("bin/tests/mistakes", mistake, NULL);
    program_expect_exit(node, 128 + SIGABRT);
    const char *text = program_stderr(node);
    if (!strstr(text, pattern) || !strstr(text, "troupe: "))
        fail_msg("the pattern %s is not shown: %s", pattern, text);
}

static void a_pattern_with_too_few_arguments_is_named(void **state)
{
    (void)state;
    expect_panic("too_few_holes", "{add, N, To}");
}

static void a_pattern_with_too_many_arguments_is_named(void **state)
{
    (void)state;
    expect_panic("too_many_holes", "{add, N}");
}

static void a_pointer_in_a_sent_pattern_is_named(void **state)
{
    (void)state;
    expect_panic("pointer_in_a_sent_pattern", "{add, Pointer}");
}

static void a_pattern_that_is_none_is_named(void **state)
{
    (void)state;
    expect_panic("no_pattern", "{add, ");
}

static void a_case_with_too_few_arguments_is_named(void **state)
{
    (void)state;
    expect_panic("too_few_holes_in_a_case", "{add, N}");
}

static void a_call_from_another_thread_is_a_panic(void **state)
{
    (void)state;
    expect_panic("thread", "thread");
}

/* ---------------------------------------------------------------- what the tool is told */

static void a_term_with_a_mistake_is_refused_with_its_place(void **state)
{
    (void)state;
    expect_complaint(run_tool("send", "brood", "{add, }", NULL), 1, "character 7", NULL);
    expect_complaint(run_tool("exit", "brood", "[a | ", NULL), 1, "character", NULL);
}

static struct program *brood_start(void)
{
    struct program *node = node_start("bin/tests/brood", "2", "0", NULL);
    wait_until(actor_exists("brood") || program_is_over(node));
    return node;
}

static void a_pid_that_never_was_is_said_never_to_have_been(void **state)
{
    (void)state;
    static const char *const pids[] = {"<0.77.1>", "<0.1.999>", "<0.4294967295.4294967295>"};
    struct program *node = brood_start();
    for (size_t i = 0; i < sizeof pids / sizeof pids[0]; i++) {
        expect_complaint(run_tool("exit", pids[i], NULL), 1, "never was", pids[i], NULL);
        expect_complaint(run_tool("send", pids[i], "hello", NULL), 1, "never was", pids[i], NULL);
        expect_complaint(run_tool("info", pids[i], NULL), 1, "never was", pids[i], NULL);
    }
    assert_int_equal(node_stop(node), 0);
}

static void a_name_that_nobody_has_is_said_to_be_nobodys(void **state)
{
    (void)state;
    struct program *node = brood_start();
    expect_complaint(run_tool("send", "nobody", "hello", NULL), 1, "nobody", NULL);
    expect_complaint(run_tool("exit", "nobody", NULL), 1, "nobody", NULL);
    expect_complaint(run_tool("send", "1", "hello", NULL), 1, "os_pid 1", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void without_a_node_the_tool_says_so(void **state)
{
    (void)state;
    expect_complaint(run_tool("ps", NULL), 2, "no node", NULL);
    expect_complaint(run_tool("send", "anybody", "hello", NULL), 2, "no node", NULL);
    expect_complaint(run_tool("ps", "-n", "bank", NULL), 2, "bank", NULL);
}

static void a_name_that_is_none_is_refused(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s/tests/brood", program_folder());
    expect_complaint(run_tool("run", "-n", "../etc", path, NULL), 2, "../etc", NULL);
    expect_complaint(run_tool("run", "-n", "", path, NULL), 2, "name", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_pattern_with_too_few_arguments_is_named),
        node_test(a_pattern_with_too_many_arguments_is_named),
        node_test(a_pointer_in_a_sent_pattern_is_named),
        node_test(a_pattern_that_is_none_is_named),
        node_test(a_case_with_too_few_arguments_is_named),
        node_test(a_call_from_another_thread_is_a_panic),
        node_test(a_term_with_a_mistake_is_refused_with_its_place),
        node_test(a_pid_that_never_was_is_said_never_to_have_been),
        node_test(a_name_that_nobody_has_is_said_to_be_nobodys),
        node_test(without_a_node_the_tool_says_so),
        node_test(a_name_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
