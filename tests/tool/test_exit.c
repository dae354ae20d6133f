/* exit: an exit signal from outside. */
#include "tool.h"

/* The stage's root is linked with quiet, so it ends for the same reason, and the node tells it. */
static void the_reason_is_shutdown_unless_another_is_given(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_fine(run_tool("exit", "quiet", NULL));
    program_expect_exit(node, 0);
}

static void a_reason_of_ones_own_reaches_the_links(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_fine(run_tool("exit", "quiet", "{no, more, work}", NULL));
    program_expect_exit(node, 1);
    expect_in(program_stderr(node), "{no,more,work}");
}

static void who_traps_exits_gets_a_message(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_fine(run_tool("send", "quiet", "trap", NULL));
    expect_fine(run_tool("send", "quiet", "done", NULL));
    wait_until(strstr(program_stdout(node), "got done\n"));
    expect_fine(run_tool("exit", "quiet", "tired", NULL));
    wait_until(strstr(program_stdout(node), ",tired}\n"));
    expect_in(program_stdout(node), "got {'EXIT',<0.");
    assert_int_equal(node_stop(node), 0);
}

static void kill_ends_who_never_receives(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_fine(run_tool("send", "quiet", "trap", NULL));
    expect_fine(run_tool("send", "quiet", "compute", NULL));
    expect_fine(run_tool("exit", "quiet", "kill", NULL));
    program_expect_exit(node, 137);
    expect_in(program_stderr(node), "killed");
}

static void a_reason_with_a_mistake_is_refused(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_complaint(run_tool("exit", "quiet", "{a", NULL), 1, "character 3", NULL);
    expect_complaint(run_tool("exit", "nobody", NULL), 1, "nobody", NULL);
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(the_reason_is_shutdown_unless_another_is_given),
        node_test(a_reason_of_ones_own_reaches_the_links),
        node_test(who_traps_exits_gets_a_message),
        node_test(kill_ends_who_never_receives),
        node_test(a_reason_with_a_mistake_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
