/* Rules 23 to 25 of SEMANTICS.md: calls. Each case is a root actor. */
#include "conformance/clerk.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

/* Calls a clerk and ends as OTP's callers do; what it ends with is the boss's to see. Argument: {Server, TimeoutMs, Request}. */
TR_ACTOR(otp_caller)
{
    tr_pid pid;
    tr_atom name;
    tr_term request;
    char text[64];
    long timeout_ms;
    if (tr_match(argument, "{Pid, Ms, Request}", &pid, &timeout_ms, &request) == 0) {
        tr_call_or_exit(pid, timeout_ms, NULL, "R", request);
    } else {
        CHECK(tr_match(argument, "{Name, Ms, Request}", &name, &timeout_ms, &request) == 0);
        tr_atom_text(name, text, sizeof text);
        tr_call_or_exit(text, timeout_ms, NULL, "R", request);
    }
}

/* Lets another actor make a call and tells how it ended: its DOWN must match. */
#define EXPECT_END_OF_CALLER(argument, holes, down, ...)                                           \
    do {                                                                                           \
        tr_pid caller;                                                                             \
        tr_ref caller_ref;                                                                         \
        CHECK(tr_spawn_monitor(&caller, &caller_ref, "otp_caller", argument,                       \
                               CALLER_HOLES holes) == 0);                                          \
        EXPECT("{'DOWN', Ref, process, _, " down "}", caller_ref, ##__VA_ARGS__);                  \
    } while (0)
#define CALLER_HOLES(...) __VA_ARGS__

/* ---------------------------------------------------------------- 23: why a call fails */

/* SEMANTICS 23 */
TR_ACTOR(a_call_gives_the_reply)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    long n;
    CHECK(tr_call(clerk, LONG_MS, &reply, "{reply, {value, N}}", 5) == 0);
    CHECK(tr_match(reply.term, "{value, N}", &n) == 0 && n == 5);
    CHECK(tr_call(clerk, LONG_MS, NULL, "{reply, unwanted}") == 0);
}

/* SEMANTICS 23: dead. */
TR_ACTOR(calling_the_dead_exits_with_noproc)
{
    TR_REPLY reply = {0};
    tr_pid dead = dead_process();
    CHECK(tr_call(dead, LONG_MS, &reply, "get") == TR_NOPROC);
    CHECK(tr_is_atom(reply.term, "noproc"));
    CHECK(tr_call(unborn_process(), LONG_MS, NULL, "get") == TR_NOPROC);
    EXPECT_END_OF_CALLER("{Pid, 5000, get}", (dead),
                         "{noproc, {gen_server, call, [Dead, get, 5000]}}", dead);
    EXPECT_NOTHING();
}

/* SEMANTICS 23: unregistered. */
TR_ACTOR(calling_an_unregistered_name_exits_with_noproc)
{
    CHECK(tr_call("nobody", LONG_MS, NULL, "get") == TR_NOPROC);
    EXPECT_END_OF_CALLER("{Name, 5000, {get, 1}}", (atom("nobody")),
                         "{noproc, {gen_server, call, [Name, {get, 1}, 5000]}}", atom("nobody"));
    EXPECT_NOTHING();
}

TR_ACTOR(self_caller) { tr_call_or_exit(tr_self(), 5000, NULL, "get"); }

/* SEMANTICS 23 */
TR_ACTOR(calling_oneself_exits_with_calling_self)
{
    TR_REPLY reply = {0};
    tr_pid caller;
    tr_ref ref;
    CHECK(tr_call(tr_self(), LONG_MS, &reply, "get") == TR_CALLING_SELF);
    CHECK(tr_is_atom(reply.term, "calling_self"));
    CHECK(tr_spawn_monitor(&caller, &ref, "self_caller", "[]") == 0);
    EXPECT("{'DOWN', Ref, process, _, {calling_self, {gen_server, call, [Self, get, 5000]}}}", ref,
           caller);
    EXPECT_NOTHING();
}

/* SEMANTICS 23 */
TR_ACTOR(a_call_that_takes_too_long_exits_with_timeout)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_call(clerk, 10, &reply, "silence") == TR_TIMEOUT);
    CHECK(tr_is_atom(reply.term, "timeout"));
    CHECK(tr_call(clerk, 0, NULL, "silence") == TR_TIMEOUT);
    EXPECT_END_OF_CALLER("{Pid, 10, silence}", (clerk),
                         "{timeout, {gen_server, call, [Clerk, silence, 10]}}", clerk);
    CHECK(TR_CALL_TIMEOUT_MS == 5000);
}

