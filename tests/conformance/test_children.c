/* Rules 44, 46 and 47 of SEMANTICS.md: what a supervisor is asked for, and how it describes its children. The cases are
 * actors, in actors/rules_children.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_children", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 44: stopping */
    rule(a_child_that_takes_too_long_to_end_is_killed),
    rule(brutal_kill_kills_at_once),
    rule(a_child_that_unlinks_cannot_hang_its_supervisor),
    rule(a_stopped_child_cannot_hang_its_supervisor),
    /* SEMANTICS 46: what is asked for */
    rule(a_terminated_child_keeps_its_spec),
    rule(a_duplicate_id_is_refused),
    rule(a_spec_is_shown_as_OTP_shows_it),
    rule(a_plain_actor_is_a_child_too),
    rule(a_program_is_a_child_too),
    rule(an_unknown_request_harms_nobody),
    /* SEMANTICS 47: auto-shutdown, and specs that are wrong */
    rule(specs_that_make_no_sense_are_refused),
    rule(a_significant_child_that_ends_ends_its_supervisor),
    rule(all_significant_children_must_have_ended),
    rule(a_significant_child_that_was_terminated_ends_nothing),
    /* system messages */
    rule(a_supervisor_answers_system_messages),
    rule(a_change_of_code_that_makes_no_sense_changes_nothing),
    rule(what_a_change_of_code_has_added_starts_with_the_others),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
