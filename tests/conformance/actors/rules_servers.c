/* Rules 26 to 31 of SEMANTICS.md, and system messages. Each case is a root actor. */
#include "conformance/clerk.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

/* ---------------------------------------------------------------- 26: stop with a reply */

/* SEMANTICS 26 */
TR_ACTOR(stop_with_reply_sends_the_reply_first)
{
    TR_REPLY reply = {0};
    struct tr_request request;
    tr_pid clerk = clerk_new("ok");
    tr_ref ref = watch(clerk);
    CHECK(tr_send_request(clerk, &request, "{stop, slowly, bye}") == 0);
    CHECK(tr_wait_response(&request, LONG_MS, &reply) == 0 && tr_is_atom(reply.term, "bye"));
    EXPECT("{saw, terminate, slowly}");
    CHECK(tr_is_alive(clerk));
    clerk_go();
    EXPECT("{'DOWN', Ref, process, _, slowly}", ref);
}

/* ---------------------------------------------------------------- 27, 28: time-outs and continuations */

/* SEMANTICS 27 */
TR_ACTOR(an_idle_server_gets_timeout)
{
    tr_pid clerk = clerk_new("{timeout, 10}");
    EXPECT_NEXT("{saw, handle_info, timeout}");
    tr_cast(clerk, "{timeout, 0}");
    EXPECT_NEXT("{saw, handle_cast, _}");
    EXPECT_NEXT("{saw, handle_info, timeout}");
    clerk_await(clerk);
    EXPECT_NOTHING();
}

/* SEMANTICS 27: any message; the callback that handles it sets no new one. */
TR_ACTOR(any_message_cancels_the_idle_timeout)
{
    tr_pid clerk = clerk_new("{timeout, 1500}");
    tr_send(clerk, "hello");
    EXPECT_NEXT("{saw, handle_info, hello}");
    tr_start_timer(2500, tr_self(), NULL, "later");
    EXPECT_NEXT("{timeout, _, later}");
    clerk_await(clerk);
    EXPECT_NOTHING();
}

/* SEMANTICS 27: a message that is there already, one to itself, comes before a timeout of 0. */
TR_ACTOR(a_queued_message_comes_before_a_timeout_of_zero)
{
    tr_pid clerk = clerk_new("ok");
    tr_cast(clerk, "{queue, hello, {timeout, 0}}");
    EXPECT_NEXT("{saw, handle_cast, _}");
    EXPECT_NEXT("{saw, handle_info, hello}");
    clerk_await(clerk);
    EXPECT_NOTHING();
}

/* SEMANTICS 28: its own message to itself was in the mailbox before init returned. */
TR_ACTOR(a_continuation_of_init_runs_before_queued_messages)
{
    clerk_new("{queue, queued, {continue, load}}");
    EXPECT_NEXT("{saw, handle_continue, load}");
    EXPECT_NEXT("{saw, handle_info, queued}");
}

/* SEMANTICS 28: and so does every other. */
TR_ACTOR(a_continuation_runs_before_queued_messages)
{
    tr_pid clerk = clerk_new("ok");
    tr_cast(clerk, "{wait, {continue, {continue, last}}}");
    EXPECT_NEXT("{saw, handle_cast, _}");
    tr_send(clerk, "hello");
    clerk_go();
    EXPECT_NEXT("{saw, handle_continue, {continue, last}}");
    EXPECT_NEXT("{saw, handle_continue, last}");
    EXPECT_NEXT("{saw, handle_info, hello}");
}

/* ---------------------------------------------------------------- 29: nonsense */

/* SEMANTICS 29: a step that is none; a reply where nobody asked; an end of init in the middle. */
TR_ACTOR(a_callback_that_returns_nonsense_ends_the_server)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_call(clerk, LONG_MS, &reply, "nonsense") == TR_DOWN);
    CHECK(tr_match(reply.term, "{bad_return_value, {step, 0}}") == 0);
    EXPECT("{saw, terminate, {bad_return_value, _}}");
    clerk = clerk_new("ok");
    tr_ref ref = watch(clerk);
    tr_cast(clerk, "{reply, x}");
    EXPECT("{'DOWN', Ref, process, _, {bad_return_value, {reply, x}}}", ref);
    clerk = clerk_new("ok");
    ref = watch(clerk);
    tr_send(clerk, "ignore");
    EXPECT("{'DOWN', Ref, process, _, {bad_return_value, ignore}}", ref);
    clerk = clerk_new("{continue, {reply, y}}");
    EXPECT("{saw, terminate, {bad_return_value, {reply, y}}}");
}

