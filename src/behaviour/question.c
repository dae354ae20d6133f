/* Question: a call costs two mailbox messages. Its server is watched by a monitor that stays for the next call (see
 * process/callees.h), so the node hears of the first call only. */
#include "behaviour/question.h"

#include <errno.h>

#include "base/auto.h"
#include "base/clock.h"
#include "behaviour/from.h"
#include "process/answer.h"
#include "process/send.h"
#include "term/tags.h"

/* ---------------------------------------------------------------- replies */

void tr_reply_deinit(struct tr_reply *reply)
{
    tr_message_free(reply->message);
    tr_out_deinit(&reply->room);
    *reply = (struct tr_reply){.message = NULL};
}

static void empty(struct tr_reply *reply)
{
    tr_message_free(reply->message);
    reply->message = NULL;
    tr_out_reset(&reply->room);
}

void tri_reply_hold(struct tr_reply *reply, struct tr_message *message, tr_term term)
{
    empty(reply);
    reply->message = message;
    reply->term = term;
}

void tri_reply_copy(struct tr_reply *reply, tr_term term)
{
    struct tr_out room = {0};
    if (tr_out_copy(&room, term)) {
        tri_reply_atom(reply, "unknown");
        return;
    }
    tr_reply_deinit(reply); /* now: the term may have been a part of it */
    reply->room = room;
    reply->term = tr_out_term(&room);
}

void tri_reply_atom(struct tr_reply *reply, const char *atom)
{
    empty(reply);
    tr_put_atom(&reply->room, atom);
    reply->term = reply->room.fault ? TRI_ATOM_TERM("unknown") : tr_out_term(&reply->room);
}

/* ---------------------------------------------------------------- asking */

struct tri_question tri_question_begin(const char *label, tr_ref ref)
{
    struct tri_process *process = tri_process_here();
    struct tri_question question = {process, &process->out, ref};
    tr_out_reset(question.out);
    tr_put_tuple_of(question.out, 3);
    tr_put_atom(question.out, label);
    tr_put(question.out, "{Self, [alias | Ref]}", process->self, ref);
    return question;
}

tr_term tri_question_request(const struct tri_question *question)
{
    tr_term request = tr_out_term(question->out);
    tr_match(request, "{_, _, Request}", &request);
    return request;
}

tr_pid tri_to_whom(struct tri_process *process, struct tr_to to)
{
    return tri_name_of(to) ? tri_table_whereis(&process->table, to.name) : to.pid;
}

bool tri_is_answer(tr_term message, tr_ref ref, tr_term *ret_answer)
{
    tr_term tag, answer;
    tr_ref alias;
    if (tr_match(message, "{Tag, Answer}", &tag, &answer) || !tri_tag_is_alias(tag, &alias) ||
        !tr_ref_equal(alias, ref))
        return false;
    *ret_answer = answer;
    return true;
}

struct answer {
    tr_ref ref;
    tr_term term;
};

static bool is_answer(tr_term message, void *context)
{
    struct answer *answer = context;
    return tri_is_answer(message, answer->ref, &answer->term);
}

/* The callee has ended: with its own reason, or before it was asked. */
static int tell_end(struct tri_process *process, struct tr_reply *ret_reply)
{
    const struct tr_out *reason = &process->wait.reason;
    if (reason->size_bytes == 0)
        tri_reply_atom(ret_reply, "unknown");
    else
        tri_reply_copy(ret_reply, tr_out_term(reason));
    return tr_is_atom(ret_reply->term, "noproc") ? TR_NOPROC : TR_DOWN;
}

static int send_and_await(struct tri_question *question, struct tr_to to, uint64_t deadline_ns,
                          struct tr_reply *ret_reply)
{
    struct tri_process *process = question->process;
    struct answer answer = {.ref = question->ref};
    struct tr_message *message;
    int r = tri_answer_watch(process, to.pid);
    if (r)
        return r;
    tri_answer_await_birth(process, deadline_ns);
    r = tri_send_until(to, tr_out_term(question->out), deadline_ns);
    if (r) {
        tri_answer_forget(process);
        return r;
    }
    r = tri_answer_await(process, question->ref.number, is_answer, &answer, deadline_ns, &message);
    if (r == 0)
        tri_reply_hold(ret_reply, message, answer.term);
    else if (r == TR_DOWN)
        r = tell_end(process, ret_reply);
    return r;
}

static int ask(struct tri_question *question, struct tr_to to, int64_t timeout_ms,
               struct tr_reply *ret_reply)
{
    uint64_t deadline_ns = tri_wait_deadline_ns(timeout_ms);
    struct tri_process *process = question->process;
    if (question->out->fault)
        return question->out->fault;
    if (process->node_is_gone)
        return -ENOTCONN;
    to = (struct tr_to){.pid = tri_to_whom(process, to), .alias = tri_alias_of(to)};
    if (tr_pid_equal(to.pid, process->self))
        return TR_CALLING_SELF;
    if (!tri_table_is_alive(&process->table, to.pid))
        return TR_NOPROC;
    return send_and_await(question, to, deadline_ns, ret_reply);
}

int tri_question_ask(struct tri_question *question, struct tr_to to, int64_t timeout_ms,
                     struct tr_reply *ret_reply)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply unwanted = {.message = NULL};
    struct tr_reply *reply = ret_reply ? ret_reply : &unwanted;
    int r = ask(question, to, timeout_ms, reply);
    tr_unalias(question->ref); /* a late answer is dropped before the mailbox (SEMANTICS 25) */
    if (r == TR_NOPROC)
        tri_reply_atom(reply, "noproc");
    else if (r == TR_TIMEOUT)
        tri_reply_atom(reply, "timeout");
    else if (r == TR_CALLING_SELF)
        tri_reply_atom(reply, "calling_self");
    else if (r == -ENOTCONN)
        tri_reply_atom(reply, "noconnection");
    else if (r && r != TR_DOWN)
        tri_reply_atom(reply, "system_limit");
    return r;
}
