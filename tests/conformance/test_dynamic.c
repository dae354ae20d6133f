/* Rule 45 of SEMANTICS.md, and others once more: supervisors whose children have no order. The cases are actors, in
 * actors/rules_dynamic.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_dynamic", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 45: side by side */
    rule(children_start_side_by_side),
    rule(children_stop_side_by_side),
    rule(one_that_hangs_in_init_delays_nobody),
    rule(one_that_hangs_in_init_ends_with_its_supervisor),
    rule(one_that_waits_for_its_name_delays_nobody),
    /* SEMANTICS 38 to 46: as those with an order */
    rule(instances_are_started_again_with_their_own_arguments),
    rule(instances_are_known_by_their_pids),
    rule(one_that_waits_to_be_started_again_is_terminated),
    rule(instances_share_the_intensity),
    rule(a_dynamic_supervisor_takes_any_child),
    rule(more_than_max_children_are_refused),
    rule(one_that_fails_to_start_leaves_nothing),
    /* SEMANTICS 45, 48: many */
    rule(a_thousand_children_start_and_stop),
    rule(a_thousand_children_end_when_their_supervisor_is_killed),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
