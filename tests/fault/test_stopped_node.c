/* A node that is stopped, and one that has died, can still be looked at: ps reads shared memory and the kernel. */
#include <signal.h>
#include <string.h>

#include "support/census.h"
#include "support/fixture.h"
#include "support/node.h"

static struct program *brood_start(void)
{
    struct program *node = node_start("bin/tests/brood", "3", "0", NULL);
    wait_until(actor_exists("brood") || program_is_over(node));
    return node;
}

static void a_stopped_node_is_listed_and_said_to_be_stopped(void **state)
{
    (void)state;
    struct program *node = brood_start();
    pid_t os_pid = node_os_pid();
    assert_true(process_stop(os_pid));
    struct program *ps = run_tool("ps", NULL);
    assert_int_equal(kill(os_pid, SIGCONT), 0);
    program_expect_exit(ps, 0);
    assert_non_null(strstr(program_stdout(ps), "brood"));
    assert_non_null(strstr(program_stdout(ps), "child"));
    assert_non_null(strstr(program_stderr(ps), "stopped"));
    assert_int_equal(node_stop(node), 0);
}

static void who_asks_a_stopped_node_is_told_that_it_is_stopped(void **state)
{
    (void)state;
    struct program *node = brood_start();
    pid_t os_pid = node_os_pid();
    assert_true(process_stop(os_pid));
    struct program *tool = run_tool("send", "brood", "hello", NULL);
    assert_int_equal(kill(os_pid, SIGCONT), 0);
    program_expect_exit(tool, 2);
    assert_non_null(strstr(program_stderr(tool), "stopped"));
    assert_int_equal(node_stop(node), 0);
}

static void actors_talk_while_the_node_is_stopped(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/talkers", NULL);
    wait_until(actor_exists("talker") || program_is_over(node));
    pid_t os_pid = node_os_pid();
    assert_true(process_stop(os_pid));
    size_t seen = strlen(program_stdout(node));
    wait_until(strlen(program_stdout(node)) > seen + 100);
    assert_int_equal(kill(os_pid, SIGCONT), 0);
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_stopped_node_is_listed_and_said_to_be_stopped),
        node_test(who_asks_a_stopped_node_is_told_that_it_is_stopped),
        node_test(actors_talk_while_the_node_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
