/* A stopped template holds back the births that were asked of it, and nothing else: deaths are told meanwhile, also when
 * a zombie whom nobody knows stands before them in the kernel's list.
 */
#include <signal.h>

#include "support/census.h"
#include "support/fixture.h"
#include "support/node.h"

static void deaths_are_told_while_the_template_is_stopped(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/orphaned", NULL);
    wait_until(actor_exists("ready") || program_is_over(node));
    pid_t os_pid = 0; /* a newborn actor has the template's name for a moment */
    wait_until((os_pid = census_child(node_os_pid(), "template")) || program_is_over(node));
    assert_true(os_pid > 1);
    assert_true(process_stop(os_pid));
    program_expect_exit(run_tool("send", "ready", "template_is_stopped", NULL), 0);
    wait_until(actor_exists("told") || program_is_over(node));
    assert_int_equal(kill(os_pid, SIGCONT), 0);
    program_expect_exit(node, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(deaths_are_told_while_the_template_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
