/* Calls and casts, as OTP's gen_server has them. */
#include "behaviour/question.h"

int tri_call(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply,
             struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    struct tri_question question = tri_question_begin("$gen_call", tr_alias(TR_ALIAS_REPLY));
    tri_put(question.out, cache, pattern, holes);
    return tri_question_ask(&question, to, timeout_ms, ret_reply);
}

int tr_call_term(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply, tr_term request)
{
    static struct tri_pattern *cache;
    return tri_call(to, timeout_ms, ret_reply, &cache, "Request", TRI_HOLES(request));
}

static void put_server(struct tr_out *out, struct tr_to to)
{
    if (tri_name_of(to))
        tr_put_atom(out, to.name);
    else if (to.alias)
        tr_put_ref(out, (tr_ref){to.pid, to.alias});
    else
        tr_put_pid(out, to.pid);
}

/* Ends this actor as OTP ends the caller of a failed call (SEMANTICS 23). */
TR_NORETURN static void exit_for(tr_term why, struct tr_to to, tr_term request, int64_t timeout_ms)
{
    struct tr_out reason = {0};
    tr_put_tuple_of(&reason, 2);
    tr_put_term(&reason, why);
    tr_put_tuple_of(&reason, 3);
    tr_put_atom(&reason, "gen_server");
    tr_put_atom(&reason, "call");
    tr_put_list_of(&reason, 3);
    put_server(&reason, to);
    tr_put_term(&reason, request);
    if (timeout_ms < 0)
        tr_put_atom(&reason, "infinity");
    else
        tr_put_integer(&reason, timeout_ms);
    tr_put_nil(&reason);
    if (reason.fault)
        tr_exit_term(why);
    tr_exit_term(tr_out_term(&reason));
}

void tri_call_or_exit(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply,
                      struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    struct tr_reply reply = {.message = NULL};
    struct tri_question question = tri_question_begin("$gen_call", tr_alias(TR_ALIAS_REPLY));
    tri_put(question.out, cache, pattern, holes);
    if (tri_question_ask(&question, to, timeout_ms, &reply))
        exit_for(reply.term, to, tri_question_request(&question), timeout_ms);
    if (ret_reply) {
        tr_reply_deinit(ret_reply);
        *ret_reply = reply;
    } else {
        tr_reply_deinit(&reply);
    }
}

int tri_cast(struct tr_to to, struct tri_pattern **cache, const char *pattern,
             struct tr_holes holes)
{
    struct tr_out *out = &tri_process_here()->out;
    tr_out_reset(out);
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "$gen_cast");
    int r = tri_put(out, cache, pattern, holes);
    if (r == 0)
        r = tr_send_term(to, tr_out_term(out), 0);
    return r == TR_NOPROC ? 0 : r;
}

int tr_cast_term(struct tr_to to, tr_term message)
{
    static struct tri_pattern *cache;
    return tri_cast(to, &cache, "Message", TRI_HOLES(message));
}
