/* Senders that are many, in haste, or dead, and promises 1, 2 and 4 of the design. The cases are actors, in
 * actors/senders.c; a thousand connects at once are among the storms. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/senders", name)

static void a_storm_of_connects_to_one_who_computes_loses_nothing(void **state)
{
    (void)state;
    program_expect_exit(node_start("bin/tests/senders", ":storm_of_connects", "200", NULL), 0);
}

static void a_storm_of_connections_to_one_who_is_stopped_loses_nothing(void **state)
{
    (void)state;
    program_expect_exit(node_start("bin/tests/senders", ":storm_of_connections", "100", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rule(words_of_the_dead_reach_a_stopped_receiver),
        node_test(a_storm_of_connects_to_one_who_computes_loses_nothing),
        node_test(a_storm_of_connections_to_one_who_is_stopped_loses_nothing),
        rule(four_that_flood_each_other_do_not_hang),
        rule(one_who_computes_for_seconds_loses_nothing_of_fifty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
