/* Surroundings: actors with a directory and an environment of their own. The cases are actors, in actors/surroundings.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/surroundings", name)

static const struct CMUnitTest tests[] = {
    rule(an_actor_works_where_its_spawner_says),
    rule(an_actor_has_the_environment_that_it_is_given),
    rule(surroundings_are_an_actors_own),
    rule(surroundings_may_be_large),
    rule(a_directory_that_is_not_there_is_the_outcome_of_the_spawn),
    rule(a_server_starts_in_its_surroundings),
    rule(a_child_that_is_started_again_has_its_surroundings_again),
    rule(a_child_without_its_directory_fails_to_start),
    rule(a_program_works_where_its_actor_does),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
