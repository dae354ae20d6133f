/* wait: for a node, for a name, for a server that is ready, and for somebody's end. */
#include "tool.h"

static struct program *start_waiting(const char *option, const char *who)
{
    const char *const argv[] = {"bin/troupe", "wait", option, who, NULL};
    return program_start(argv);
}

static void expect_pid(struct program *tool, const char *name)
{
    char pid[TR_PID_TEXT_BYTES + 1];
    program_expect_exit(tool, 0);
    assert_string_equal(program_stdout(tool), strcat(tr_pid_text(actor_pid(name), pid), "\n"));
}

static void wait_returns_at_once_when_somebody_is_there(void **state)
{
    (void)state;
    struct program *node = stage_start();
    char pid[TR_PID_TEXT_BYTES];
    expect_pid(run_tool("wait", "quiet", NULL), "quiet");
    expect_pid(run_tool("wait", tr_pid_text(actor_pid("quiet"), pid), NULL), "quiet");
    assert_int_equal(node_stop(node), 0);
}

static void wait_begins_before_there_is_a_node(void **state)
{
    (void)state;
    struct program *waiting = start_waiting("--timeout=30", "quiet");
    struct program *node = stage_start();
    expect_pid(waiting, "quiet");
    assert_int_equal(node_stop(node), 0);
}

/* A server's name is registered before its init runs: to be found is not to be ready. */
static void wait_waits_until_a_server_answers(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/office", "late", NULL);
    wait_until(actor_exists("office") || program_is_over(node));
    struct program *waiting = start_waiting("-t30", "clerk");
    expect_fine(run_tool("send", "office", "open", NULL));
    wait_until(actor_exists("clerk"));
    expect_complaint(run_tool("wait", "-t", "0.1", "clerk", NULL), 1, "clerk", "not answer",
                     "troupe info clerk", NULL);
    assert_false(program_is_over(waiting));
    expect_fine(run_tool("send", "clerk", "go", NULL));
    expect_pid(waiting, "clerk");
    assert_int_equal(node_stop(node), 0);
}

static void the_end_of_patience_is_told(void **state)
{
    (void)state;
    expect_complaint(run_tool("wait", "-t", "0.05", "x", NULL), 2, "no node runs", NULL);
    struct program *node = stage_start();
    expect_complaint(run_tool("wait", "-t", "0.05", "nobody", NULL), 1, "nobody", "stage",
                     "troupe ps", NULL);
    expect_complaint(run_tool("wait", "-t", "0.05", "-n", "nix", "quiet", NULL), 2, "nix", "stage",
                     NULL);
    expect_complaint(run_tool("wait", "-g", "-t", "50ms", "quiet", NULL), 1, "quiet", "0.05 s",
                     "still there", "troupe exit quiet kill", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void what_will_never_be_is_not_waited_for(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_complaint(run_tool("wait", "<0.999.1>", NULL), 1, "never", NULL);
    expect_complaint(run_tool("wait", "--gone", "<0.999.1>", NULL), 1, "never", NULL);
    expect_complaint(run_tool("wait", "1", NULL), 1, "os_pid", NULL);
    expect_complaint(run_tool("wait", "-n", "a/b", "x", NULL), 1, "a/b", NULL);
    struct program *second = stage_start_as("second");
    expect_complaint(run_tool("wait", "quiet", NULL), 2, "several", "-n", NULL);
    assert_int_equal(node_stop(second), 0);
    assert_int_equal(node_stop(node), 0);
}

static void wait_gone_returns_with_the_reason(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/office", NULL);
    char pid[TR_PID_TEXT_BYTES];
    wait_until(actor_exists("office") || program_is_over(node));
    tr_pid_text(actor_pid("porter"), pid);
    struct program *by_name = start_waiting("--gone", "porter");
    struct program *by_pid = start_waiting("--gone", pid);
    expect_fine(run_tool("exit", "porter", "{done, 1}", NULL));
    program_expect_exit(by_name, 0);
    assert_string_equal(expect_fine(by_pid), "{done,1}\n");
    assert_string_equal(expect_fine(run_tool("wait", "-g", pid, NULL)), "{done,1}\n");
    assert_int_equal(node_stop(node), 0);
}

static void who_is_not_there_is_gone(void **state)
{
    (void)state;
    assert_string_equal(expect_fine(run_tool("wait", "-g", "quiet", NULL)), "");
    struct program *node = stage_start();
    assert_string_equal(expect_fine(run_tool("wait", "-g", "nobody", NULL)), "");
    assert_string_equal(expect_fine(run_tool("wait", "-g", "1", NULL)), "");
    struct program *waiting = start_waiting("-g", "quiet");
    assert_int_equal(node_stop(node), 0);
    program_expect_exit(waiting, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(wait_returns_at_once_when_somebody_is_there),
        node_test(wait_begins_before_there_is_a_node),
        node_test(wait_waits_until_a_server_answers),
        node_test(the_end_of_patience_is_told),
        node_test(what_will_never_be_is_not_waited_for),
        node_test(wait_gone_returns_with_the_reason),
        node_test(who_is_not_there_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
