/* Question: a message that wants an answer, {Label, {Pid, [alias | Ref]}, Request}, and the wait for {[alias | Ref], Reply}.
 * Calls and system messages are questions. */
#ifndef TRI_BEHAVIOUR_QUESTION_H
#define TRI_BEHAVIOUR_QUESTION_H

#include "process/runtime.h"
#include "troupe/server.h"

struct tri_question {
    struct tri_process *process;
    struct tr_out *out; /* what will be sent: the caller appends the request */
    tr_ref ref;
};

/* Writes the message up to the request. The answer's alias is good for one message; until then, and for the sake of OTP,
 * it bears the reference. */
struct tri_question tri_question_begin(const char *label, tr_ref ref);

/* Sends it and waits. ret_reply may be NULL; its term is the answer, or why there is none. Outcomes: those of tr_call. */
int tri_question_ask(struct tri_question *question, struct tr_to to, int64_t timeout_ms,
                     struct tr_reply *ret_reply);

/* What was asked: the third element of what tri_question_begin began. Valid until something else is sent. */
tr_term tri_question_request(const struct tri_question *question);

/* To whom a message goes now, when somebody has that name: a pid, or TR_NO_PID. */
tr_pid tri_to_whom(struct tri_process *process, struct tr_to to);

/* Is this the answer, {[alias | Ref], Reply}? */
bool tri_is_answer(tr_term message, tr_ref ref, tr_term *ret_answer);

/* ---------------------------------------------------------------- filling a reply */

/* The term is a part of the message, which the reply owns from now on. */
void tri_reply_hold(struct tr_reply *reply, struct tr_message *message, tr_term term);
void tri_reply_copy(struct tr_reply *reply, tr_term term);
void tri_reply_atom(struct tr_reply *reply, const char *atom);

#endif
