/* Rules 35 to 42, 49 and 50 of SEMANTICS.md: supervisors whose children have an order: who is started, and started again,
 * and when. The cases are actors, in actors/rules_supervisors.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_supervisors", name)

/* SEMANTICS 49: only ends that nobody planned are reported. */
static void a_death_that_nobody_planned_is_reported(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/rules_supervisors",
                                      ":permanent_transient_and_temporary_differ", NULL);
    program_expect_exit(node, 0);
    const char *seen = program_stderr(node);
    assert_non_null(strstr(seen, "child b <0."));
    assert_non_null(strstr(seen, "has died: boom"));
    assert_non_null(strstr(seen, "child c <0."));
    assert_null(strstr(seen, "{shutdown,1}"));
}

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 35, 36, 37: beginning and end */
    rule(children_start_first_to_last_and_stop_last_to_first),
    rule(a_child_that_fails_at_first_ends_its_supervisor),
    rule(a_start_that_fails_leaves_no_spec_and_the_supervisor),
    rule(a_name_that_is_taken_is_told_with_its_owner),
    rule(a_child_that_ignores_is_kept_unless_it_is_temporary),
    rule(a_supervisor_may_ignore),
    /* SEMANTICS 38, 39, 40: who is started again */
    rule(one_for_one_starts_that_one),
    rule(rest_for_one_starts_it_and_those_behind_it),
    rule(one_for_all_starts_all),
    rule(a_child_that_is_killed_is_started_again),
    rule(a_child_that_unlinks_is_started_again),
    rule(permanent_transient_and_temporary_differ),
    rule(one_for_all_revives_one_that_had_ended),
    /* SEMANTICS 41, 42, 43: enough */
    rule(too_many_restarts_end_the_supervisor),
    rule(the_second_restart_within_five_seconds_is_too_much),
    rule(a_death_counts_once_however_many_restart),
    rule(a_restart_that_fails_in_init_is_tried_again_and_counts),
    /* SEMANTICS 49: reports */
    node_test(a_death_that_nobody_planned_is_reported),
    /* SEMANTICS 50: back-off */
    rule(a_restart_waits_when_its_spec_asks_for_it),
    rule(waits_end_and_the_child_runs),
    rule(a_new_incarnation_is_told_why_the_last_one_died),
    rule(an_incarnation_whose_predecessor_was_stopped_is_told_so),
    /* beyond OTP */
    rule(a_fork_that_fails_is_tried_again_and_does_not_count),
    rule(a_supervisor_waits_for_room_for_its_first_children),
    rule(a_supervisor_that_waits_for_room_ends_with_its_parent),
    rule(one_that_dies_while_the_next_waits_for_room_is_started_again),
    rule(a_child_whose_init_hangs_is_killed_when_its_time_is_over),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
