/* Rules 23 to 25 of SEMANTICS.md: calls. The cases are actors, in actors/rules_calls.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_calls", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 23: why a call fails */
    rule(a_call_gives_the_reply),
    rule(calling_the_dead_exits_with_noproc),
    rule(calling_an_unregistered_name_exits_with_noproc),
    rule(calling_oneself_exits_with_calling_self),
    rule(a_call_that_takes_too_long_exits_with_timeout),
    rule(asking_somebody_who_takes_nothing_in_times_out),
    rule(answering_somebody_who_takes_nothing_in_ends),
    rule(a_server_that_stops_gives_the_caller_its_reason),
    rule(a_server_that_stops_normally_without_a_reply_gives_normal),
    rule(a_server_that_is_killed_in_a_call_gives_the_signal),
    rule(the_reason_of_a_call_is_right_in_every_race),
    /* SEMANTICS 24: how a call is made */
    rule(a_call_has_the_shape_of_OTP),
    rule(a_server_answers_every_tag_that_OTP_uses),
    rule(a_call_leaves_other_messages_alone),
    rule(a_full_mailbox_has_room_for_the_reply),
    rule(a_cast_is_silent),
    rule(calls_cost_the_node_one_monitor_for_each_server),
    rule(a_caller_of_a_hundred_servers_hears_of_each_end),
    rule(a_reply_that_was_sent_before_death_is_not_lost),
    /* SEMANTICS 25: too late */
    rule(a_late_reply_is_dropped),
    rule(a_timeout_does_not_cancel_the_work),
    rule(replying_to_a_dead_caller_is_harmless),
    /* several at once */
    rule(several_servers_are_asked_at_once),
    rule(a_request_tells_why_there_is_no_response),
    rule(a_request_is_kept_until_it_is_given_up),
    rule(a_received_message_is_checked_for_a_response),
    rule(another_actor_may_answer),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
