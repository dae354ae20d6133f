/* Tasks under a supervisor, by the rules 7, 12, 24, 39, 44 and 45 of SEMANTICS.md and by what Elixir's Task.Supervisor does.
 * The cases are actors, in actors/rules_supervised_tasks.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_supervised_tasks", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 24, 39: results */
    rule(a_supervised_task_gives_its_result),
    rule(a_supervised_task_is_never_started_again),
    /* SEMANTICS 7, 12: links */
    rule(a_failing_task_takes_along_only_who_is_linked),
    rule(an_owner_that_fails_takes_along_only_linked_tasks),
    /* SEMANTICS 44, 45: the supervisor */
    rule(tasks_end_with_their_supervisor),
    rule(a_supervisor_may_bound_its_tasks),
    rule(a_supervised_task_that_is_not_there_is_refused),
    rule(a_task_whose_owner_is_gone_before_it_begins_ends),
    /* streams */
    rule(a_supervised_stream_gives_results_in_order),
    rule(a_stream_without_links_tells_of_failures),
    rule(a_supervised_stream_is_linked_where_that_is_asked_for),
    rule(a_stream_has_no_more_tasks_than_its_supervisor_allows),
    rule(a_stream_without_its_supervisor_starts_nothing),
    rule(closing_a_supervised_stream_kills_its_tasks),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