/* SEMANTICS 23: the server's own reason. */
TR_ACTOR(a_server_that_stops_gives_the_caller_its_reason)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_call(clerk, LONG_MS, &reply, "{stop, {no_disk, 7}}") == TR_DOWN);
    CHECK(tr_match(reply.term, "{no_disk, 7}") == 0);
    clerk = clerk_new("ok");
    EXPECT_END_OF_CALLER("{Pid, 5000, {stop, boom}}", (clerk),
                         "{boom, {gen_server, call, [Clerk, {stop, boom}, 5000]}}", clerk);
}

/* SEMANTICS 23: normal included. */
TR_ACTOR(a_server_that_stops_normally_without_a_reply_gives_normal)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_call(clerk, LONG_MS, &reply, "{stop, normal}") == TR_DOWN);
    CHECK(tr_is_atom(reply.term, "normal"));
    clerk = clerk_new("ok");
    EXPECT_END_OF_CALLER("{Pid, -1, {stop, normal}}", (clerk),
                         "{normal, {gen_server, call, [Clerk, {stop, normal}, infinity]}}", clerk);
}

/* SEMANTICS 23, 8: a native death is a reason too; also in a second call, when the server is watched already. */
TR_ACTOR(a_server_that_is_killed_in_a_call_gives_the_signal)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    clerk_await(clerk);
    CHECK(tr_call(clerk, LONG_MS, &reply, "sigkill") == TR_DOWN);
    CHECK(tr_match(reply.term, "{signal, sigkill, _}") == 0);
    CHECK(tr_call(clerk, LONG_MS, &reply, "get") == TR_NOPROC);
    clerk = clerk_new("ok");
    CHECK(tr_call(clerk, LONG_MS, &reply, "sigkill") == TR_DOWN);
    CHECK(tr_match(reply.term, "{signal, sigkill, _}") == 0);
}

/* SEMANTICS 23: whatever the race between the end and the call, the reason is its own, or noproc when it came too late. */
TR_ACTOR(the_reason_of_a_call_is_right_in_every_race)
{
    TR_REPLY reply = {0};
    for (int round = 0; round < 100; round++) {
        tr_pid clerk = clerk_new("ok");
        if (round % 2)
            clerk_await(clerk);
        tr_cast(clerk, "{stop, {boom, N}}", round);
        for (volatile int spin = 0; spin < round * 2000; spin++)
            ;
        int r = tr_call(clerk, LONG_MS, &reply, "get");
        CHECK(r == TR_NOPROC || r == TR_DOWN);
        CHECK(r == TR_NOPROC || tr_match(reply.term, "{boom, N}", round) == 0);
    }
}

/* Stops a process as a debugger does, and sends to it until there is no more room, and stays none. */
static void stop_and_fill(tr_pid pid)
{
    struct tr_out info = {0};
    pid_t os_pid = 0;
    CHECK(tr_process_info(pid, &info) == 0);
    CHECK(tr_match(tr_out_term(&info), "#{os_pid => P}", &os_pid) == 0 && os_pid > 1);
    tr_out_deinit(&info);
    CHECK(kill(os_pid, SIGSTOP) == 0);
    for (int refusals = 0; refusals < 100;) {
        refusals = tr_send_nowait(pid, "filler") == TR_BUSY ? refusals + 1 : 0;
        if (refusals > 0)
            tr_receive {
                tr_after(1) {
                }
            }
    }
}

/* SEMANTICS 23, 31: also when there is not even room for the question. */
TR_ACTOR(asking_somebody_who_takes_nothing_in_times_out)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    stop_and_fill(clerk);
    CHECK(tr_call(clerk, 50, &reply, "get") == TR_TIMEOUT);
    CHECK(tr_is_atom(reply.term, "timeout"));
    CHECK(tr_call(clerk, 0, NULL, "get") == TR_TIMEOUT);
    CHECK(tr_sys_get_state(clerk, 50, &reply) == TR_TIMEOUT);
    CHECK(tr_server_stop(clerk, 50, &reply, "normal") == TR_TIMEOUT);
    CHECK(tr_is_alive(clerk));
    CHECK(tr_exit_process(clerk, "kill") == 0);
}

