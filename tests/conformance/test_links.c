/* Rules 9 to 12 of SEMANTICS.md: links. The cases are actors, in actors/rules_links.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_links", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 9: one link per pair */
    rule(linked_twice_and_unlinked_once_is_unlinked),
    rule(linked_from_both_sides_is_one_link),
    rule(either_side_can_unlink),
    rule(linking_to_oneself_does_nothing),
    rule(a_link_works_in_both_directions),
    /* SEMANTICS 10: links to the dead */
    rule(a_trapping_caller_is_told_that_the_other_is_dead),
    rule(a_caller_that_does_not_trap_dies_with_noproc),
    /* SEMANTICS 11: unlink */
    rule(after_unlink_no_EXIT_arrives),
    rule(an_EXIT_in_the_mailbox_survives_unlink),
    rule(unlink_of_a_stranger_does_nothing),
    /* SEMANTICS 12: atomic with the birth */
    rule(spawn_link_misses_no_death),
    rule(spawn_monitor_misses_no_death),
    rule(a_child_never_lives_without_the_link_to_its_parent),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
