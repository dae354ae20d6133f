/* Rules 19 to 22 of SEMANTICS.md: receive and timers. The cases are actors, in actors/rules_receive.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_receive", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 19: selective receive */
    rule(the_oldest_message_that_matches_is_taken),
    rule(the_order_of_messages_counts_not_that_of_cases),
    rule(what_does_not_match_stays_in_its_order),
    rule(break_and_continue_leave_the_receive),
    rule(receive_since_passes_over_what_is_older),
    rule(the_plain_functions_obey_the_same_rules),
    /* SEMANTICS 20: after 0 */
    rule(after_0_scans_the_whole_mailbox_first),
    rule(after_0_does_not_wait),
    rule(after_0_sees_the_words_of_the_dead),
    /* SEMANTICS 21: one deadline */
    rule(messages_that_do_not_match_do_not_restart_the_timeout),
    rule(a_timeout_is_never_early),
    rule(a_negative_timeout_waits_for_ever),
    /* SEMANTICS 22: timers */
    rule(send_after_delivers_the_message_not_early),
    rule(start_timer_delivers_timeout_with_its_reference),
    rule(timers_fire_in_the_order_of_their_times),
    rule(cancel_timer_tells_the_time_that_was_left),
    rule(a_cancelled_timer_does_not_fire),
    rule(the_message_of_a_timer_that_fired_stays),
    rule(a_timer_can_serve_another_process),
    rule(a_timer_for_another_outlives_its_maker),
    rule(a_timer_for_the_dead_is_silent),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
