/* Inquests: what is found out about a death, and that nobody waits for it longer than the bound, whatever becomes of the
 * coroner. The cases are actors, in actors/inquests.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/inquests", name)

static const struct CMUnitTest tests[] = {
    rule(a_crash_names_function_file_and_report),
    rule(who_is_linked_is_told_the_place_too),
    signal_rule_of("bin/tests/inquests", a_hang_names_the_function),
    rule(a_death_without_a_place_names_its_report),
    memory_rule_of("bin/tests/inquests", a_limit_of_memory_without_a_place_names_its_report),
    rule(a_reason_without_room_for_a_name_is_told_as_it_is),
    rule(what_it_said_last_is_in_the_report),
    rule(a_killed_coroner_is_replaced),
    rule(a_stopped_coroner_holds_nobody_back),
    rule(a_coroner_that_dies_over_an_inquest_holds_nobody_back),
    rule(who_is_read_by_a_coroner_that_dies_is_read_by_the_next),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