/* A server without callbacks. */
static struct tr_step bare_init(tr_term argument, void **ret_state)
{
    (void)argument;
    (void)ret_state;
    return tr_ok();
}
static const struct tr_server_callbacks bare_callbacks = {.init = bare_init};
TR_SERVER(bare, &bare_callbacks)

/* SEMANTICS 29, as OTP's undef: a callback that is not there. */
TR_ACTOR(a_callback_that_is_missing_ends_the_server)
{
    TR_REPLY reply = {0};
    tr_pid bare;
    CHECK(tr_server_start(&bare, "bare", NULL, "[]") == 0);
    tr_send(bare, "dropped");
    CHECK(tr_call(bare, LONG_MS, &reply, "get") == TR_DOWN);
    CHECK(tr_match(reply.term, "{undef, [{bare, handle_call, 3, []}]}") == 0);
}

/* ---------------------------------------------------------------- 30: terminate */

/* SEMANTICS 30: a callback stops. */
TR_ACTOR(terminate_runs_when_a_callback_stops)
{
    tr_pid clerk = clerk_new("ok");
    tr_ref ref = watch(clerk);
    tr_cast(clerk, "{stop, {out_of, paper}}");
    EXPECT_NEXT("{saw, handle_cast, _}");
    EXPECT_NEXT("{saw, terminate, {out_of, paper}}");
    EXPECT_NEXT("{'DOWN', Ref, process, _, {out_of, paper}}", ref);
}

/* SEMANTICS 30: a callback fails, by its own tr_exit. */
TR_ACTOR(terminate_runs_when_a_callback_fails)
{
    tr_pid clerk = clerk_new("ok");
    tr_ref ref = watch(clerk);
    tr_send(clerk, "{exit, {failed, 1}}");
    EXPECT_NEXT("{saw, handle_info, _}");
    EXPECT_NEXT("{saw, terminate, {failed, 1}}");
    EXPECT_NEXT("{'DOWN', Ref, process, _, {failed, 1}}", ref);
}

/* SEMANTICS 30: EXIT from the parent, while trapping. */
TR_ACTOR(terminate_runs_at_EXIT_from_the_parent_while_trapping)
{
    tr_trap_exit(true);
    tr_pid clerk = clerk_new_with(NULL, TR_SPAWN_LINK, "{trap, ok}");
    CHECK(tr_exit_process(clerk, "shutdown") == 0);
    EXPECT_NEXT("{saw, terminate, shutdown}");
    EXPECT_NEXT("{'EXIT', Clerk, shutdown}", clerk);
}

/* SEMANTICS 30 */
TR_ACTOR(terminate_does_not_run_at_shutdown_without_trapping)
{
    tr_trap_exit(true);
    tr_pid clerk = clerk_new_with(NULL, TR_SPAWN_LINK, "ok");
    CHECK(tr_exit_process(clerk, "shutdown") == 0);
    EXPECT_NEXT("{'EXIT', Clerk, shutdown}", clerk);
    EXPECT_NOTHING();
}

/* SEMANTICS 30 */
TR_ACTOR(terminate_does_not_run_at_kill)
{
    tr_trap_exit(true);
    tr_pid clerk = clerk_new_with(NULL, TR_SPAWN_LINK, "{trap, ok}");
    CHECK(tr_exit_process(clerk, "kill") == 0);
    EXPECT_NEXT("{'EXIT', Clerk, killed}", clerk);
    EXPECT_NOTHING();
}

/* SEMANTICS 30 */
TR_ACTOR(EXIT_from_a_stranger_goes_to_handle_info)
{
    tr_pid clerk = clerk_new("{trap, ok}"), puppet = puppet_new();
    TELL(puppet, "{exit, Clerk, shutdown}", clerk);
    EXPECT("{saw, handle_info, {'EXIT', Puppet, shutdown}}", puppet);
    CHECK(tr_exit_process(clerk, "shutdown") == 0); /* who only started it is no parent */
    EXPECT("{saw, handle_info, {'EXIT', Self, shutdown}}", tr_self());
    clerk_await(clerk);
}