/* A caller that takes nothing in holds up who answers it no longer than it lives, and no longer than is wished. */
TR_ACTOR(answering_somebody_who_takes_nothing_in_ends)
{
    struct tr_from from;
    struct tr_out term = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_put(&term, "{Clerk, tag}", clerk) == 0);
    CHECK(tr_from_get(tr_out_term(&term), &from));
    tr_out_deinit(&term);
    CHECK(tr_reply_nowait(&from, "{reply, N}", 1) == 0);
    stop_and_fill(clerk);
    CHECK(tr_reply_nowait(&from, "{reply, N}", 2) == TR_BUSY);
    CHECK(tr_is_alive(clerk));
    CHECK(tr_exit_process(clerk, "kill") == 0);
    CHECK(tr_reply(&from, "{reply, N}", 3) == 0);
    CHECK(!tr_is_alive(clerk));
}

/* ---------------------------------------------------------------- 24: how a call is made */

/* SEMANTICS 24: OTP's shapes, to the letter. */
TR_ACTOR(a_call_has_the_shape_of_OTP)
{
    tr_pid puppet = puppet_new(), pid;
    tr_ref ref;
    struct tr_request request;
    CHECK(tr_send_request(tr_self(), &request, "{get, 1}") == 0);
    EXPECT_NEXT("{'$gen_call', {Pid, [alias | Ref]}, {get, 1}}", &pid, &ref);
    CHECK(tr_pid_equal(pid, tr_self()));
    TR_REPLY reply = {0};
    TELL(puppet, "{reply, Alias, {[alias | Alias], {value, 1}}}", ref, ref);
    CHECK(tr_wait_response(&request, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{value, 1}") == 0);
    tr_cast(tr_self(), "{add, N}", 1);
    EXPECT_NEXT("{'$gen_cast', {add, 1}}");
    EXPECT_NOTHING();
}

/* SEMANTICS 24: a server answers calls that were made by hand, whichever tag OTP uses. */
TR_ACTOR(a_server_answers_every_tag_that_OTP_uses)
{
    tr_pid clerk = clerk_new("ok");
    tr_ref alias = tr_alias(TR_ALIAS);
    tr_send(clerk, "{'$gen_call', {Self, [alias | Ref]}, {reply, 1}}", tr_self(), alias);
    EXPECT("{[alias | Ref], 1}", alias);
    tr_send(clerk, "{'$gen_call', {Self, [[alias | Ref] | more]}, {reply, 2}}", tr_self(), alias);
    EXPECT("{[[alias | Ref] | more], 2}", alias);
    tr_send(clerk, "{'$gen_call', {Self, Ref}, {reply, 3}}", tr_self(), alias);
    EXPECT("{Ref, 3}", alias);
    tr_send(clerk, "{'$gen_call', {Self, {any, tag}}, {reply, 4}}", tr_self());
    EXPECT("{{any, tag}, 4}");
    tr_send(clerk, "{'$gen_call', nobody, {reply, 5}}");
    EXPECT("{saw, handle_info, {'$gen_call', nobody, {reply, 5}}}");
}

/* SEMANTICS 24: a call does not take what is not its reply, and leaves the mailbox as it was. */
TR_ACTOR(a_call_leaves_other_messages_alone)
{
    tr_pid clerk = clerk_new("ok");
    tr_send(tr_self(), "first");
    CHECK(tr_call(clerk, LONG_MS, NULL, "{reply, 1}") == 0);
    tr_send(tr_self(), "second");
    EXPECT("{saw, handle_call, {reply, 1}}");
    CHECK(tr_call(clerk, LONG_MS, NULL, "{reply, 2}") == 0);
    EXPECT_NEXT("first");
    EXPECT_NEXT("second");
    EXPECT_NEXT("{saw, handle_call, {reply, 2}}");
    EXPECT_NOTHING();
}

/* Fills its bounded mailbox, whose bound is two messages, and calls: {Clerk}. */
TR_ACTOR(crowded)
{
    tr_pid clerk;
    struct tr_out info = {0};
    tr_term length;
    int64_t messages = 0;
    CHECK(tr_match(argument, "{Clerk}", &clerk) == 0);
    while (messages < 2) {
        tr_out_reset(&info);
        CHECK(tr_process_info(tr_self(), &info) == 0);
        CHECK(tr_map_get_atom(tr_out_term(&info), "message_queue_len", &length));
        CHECK(tr_get_integer(length, &messages));
        usleep(1000);
    }
    tr_out_deinit(&info);
    for (int i = 0; i < 10; i++)
        CHECK(tr_call(clerk, LONG_MS, NULL, "{reply, N}", i) == 0);
    EXPECT_NEXT("{word, 0}");
    EXPECT_NEXT("{word, 1}");
}

/* SEMANTICS 24: a mailbox that is full has room for the reply. */
TR_ACTOR(a_full_mailbox_has_room_for_the_reply)
{
    static const unsigned policies[] = {TR_MAILBOX_WAITS, TR_MAILBOX_DROPS};
    struct tr_out to_clerk = {0};
    tr_put(&to_clerk, "{Clerk}", clerk_new("ok"));
    for (int i = 0; i < 2; i++) {
        struct tr_spawn_options options = {
            .flags = TR_SPAWN_MONITOR, .mailbox_max_messages = 2, .mailbox_policy = policies[i]};
        tr_pid pid;
        tr_ref ref;
        CHECK(tr_spawn_term("crowded", &options, tr_out_term(&to_clerk), &pid, &ref) == 0);
        for (int word = 0; word < 5; word++)
            tr_send(pid, "{word, N}", word);
        EXPECT("{'DOWN', Ref, process, _, normal}", ref);
    }
    tr_out_deinit(&to_clerk);
}

/* SEMANTICS 24: casts are silent, whoever is there. */
TR_ACTOR(a_cast_is_silent)
{
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_cast("nobody", "{add, 1}") == 0);
    CHECK(tr_cast(dead_process(), "{add, 1}") == 0);
    CHECK(tr_cast(clerk, "{add, 1}") == 0);
    EXPECT_NEXT("{saw, handle_cast, {add, 1}}");
}

/* SEMANTICS 24: the caller is told of its server by a monitor, which calls leave behind only as one. */
TR_ACTOR(calls_cost_the_node_one_monitor_for_each_server)
{
    struct tr_out info = {0};
    tr_term map, monitors;
    struct tr_iter iter;
    tr_pid clerk = clerk_new("ok");
    for (int i = 0; i < 100; i++)
        clerk_await(clerk);
    CHECK(tr_process_info(tr_self(), &info) == 0);
    map = tr_out_term(&info);
    CHECK(tr_map_get_atom(map, "monitors", &monitors) && tr_get_list(monitors, &iter));
    CHECK(iter.left == 1);
    tr_out_deinit(&info);
}

/* SEMANTICS 24: who calls more servers than it keeps watching still hears of each one's end. */
TR_ACTOR(a_caller_of_a_hundred_servers_hears_of_each_end)
{
    static tr_pid clerks[100];
    TR_REPLY reply = {0};
    for (int i = 0; i < 100; i++)
        clerks[i] = clerk_new("ok");
    for (int i = 0; i < 100; i++)
        clerk_await(clerks[i]);
    for (int i = 0; i < 100; i++) {
        CHECK(tr_call(clerks[i], LONG_MS, &reply, "{stop, {boom, N}}", i) == TR_DOWN);
        CHECK(tr_match(reply.term, "{boom, N}", i) == 0);
    }
}

/* SEMANTICS 24, 5: the reply of one that dies right after it counts. */
TR_ACTOR(a_reply_that_was_sent_before_death_is_not_lost)
{
    TR_REPLY reply = {0};
    for (int i = 0; i < 50; i++) {
        tr_pid clerk = clerk_new("ok");
        CHECK(tr_call(clerk, LONG_MS, &reply, "{stop, boom, {last, N}}", i) == 0);
        CHECK(tr_match(reply.term, "{last, N}", i) == 0);
    }
}

/* ---------------------------------------------------------------- 25: too late */

/* SEMANTICS 25 */
TR_ACTOR(a_late_reply_is_dropped)
{
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_call(clerk, 10, NULL, "silence") == TR_TIMEOUT);
    EXPECT("{saw, handle_call, silence}");
    tr_cast(clerk, "{answer, late}");
    EXPECT("{saw, handle_cast, _}");
    CHECK(tr_call(clerk, LONG_MS, &reply, "{reply, in_time}") == 0);
    CHECK(tr_is_atom(reply.term, "in_time"));
    EXPECT("{saw, handle_call, _}");
    EXPECT_NOTHING();
}

