/* Spawn request: spawns that are answered by a message. The cases are actors, in actors/requests.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/requests", name)

static const struct CMUnitTest tests[] = {
    rule(many_births_are_under_way_at_once),
    rule(what_cannot_be_born_is_said_with_its_reason),
    rule(who_watches_by_name_what_is_never_born_is_told),
    rule(the_answer_comes_before_the_death),
    rule(a_spawn_that_waits_does_not_mind_those_that_do_not),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
