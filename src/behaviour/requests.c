/* Requests: calls under way to several servers. Unlike a call, whose caller waits, a request may lie for a long time: so each
 * has a monitor of its own at the node, which the response ends. */
#include "behaviour/requests.h"

#include "base/clock.h"
#include "behaviour/question.h"
#include "process/answer.h"

static bool is_none(const struct tr_request *request) { return request->ref.number == 0; }

int tri_request_begin(const char *label, struct tr_to to, struct tr_request *ret_request,
                      struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    struct tri_process *process = tri_process_here();
    tr_pid pid = tri_to_whom(process, to);
    /* Monitor and message mean the same process, whoever takes its name meanwhile. */
    if (!tr_pid_is_none(pid))
        to = (struct tr_to){.pid = pid, .alias = tri_alias_of(to)};
    tr_ref ref;
    int r = tri_monitor(to, TR_ALIAS_REPLY, &ref);
    if (r)
        return r;
    struct tri_question question = tri_question_begin(label, ref);
    r = tri_put(question.out, cache, pattern, holes);
    if (r == 0)
        r = tr_send_term(to, tr_out_term(question.out), 0);
    if (r && r != TR_NOPROC) {
        tr_demonitor(ref, TR_DEMONITOR_FLUSH, NULL);
        return r;
    }
    ret_request->ref = ref;
    return 0;
}

int tri_send_request(struct tr_to to, struct tr_request *ret_request, struct tri_pattern **cache,
                     const char *pattern, struct tr_holes holes)
{
    return tri_request_begin("$gen_call", to, ret_request, cache, pattern, holes);
}

/* Is this message the response to one request? The outcome, and the reply or the reason; TR_NO_MATCH. */
static int read_response(tr_term message, tr_ref ref, tr_term *ret_term)
{
    if (tri_is_answer(message, ref, ret_term))
        return 0;
    if (tr_match(message, "{'DOWN', Ref, process, _, Reason}", ref, ret_term))
        return TR_NO_MATCH;
    return tr_is_atom(*ret_term, "noproc") ? TR_NOPROC : TR_DOWN;
}

/* It has been answered, or is given up: nothing of it stays. */
static void finish(struct tr_request *request)
{
    tr_demonitor(request->ref, TR_DEMONITOR_FLUSH, NULL);
    tr_unalias(request->ref);
    *request = (struct tr_request){.ref = {TR_NO_PID, 0}};
}

struct responses {
    const struct tr_request *requests;
    size_t count, which;
    int result;
    tr_term term;
};

static bool is_response(tr_term message, void *context)
{
    struct responses *responses = context;
    for (size_t i = 0; i < responses->count; i++) {
        if (is_none(&responses->requests[i]))
            continue;
        responses->result = read_response(message, responses->requests[i].ref, &responses->term);
        if (responses->result != TR_NO_MATCH) {
            responses->which = i;
            return true;
        }
    }
    return false;
}

/* The oldest of the requests: no response is older. 0: there is none. */
static uint64_t first_number(const struct tr_request *requests, size_t count)
{
    uint64_t first = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_none(&requests[i]) && (first == 0 || requests[i].ref.number < first))
            first = requests[i].ref.number;
    return first;
}

int tri_wait_responses(struct tr_request *requests, size_t count, uint64_t deadline_ns,
                       size_t *ret_which, struct tr_reply *ret_reply)
{
    struct tri_process *process = tri_process_here();
    struct responses responses = {.requests = requests, .count = count};
    uint64_t since = first_number(requests, count);
    struct tr_message *message;
    if (since == 0)
        return TR_FIRED;
    int r = tri_answer_await(process, since, is_response, &responses, deadline_ns, &message);
    if (r)
        return r;
    finish(&requests[responses.which]);
    if (ret_which)
        *ret_which = responses.which;
    if (ret_reply)
        tri_reply_hold(ret_reply, message, responses.term);
    else
        tr_message_free(message);
    return responses.result;
}

int tr_wait_responses(struct tr_request *requests, size_t count, int64_t timeout_ms,
                      size_t *ret_which, struct tr_reply *ret_reply)
{
    return tri_wait_responses(requests, count, tri_wait_deadline_ns(timeout_ms), ret_which,
                              ret_reply);
}

void tr_abandon_request(struct tr_request *request)
{
    if (is_none(request))
        return;
    tr_unalias(request->ref);
    struct responses responses = {.requests = request, .count = 1};
    struct tr_message *message;
    if (tri_answer_await(tri_process_here(), request->ref.number, is_response, &responses,
                         TRI_AT_ONCE, &message) == 0)
        tr_message_free(message);
    finish(request);
}

int tr_receive_response(struct tr_request *request, int64_t timeout_ms, struct tr_reply *ret_reply)
{
    int r = tr_wait_response(request, timeout_ms, ret_reply);
    if (r == TR_TIMEOUT)
        tr_abandon_request(request);
    return r;
}

int tr_check_response(tr_term message, struct tr_request *request, struct tr_reply *ret_reply)
{
    tr_term term;
    int r = is_none(request) ? TR_NO_MATCH : read_response(message, request->ref, &term);
    if (r == TR_NO_MATCH)
        return r;
    finish(request);
    if (ret_reply) {
        tr_reply_deinit(ret_reply);
        ret_reply->term = term;
    }
    return r;
}
