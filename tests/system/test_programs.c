/* Programs as actors, in a whole node. The cases are actors, in actors/programs.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/programs", name)

static const struct CMUnitTest tests[] = {
    rule(sort_prints_when_its_input_has_ended),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
