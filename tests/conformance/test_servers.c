/* Rules 26 to 31 of SEMANTICS.md: servers, and system messages. The cases are actors, in actors/rules_servers.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_servers", name)

static void a_traced_server_prints_what_it_does(void **state)
{
    (void)state;
    struct program *node =
        node_start("bin/tests/rules_servers", ":a_traced_server_prints_what_it_does", NULL);
    program_expect_exit(node, 0);
    const char *seen = program_stderr(node);
    assert_non_null(strstr(seen, "*DBG* foo got call {reply,1} from <0.1.1>\n"
                                 "*DBG* foo sent 1 to <0.1.1>\n"
                                 "*DBG* foo new state []\n"
                                 "*DBG* foo got cast hello\n"
                                 "*DBG* foo new state []\n"
                                 "*DBG* foo got world\n"));
    assert_null(strstr(seen, "unseen"));
}

static const struct CMUnitTest tests[] = {
    /* SEMANTICS 26: stop with a reply */
    rule(stop_with_reply_sends_the_reply_first),
    /* SEMANTICS 27, 28: time-outs and continuations */
    rule(an_idle_server_gets_timeout),
    rule(any_message_cancels_the_idle_timeout),
    rule(a_queued_message_comes_before_a_timeout_of_zero),
    rule(a_continuation_of_init_runs_before_queued_messages),
    rule(a_continuation_runs_before_queued_messages),
    /* SEMANTICS 29: nonsense */
    rule(a_callback_that_returns_nonsense_ends_the_server),
    rule(a_callback_that_is_missing_ends_the_server),
    /* SEMANTICS 30: terminate */
    rule(terminate_runs_when_a_callback_stops),
    rule(terminate_runs_when_a_callback_fails),
    rule(terminate_runs_at_EXIT_from_the_parent_while_trapping),
    rule(terminate_does_not_run_at_shutdown_without_trapping),
    rule(terminate_does_not_run_at_kill),
    rule(EXIT_from_a_stranger_goes_to_handle_info),
    rule(terminate_runs_when_a_call_fails_in_a_callback),
    /* SEMANTICS 31: stop */
    rule(stop_waits_for_the_end),
    rule(stop_that_takes_too_long_is_a_timeout_of_the_caller),
    /* system messages */
    rule(the_state_can_be_seen_and_replaced),
    rule(the_status_has_the_shape_of_OTP),
    rule(a_suspended_server_answers_system_messages_only),
    rule(a_suspended_server_ends_with_its_parent),
    rule(code_is_changed_while_suspended),
    rule(messages_are_counted_when_asked_for),
    node_test(a_traced_server_prints_what_it_does),
    rule(unknown_system_messages_are_refused),
    rule(a_server_is_asked_to_terminate),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