/* SEMANTICS 30: a failed call in a callback is a failure of that callback (23). */
TR_ACTOR(terminate_runs_when_a_call_fails_in_a_callback)
{
    tr_pid clerk = clerk_new("ok");
    tr_cast(clerk, "call_nobody");
    EXPECT("{saw, terminate, {noproc, {gen_server, call, [nobody, get, 5000]}}}");
}

/* ---------------------------------------------------------------- 31: stop */

/* SEMANTICS 31 */
TR_ACTOR(stop_waits_for_the_end)
{
    TR_REPLY why = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_server_stop(clerk, LONG_MS, NULL, "{time_to, go}") == 0);
    CHECK(!tr_is_alive(clerk));
    EXPECT_NEXT("{saw, terminate, {time_to, go}}");
    EXPECT_NOTHING();
    CHECK(tr_server_stop(clerk, LONG_MS, NULL, "normal") == TR_NOPROC);
    CHECK(tr_server_stop("nobody", LONG_MS, NULL, "normal") == TR_NOPROC);
    CHECK(tr_server_stop(tr_self(), LONG_MS, NULL, "normal") == TR_CALLING_SELF);
    clerk = clerk_new("ok");
    tr_cast(clerk, "{stop, before}");
    int r = tr_server_stop(clerk, LONG_MS, &why, "normal");
    CHECK(r == TR_NOPROC || (r == TR_DOWN && tr_is_atom(why.term, "before")));
    EXPECT("{saw, terminate, before}");
}

/* SEMANTICS 31: the time is over for the caller, not for the server. */
TR_ACTOR(stop_that_takes_too_long_is_a_timeout_of_the_caller)
{
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_server_stop(clerk, 50, NULL, "slowly") == TR_TIMEOUT);
    EXPECT("{saw, terminate, slowly}");
    CHECK(tr_is_alive(clerk));
    tr_ref ref = watch(clerk);
    clerk_go();
    EXPECT_NEXT("{'DOWN', Ref, process, _, slowly}", ref);
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- system messages */

