/* Bounded mailboxes in a whole node. The cases are actors, in actors/bounds.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/bounds", name)

static const struct CMUnitTest tests[] = {
    /* its senders wait */
    rule(many_senders_wait_for_a_full_mailbox_and_nothing_is_lost),
    rule(a_sender_that_may_not_wait_is_told_that_the_mailbox_is_full),
    rule(a_stopped_receiver_with_a_bound_gets_everything_when_it_goes_on),
    rule(what_waits_with_a_killed_sender_comes_before_its_DOWN),
    rule(a_selective_receive_finds_what_waits_behind_a_full_mailbox),
    rule(a_receive_that_does_not_wait_lets_one_message_in),
    rule(two_with_full_mailboxes_that_flood_each_other_go_on),
    rule(three_with_full_mailboxes_in_a_ring_go_on),
    rule(who_waits_for_a_full_mailbox_keeps_its_own_bound),
    rule(signals_and_own_messages_find_room_where_senders_wait),
    /* messages are dropped */
    rule(what_finds_no_room_is_dropped_and_counted),
    rule(bytes_count_as_well_as_messages),
    rule(an_awaited_answer_is_not_dropped),
    rule(signals_and_own_messages_find_room_where_messages_are_dropped),
    /* it dies */
    rule(a_message_too_many_kills_with_the_reason_limit_mailbox),
    rule(a_byte_too_many_kills_with_the_reason_limit_mailbox),
    rule(a_mailbox_that_is_just_full_does_not_kill),
    rule(what_one_has_said_that_its_mailbox_kills_arrives),
    rule(an_actor_that_computes_for_ever_is_killed_too),
    rule(an_exit_status_alone_is_no_limit),
    rule(signals_and_own_messages_do_not_kill),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