/* SEMANTICS 25: the server works on what its caller has given up. */
TR_ACTOR(a_timeout_does_not_cancel_the_work)
{
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_call(clerk, 10, NULL, "{wait, {continue, work}}") == TR_TIMEOUT);
    clerk_go();
    EXPECT("{saw, handle_continue, work}");
}

/* SEMANTICS 25 */
TR_ACTOR(replying_to_a_dead_caller_is_harmless)
{
    tr_pid clerk = clerk_new("ok");
    EXPECT_END_OF_CALLER("{Pid, 10, silence}", (clerk), "{timeout, _}");
    tr_cast(clerk, "{answer, too_late}");
    clerk_await(clerk);
}

/* ---------------------------------------------------------------- several at once */

/* SEMANTICS 24: send_request and wait_response. */
TR_ACTOR(several_servers_are_asked_at_once)
{
    struct tr_request requests[3];
    TR_REPLY reply = {0};
    size_t which;
    long sum = 0, n;
    for (int i = 0; i < 3; i++)
        CHECK(tr_send_request(clerk_new("ok"), &requests[i], "{reply, N}", 1 << i) == 0);
    for (int i = 0; i < 3; i++) {
        CHECK(tr_wait_responses(requests, 3, LONG_MS, &which, &reply) == 0);
        CHECK(tr_match(reply.term, "N", &n) == 0 && n == 1 << which);
        sum += n;
    }
    CHECK(sum == 7);
    CHECK(tr_wait_responses(requests, 3, LONG_MS, &which, &reply) == TR_FIRED);
}

