/* Rules 35, 43 and 48 of SEMANTICS.md: supervisors under supervisors, and their ends. The cases are actors, in
 * actors/rules_trees.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_trees", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 35, 43: trees */
    rule(a_supervisor_is_made_of_a_term),
    rule(a_supervisor_that_gives_up_is_started_again_by_its_own),
    /* SEMANTICS 48: its own end */
    rule(exit_from_a_stranger_is_ignored),
    rule(a_supervisor_ends_with_its_parent),
    rule(a_supervisor_ends_with_its_parent_also_normally),
    rule(children_of_a_supervisor_that_exit_2_kills_get_killed),
    rule(a_supervisor_that_is_killed_is_started_again_with_its_children),
    /* names that the dead leave behind */
    rule(a_name_that_an_orphan_still_has_is_waited_for),
    rule(a_name_of_what_exit_2_has_orphaned_is_waited_for),
    rule(a_killed_tree_is_out_of_the_way_of_the_next),
    rule(a_name_that_an_orphan_keeps_is_told_with_its_owner),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
