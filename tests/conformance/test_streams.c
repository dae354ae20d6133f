/* Streams of tasks, by what Elixir's Task.async_stream does, and rule 12 of SEMANTICS.md. The cases are actors, in
 * actors/rules_streams.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_streams", name)

static const struct CMUnitTest tests[] = {
    /* order and number */
    rule(results_come_in_the_order_of_the_arguments),
    rule(unordered_results_come_as_they_are_ready),
    rule(as_many_tasks_run_at_once_as_are_allowed),
    rule(tasks_that_may_run_at_once_are_born_at_once),
    rule(a_source_is_read_no_faster_than_results_are_asked_for),
    rule(a_slow_one_holds_back_as_many_as_is_said_and_no_more),
    rule(an_empty_list_gives_no_results),
    /* SEMANTICS 12: failures */
    rule(a_late_task_is_killed_and_the_others_go_on),
    rule(an_owner_that_traps_exits_is_told_of_each_failure),
    rule(an_owner_that_does_not_trap_exits_fails_with_its_tasks),
    rule(a_task_that_cannot_be_started_is_a_result),
    rule(closing_a_stream_kills_what_runs),
    rule(closing_a_stream_kills_what_is_being_born),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