/* SEMANTICS 23: each request tells why it failed. */
TR_ACTOR(a_request_tells_why_there_is_no_response)
{
    struct tr_request requests[3];
    TR_REPLY reply = {0};
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_send_request("nobody", &requests[0], "get") == 0);
    CHECK(tr_send_request(dead_process(), &requests[1], "get") == 0);
    CHECK(tr_send_request(clerk, &requests[2], "{stop, boom}") == 0);
    CHECK(tr_wait_response(&requests[0], LONG_MS, &reply) == TR_NOPROC);
    CHECK(tr_wait_response(&requests[1], LONG_MS, &reply) == TR_NOPROC);
    CHECK(tr_wait_response(&requests[2], LONG_MS, &reply) == TR_DOWN);
    CHECK(tr_is_atom(reply.term, "boom"));
}

/* SEMANTICS 25: wait_response keeps a request that takes long, receive_response gives it up. */
TR_ACTOR(a_request_is_kept_until_it_is_given_up)
{
    struct tr_request kept, given_up;
    TR_REPLY reply = {0};
    tr_pid first = clerk_new("ok"), second = clerk_new("ok");
    CHECK(tr_send_request(first, &kept, "silence") == 0);
    CHECK(tr_send_request(second, &given_up, "silence") == 0);
    CHECK(tr_wait_response(&kept, 10, &reply) == TR_TIMEOUT);
    CHECK(tr_receive_response(&given_up, 10, &reply) == TR_TIMEOUT);
    tr_cast(second, "{answer, late}");
    clerk_await(second);
    tr_cast(first, "{answer, done}");
    CHECK(tr_wait_response(&kept, LONG_MS, &reply) == 0 && tr_is_atom(reply.term, "done"));
    while (tr_flush() > 0)
        ;
    clerk_await(second);
    EXPECT_NOTHING();
}

/* SEMANTICS 24: a response may be received like any other message. */
TR_ACTOR(a_received_message_is_checked_for_a_response)
{
    struct tr_request request;
    TR_REPLY reply = {0};
    struct tr_message *message;
    tr_pid clerk = clerk_new("ok");
    tr_send(tr_self(), "something_else");
    CHECK(tr_send_request(clerk, &request, "{reply, 5}") == 0);
    int r = TR_NO_MATCH;
    while (r == TR_NO_MATCH) {
        CHECK(tr_receive_select(NULL, NULL, LONG_MS, &message) == 0);
        r = tr_check_response(tr_message_term(message), &request, &reply);
        CHECK(r == TR_NO_MATCH || tr_match(reply.term, "5") == 0);
        tr_message_free(message);
    }
    CHECK(r == 0);
}

/* SEMANTICS 24: a reply may be given by another callback, or by another actor. */
TR_ACTOR(another_actor_may_answer)
{
    struct tr_request request;
    TR_REPLY reply = {0};
    tr_term term;
    struct tr_from from;
    tr_pid clerk = clerk_new("ok");
    CHECK(tr_send_request(clerk, &request, "silence") == 0);
    tr_cast(clerk, "{pass_on, Self}", tr_self());
    tr_receive {
        tr_case("{please_answer, From}", &term)
            CHECK(tr_from_get(term, &from));
    }
    CHECK(tr_pid_equal(tr_from_pid(&from), tr_self()));
    CHECK(tr_reply(&from, "{from_elsewhere, 1}") == 0);
    CHECK(tr_wait_response(&request, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{from_elsewhere, 1}") == 0);
}