TR_ACTOR(the_state_can_be_seen_and_replaced)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_sys_get_state(clerk, LONG_MS, &reply) == 0 && tr_match(reply.term, "[]") == 0);
    CHECK(tr_sys_replace_state(clerk, LONG_MS, &reply, "{state, N}", 7) == 0);
    CHECK(tr_match(reply.term, "{state, 7}") == 0);
    CHECK(tr_sys_get_state(clerk, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{state, 7}") == 0);
    CHECK(tr_sys_replace_state(clerk, LONG_MS, &reply, "unwanted") == TR_REFUSED);
    CHECK(tr_match(reply.term, "{callback_failed, set_state, _}") == 0);
    CHECK(tr_sys_get_state("nobody", LONG_MS, &reply) == TR_NOPROC);
    EXPECT_NOTHING();
}

/* As sys:get_status/1 of OTP 25 shows it. */
TR_ACTOR(the_status_has_the_shape_of_OTP)
{
    struct tr_start_options options = {.name = "foo"};
    struct tr_out expected = {0};
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new_with(&options, TR_SPAWN_LINK, "ok");
    CHECK(tr_sys_get_status("foo", LONG_MS, &reply) == 0);
    CHECK(tr_parse("[{header, \"Status for generic server foo\"},"
                   " {data, [{\"Status\", running}, {\"Parent\", x}, {\"Logged events\", []}]},"
                   " {data, [{\"State\", []}]}]",
                   &expected, NULL, NULL) == 0);
    tr_term header, status, data, parent;
    CHECK(tr_match(tr_out_term(&expected), "[Header, {data, [Status | _]}, Data]", &header, &status,
                   &data) == 0);
    CHECK(tr_match(reply.term,
                   "{status, Clerk, {module, clerk}, [[], running, Self, [],"
                   " [Header, {data, [Status, {_, Parent}, {_, []}]}, Data]]}",
                   clerk, tr_self(), header, status, &parent, data) == 0);
    CHECK(tr_match(parent, "Self", tr_self()) == 0);
    tr_out_deinit(&expected);
}

TR_ACTOR(a_suspended_server_answers_system_messages_only)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_sys_suspend(clerk, LONG_MS) == 0);
    tr_send(clerk, "first");
    CHECK(tr_call(clerk, 20, NULL, "second") == TR_TIMEOUT);
    CHECK(tr_sys_get_status(clerk, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{status, _, _, [_, suspended, _, _, _]}") == 0);
    CHECK(tr_sys_get_state(clerk, LONG_MS, NULL) == 0);
    EXPECT_NOTHING();
    CHECK(tr_sys_resume(clerk, LONG_MS) == 0);
    EXPECT_NEXT("{saw, handle_info, first}");
    EXPECT_NEXT("{saw, handle_call, second}");
}

TR_ACTOR(a_suspended_server_ends_with_its_parent)
{
    tr_trap_exit(true);
    tr_pid clerk = clerk_new_with(NULL, TR_SPAWN_LINK, "{trap, ok}");
    CHECK(tr_sys_suspend(clerk, LONG_MS) == 0);
    tr_exit_process(clerk, "shutdown");
    EXPECT_NEXT("{saw, terminate, shutdown}");
    EXPECT_NEXT("{'EXIT', Clerk, shutdown}", clerk);
}

TR_ACTOR(code_is_changed_while_suspended)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    tr_atom extra = atom("extra");
    CHECK(tr_sys_change_code(clerk, LONG_MS, &reply, 1, extra) == TR_REFUSED);
    CHECK(tr_match(reply.term, "{unknown_system_msg, {change_code, undefined, 1, extra}}") == 0);
    CHECK(tr_sys_suspend(clerk, LONG_MS) == 0);
    CHECK(tr_sys_change_code(clerk, LONG_MS, NULL, 1, atom("unwanted")) == TR_REFUSED);
    CHECK(tr_sys_change_code(clerk, LONG_MS, &reply, 1, extra) == 0);
    CHECK(tr_sys_resume(clerk, LONG_MS) == 0);
    CHECK(tr_sys_get_state(clerk, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{was, 1, extra}") == 0);
}

TR_ACTOR(messages_are_counted_when_asked_for)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    long in, out;
    CHECK(tr_sys_statistics(clerk, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{ok, no_statistics}") == 0);
    CHECK(tr_sys_statistics_on(clerk, LONG_MS) == 0);
    clerk_await(clerk);
    tr_cast(clerk, "hello");
    tr_send(clerk, "hello");
    CHECK(tr_sys_statistics(clerk, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term,
                   "{ok, [{start_time, {{_, _, _}, {_, _, _}}},"
                   " {current_time, {{_, _, _}, {_, _, _}}},"
                   " {reductions, _}, {messages_in, In}, {messages_out, Out}]}",
                   &in, &out) == 0);
    CHECK(in == 3 && out == 1);
    CHECK(tr_sys_statistics_off(clerk, LONG_MS) == 0);
    CHECK(tr_sys_statistics(clerk, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{ok, no_statistics}") == 0);
}

/* What it prints is looked at by the test that runs this. */
TR_ACTOR(a_traced_server_prints_what_it_does)
{
    struct tr_start_options options = {.name = "foo"};
    tr_pid clerk = clerk_new_with(&options, 0, "ok");
    CHECK(tr_sys_trace_on(clerk, LONG_MS) == 0);
    CHECK(tr_call(clerk, LONG_MS, NULL, "{reply, 1}") == 0);
    tr_cast(clerk, "hello");
    tr_send(clerk, "world");
    CHECK(tr_sys_trace_off(clerk, LONG_MS) == 0);
    tr_cast(clerk, "unseen");
    clerk_await(clerk);
}

TR_ACTOR(unknown_system_messages_are_refused)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_sys_ask(clerk, LONG_MS, &reply, "what") == 0);
    CHECK(tr_match(reply.term, "{error, {unknown_system_msg, what}}") == 0);
    CHECK(tr_sys_ask(clerk, LONG_MS, &reply, "{debug, what}") == 0);
    CHECK(tr_match(reply.term, "unknown_debug") == 0);
    tr_send(clerk, "{system, nobody, get_state}");
    EXPECT_NEXT("{saw, handle_info, {system, nobody, get_state}}");
}

TR_ACTOR(a_server_is_asked_to_terminate)
{
    tr_pid clerk = clerk_new("ok");
    tr_ref ref = watch(clerk);
    CHECK(tr_sys_terminate(clerk, LONG_MS, "{enough, 1}") == 0);
    EXPECT_NEXT("{saw, terminate, {enough, 1}}");
    EXPECT_NEXT("{'DOWN', Ref, process, _, {enough, 1}}", ref);
}
