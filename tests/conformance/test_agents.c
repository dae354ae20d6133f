/* Agents, by the rules 3, 8, 23, 24, 29, 32 and 33 of SEMANTICS.md and by what Elixir's Agent answers. The cases are actors,
 * in actors/rules_agents.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_agents", name)

static const struct CMUnitTest tests[] = {
    /* functions */
    rule(functions_see_and_change_the_state),
    rule(functions_of_many_clients_run_one_after_the_other),
    rule(a_state_may_be_any_term_of_any_size),
    /* SEMANTICS 3, 8, 23, 29: failures */
    rule(a_function_that_is_not_there_ends_the_agent),
    rule(a_function_that_fails_ends_the_agent),
    rule(an_agent_that_is_killed_in_a_call_gives_the_signal),
    rule(a_function_that_returns_nonsense_ends_the_agent),
    rule(a_call_that_is_none_of_an_agents_ends_it),
    rule(other_messages_are_dropped),
    rule(nobody_is_no_agent),
    /* SEMANTICS 24, 32, 33: what servers can do */
    rule(a_start_fails_as_that_of_a_server),
    rule(the_state_can_be_seen_and_replaced),
    rule(an_agent_is_asked_without_waiting),
    rule(a_function_is_no_actor),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
