/* Rules 13 to 18 of SEMANTICS.md: monitors and aliases. The cases are actors, in actors/rules_monitors.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_monitors", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 13: monitors of the dead, and of names */
    rule(monitoring_a_dead_pid_gives_DOWN_with_noproc),
    rule(monitoring_an_unregistered_name_gives_DOWN_with_noproc),
    rule(the_DOWN_of_a_monitored_name_tells_name_and_node),
    rule(a_monitored_name_means_the_process_that_had_it),
    /* SEMANTICS 14: monitors stack */
    rule(three_monitors_give_three_DOWNs),
    rule(demonitor_ends_one_of_several_monitors),
    rule(the_watched_one_learns_nothing_of_its_watcher),
    /* SEMANTICS 15: demonitor */
    rule(demonitor_of_the_living_tells_that_it_was_active),
    rule(demonitor_leaves_a_delivered_DOWN),
    rule(demonitor_with_flush_removes_a_delivered_DOWN),
    rule(after_demonitor_with_flush_no_DOWN_arrives),
    /* SEMANTICS 17: aliases */
    rule(an_alias_is_an_address_until_it_is_withdrawn),
    rule(unalias_keeps_what_has_arrived),
    rule(a_reply_alias_is_good_for_one_message),
    rule(a_reply_ends_the_monitor_of_its_alias),
    rule(DOWN_withdraws_a_monitors_alias),
    rule(demonitor_withdraws_a_monitors_alias),
    /* SEMANTICS 18: EXIT before DOWN */
    rule(EXIT_comes_before_DOWN),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
