/* Rules 32 to 34 of SEMANTICS.md: the start handshake. The cases are actors, in actors/rules_start.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_start", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 32: what start tells */
    rule(start_link_blocks_until_init_has_returned),
    rule(an_init_that_ignores_is_told_as_ignore),
    rule(an_init_that_fails_is_told_with_its_reason),
    rule(a_name_that_is_taken_is_told_with_its_owner),
    rule(a_start_that_takes_too_long_kills_the_child),
    rule(start_monitor_gives_a_monitor),
    rule(a_server_that_was_spawned_runs_too),
    rule(the_word_of_a_child_keeps_its_place_among_its_messages),
    /* SEMANTICS 33: nothing is left behind */
    rule(a_failed_start_leaves_neither_name_nor_EXIT),
    rule(a_successful_start_leaves_nothing_but_its_link),
    /* SEMANTICS 34: linked and not trapping */
    rule(a_linked_caller_that_does_not_trap_dies_with_the_reason_of_init),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
