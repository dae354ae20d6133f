/* Scripted: the troupe side of test_erl_server.c: plays a script with a clerk and prints what erl_server.erl prints. */
#include "conformance/clerk.h"
#include "conformance/script.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

static struct {
    tr_pid clerk;
    tr_ref monitor;
    bool is_watched;
    struct tr_request request;
} boss;

/* ---------------------------------------------------------------- acts: each appends its result */

/* Everything that was sent to the clerk has been handled, or it has died. */
static void await_clerk(struct tr_out *result)
{
    if (tr_sys_get_state("foo", LONG_MS, NULL) == 0) {
        tr_put_atom(result, "ok");
    } else if (!boss.is_watched) {
        tr_put_atom(result, "none");
    } else {
        EXPECT("{'DOWN', Ref, process, _, _}", boss.monitor);
        boss.is_watched = false;
        tr_put_atom(result, "gone");
    }
}

static void start(tr_term plan, unsigned flags, struct tr_out *result)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.name = "foo", .ret_reason = &why};
    struct tr_out clerk_argument = {0};
    tr_put(&clerk_argument, "{Boss, Plan}", tr_self(), plan);
    int r = tr_server_start_term("clerk", flags, &options, tr_out_term(&clerk_argument),
                                 &boss.clerk, NULL);
    tr_out_deinit(&clerk_argument);
    if (r == 0) {
        boss.monitor = watch(boss.clerk);
        boss.is_watched = true;
        tr_put_atom(result, "ok");
    } else if (r == TR_TAKEN) {
        tr_put(result, "{error, already_started}");
    } else if (r == TR_IGNORED) {
        tr_put_atom(result, "ignore");
    } else {
        tr_put(result, "{error, Why}", why.term);
    }
}

/* Makes the calls: those that fail end it, as OTP's callers end. */
TR_ACTOR(caller)
{
    TR_REPLY reply = {0};
    tr_term request;
    long timeout_ms = -1;
    if (tr_match(argument, "{call, Request, Ms}", &request, &timeout_ms) != 0)
        CHECK(tr_match(argument, "{call, Request, infinity}", &request) == 0);
    tr_call_or_exit("foo", timeout_ms, &reply, "R", request);
    tr_exit("{reply, R}", reply.term);
}

static void call(tr_term act, struct tr_out *result)
{
    tr_ref ref;
    tr_term term;
    struct tr_spawn_options options = {.flags = TR_SPAWN_MONITOR};
    CHECK(tr_spawn_term("caller", &options, act, NULL, &ref) == 0);
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, {reply, Term}}", ref, &term)
            tr_put_term(result, term);
        tr_case("{'DOWN', Ref, process, _, Term}", ref, &term)
            tr_put(result, "{exit, Why}", term);
    }
}

static void response(long timeout_ms, struct tr_out *result)
{
    TR_REPLY reply = {0};
    int r = tr_wait_response(&boss.request, timeout_ms, &reply);
    if (r == 0)
        tr_put(result, "{reply, R}", reply.term);
    else if (r == TR_TIMEOUT)
        tr_put_atom(result, "timeout");
    else
        tr_put(result, "{error, Why}", reply.term);
}

static void stop(tr_term reason, struct tr_out *result)
{
    TR_REPLY why = {0};
    int r = tr_server_stop("foo", -1, &why, "R", reason);
    if (r == 0)
        tr_put_atom(result, "ok");
    else
        tr_put(result, "{exit, Why}", why.term);
}

static void send_exit(tr_term reason, struct tr_out *result)
{
    tr_exit_process_term(boss.clerk, reason);
    tr_receive {
        tr_case("{'EXIT', _, Why}", &reason)
            tr_put(result, "{'EXIT', Why}", reason);
    }
}

static void await_callback(tr_atom callback, struct tr_out *result)
{
    tr_term term;
    tr_receive {
        tr_case("{saw, Callback, Term}", callback, &term)
            tr_put(result, "{saw, Callback, Term}", callback, term);
    }
}

static void play(tr_term act, struct tr_out *result)
{
    TR_REPLY reply = {0};
    tr_term term;
    tr_atom name;
    long timeout_ms;
    if (tr_match(act, "{start, Plan}", &term) == 0)
        start(term, 0, result);
    else if (tr_match(act, "{start_link, Plan}", &term) == 0)
        start(term, TR_SPAWN_LINK, result);
    else if (tr_match(act, "{call, _, _}") == 0)
        call(act, result);
    else if (tr_match(act, "{response, Ms}", &timeout_ms) == 0)
        response(timeout_ms, result);
    else if (tr_match(act, "{stop, Reason}", &term) == 0)
        stop(term, result);
    else if (tr_match(act, "{exit, Reason}", &term) == 0)
        send_exit(term, result);
    else if (tr_match(act, "{await, Callback}", &name) == 0)
        await_callback(name, result);
    else if (tr_match(act, "{sys, Request}", &term) == 0) {
        CHECK(tr_sys_ask("foo", LONG_MS, &reply, "R", term) == 0);
        tr_put_term(result, reply.term);
    } else {
        if (tr_match(act, "{request, Request}", &term) == 0)
            tr_send_request("foo", &boss.request, "R", term);
        else if (tr_match(act, "{cast, Message}", &term) == 0)
            tr_cast("foo", "M", term);
        else if (tr_match(act, "{info, Message}", &term) == 0)
            tr_send("foo", "M", term);
        await_clerk(result);
    }
}

/* ---------------------------------------------------------------- the script */

static void show_seen(void)
{
    tr_term callback, term;
    bool is_over = false;
    while (!is_over)
        tr_receive {
            tr_case("{saw, Callback, Term}", &callback, &term) {
                char *name = tr_print_new(callback), *text = tr_print_new(term);
                printf("    %s %s\n", name, text);
                free(name);
                free(text);
            }
            tr_after(0)
                is_over = true;
        }
}

static void play_and_show(tr_term act)
{
    struct tr_out result = {0}, unseen = {0};
    play(act, &result);
    await_clerk(&unseen);
    script_print(act, tr_out_term(&result));
    show_seen();
    tr_out_deinit(&result);
    tr_out_deinit(&unseen);
}

TR_ACTOR(main)
{
    tr_trap_exit(true);
    script_play(argument, play_and_show);
}
