/* Registries, by the rules 4, 7 and 23 of SEMANTICS.md and by what Elixir's Registry answers. The cases are actors, in
 * actors/rules_registries.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_registries", name)

static const struct CMUnitTest tests[] = {
    /* unique keys */
    rule(a_unique_key_has_one_holder),
    rule(a_key_of_another_process_is_taken),
    rule(keys_are_equal_as_in_Erlang),
    /* duplicate keys */
    rule(a_duplicate_key_has_any_number_of_registrations),
    rule(unregistering_leaves_others_under_the_key),
    rule(dispatch_visits_all_under_a_key),
    rule(many_keys_of_many_processes_are_kept_apart),
    /* SEMANTICS 4, 7: death */
    rule(nobody_finds_the_dead),
    rule(the_key_of_a_dead_process_is_free),
    rule(everything_of_the_dead_is_freed),
    rule(a_registry_outlives_those_who_are_registered),
    rule(those_who_are_registered_die_with_the_registry),
    /* SEMANTICS 23: bad input */
    rule(nobody_is_no_registry),
    rule(a_registry_refuses_nonsense),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
