/* Rules 1 to 5 of SEMANTICS.md: signals and their order. The cases are actors, in actors/rules_order.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_order", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 1: order */
    rule(messages_arrive_in_the_order_sent),
    rule(exit_signals_keep_their_place_among_messages),
    rule(name_pid_and_alias_are_one_address),
    rule(large_messages_keep_their_place),
    rule(messages_to_oneself_arrive_in_order),
    /* SEMANTICS 2: exit signals need no receive */
    rule(an_exit_signal_ends_a_receiver_that_computes),
    rule(an_exit_signal_ends_a_receiver_that_sleeps),
    rule(an_exit_signal_ends_a_receiver_that_is_stopped),
    rule(a_link_ends_a_receiver_that_is_stopped),
    rule(trapping_after_the_exit_signal_does_not_save),
    /* SEMANTICS 3: sending to the dead */
    rule(sending_to_a_dead_pid_is_silent),
    rule(sending_to_an_unregistered_name_is_an_outcome),
    /* SEMANTICS 4: resources before DOWN */
    rule(after_DOWN_the_name_is_free),
    rule(after_EXIT_the_name_is_free),
    /* SEMANTICS 5: last words */
    rule(words_before_return_arrive_before_DOWN),
    rule(words_before_return_reach_the_late),
    rule(words_before_exit_normal_arrive_before_DOWN),
    rule(words_before_exit_normal_reach_the_late),
    rule(words_before_exit_boom_arrive_before_DOWN),
    rule(words_before_exit_boom_reach_the_late),
    rule(words_before__exit_0_arrive_before_DOWN),
    rule(words_before__exit_0_reach_the_late),
    rule(words_before__exit_3_arrive_before_DOWN),
    rule(words_before__exit_3_reach_the_late),
    rule(words_before_exit_3_arrive_before_DOWN),
    rule(words_before_exit_3_reach_the_late),
    rule(words_before_sigsegv_arrive_before_DOWN),
    rule(words_before_sigsegv_reach_the_late),
    rule(words_before_sigkill_arrive_before_DOWN),
    rule(words_before_sigkill_reach_the_late),
    rule(words_before_abort_arrive_before_DOWN),
    rule(words_before_abort_reach_the_late),
    rule(words_before_overflow_arrive_before_DOWN),
    rule(words_before_overflow_reach_the_late),
    rule(words_arrive_before_the_EXIT_of_a_link),
    rule(the_words_of_one_who_is_interrupted_have_no_gap),
    rule(the_words_of_many_who_die_at_once_arrive),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
