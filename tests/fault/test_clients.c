/* Clients of servers that are stopped or killed, and of a node that is stopped. */
#include "support/node.h"

static void run_client(const char *entry)
{
    struct program *node = node_start("bin/tests/clients", entry, NULL);
    program_expect_exit(node, 0);
}

static void calls_go_on_while_the_node_is_stopped(void **state)
{
    (void)state;
    run_client(":calls_go_on");
}

static void the_late_answers_of_a_stopped_server_are_dropped(void **state)
{
    (void)state;
    run_client(":a_stopped_server");
}

static void a_server_killed_in_the_middle_of_a_call_is_heard_of(void **state)
{
    (void)state;
    run_client(":a_killed_server");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(calls_go_on_while_the_node_is_stopped),
        node_test(the_late_answers_of_a_stopped_server_are_dropped),
        node_test(a_server_killed_in_the_middle_of_a_call_is_heard_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
