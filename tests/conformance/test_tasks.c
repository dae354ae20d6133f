/* Tasks, by the rules 5, 7, 8, 11, 12 and 23 to 25 of SEMANTICS.md and by what Elixir's Task answers. The cases are actors,
 * in actors/rules_tasks.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_tasks", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 5, 24: results */
    rule(a_task_gives_its_result),
    rule(a_result_has_the_shape_of_a_reply),
    rule(a_task_that_puts_nothing_gives_ok),
    rule(a_task_that_puts_two_terms_has_failed),
    rule(a_task_that_is_not_there_is_not_started),
    rule(a_task_can_be_spawned_for_its_effect),
    rule(results_of_any_size_arrive),
    /* SEMANTICS 7, 8, 12, 23: links and reasons */
    rule(a_task_that_fails_takes_its_owner_along),
    rule(an_owner_that_fails_takes_its_tasks_along),
    rule(a_task_outlives_an_owner_that_ends_normally),
    rule(a_task_that_fails_gives_its_reason),
    rule(a_task_that_is_killed_gives_the_signal),
    rule(a_task_that_leaves_normally_without_a_result_gives_normal),
    /* SEMANTICS 23, 25: time */
    rule(a_task_that_takes_too_long_is_given_up),
    rule(await_or_exit_ends_its_caller_as_Elixir_does),
    rule(yield_can_be_repeated),
    /* many */
    rule(results_of_many_come_in_the_order_of_the_tasks),
    rule(awaiting_many_ends_at_the_first_that_fails),
    rule(awaiting_many_takes_one_time_for_all),
    rule(yielding_to_many_tells_the_outcome_of_each),
    /* SEMANTICS 5, 11: shutdown */
    rule(shutdown_ends_a_task),
    rule(shutdown_kills_at_once_when_told_so),
    rule(shutdown_kills_when_the_time_is_over),
    rule(shutdown_gives_the_result_that_has_come),
    rule(shutdown_gives_the_reason_of_one_that_has_ended),
    rule(shutdown_is_right_in_every_race),
    rule(an_ignored_task_goes_on_unlinked),
    rule(a_received_message_is_checked_for_a_result),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
