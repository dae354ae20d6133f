/* Stop: asks a behaviour to end, as a system message, and waits for its death, not for its word. */
#include "base/auto.h"
#include "base/clock.h"
#include "behaviour/question.h"
#include "process/send.h"

/* By DOWN's reason: 0 when it is the one that was asked for. */
static int judge(tr_term wanted, tr_term reason, struct tr_reply *ret_reason)
{
    if (ret_reason)
        tri_reply_copy(ret_reason, reason);
    if (tr_is_atom(reason, "noproc"))
        return TR_NOPROC;
    return tr_equal(wanted, reason) ? 0 : TR_DOWN;
}

static int await_end(tr_ref monitor, uint64_t deadline_ns, tr_term wanted,
                     struct tr_reply *ret_reason)
{
    tr_term reason;
    int r = TR_TIMEOUT;
    bool is_over = false;
    while (r == TR_TIMEOUT && !is_over)
        tr_receive_since(monitor)
        {
            tr_case("{'DOWN', Ref, process, _, Reason}", monitor, &reason)
                r = judge(wanted, reason, ret_reason);
            tr_after(tri_poll_timeout_ms(deadline_ns))
                is_over = tri_clock_ns() >= deadline_ns;
        }
    if (r == TR_TIMEOUT)
        tr_demonitor(monitor, TR_DEMONITOR_FLUSH, NULL);
    return r;
}

int tri_server_stop(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reason,
                    struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_out_deinit) struct tr_out reason = {0};
    uint64_t deadline_ns = tri_deadline_ns(timeout_ms);
    tr_ref monitor;
    to = tri_to_pid(tri_to_whom(tri_process_here(), to));
    if (tr_pid_equal(to.pid, tr_self()))
        return TR_CALLING_SELF;
    int r = tri_put(&reason, cache, pattern, holes);
    if (r == 0)
        r = tri_monitor(to, 0, &monitor);
    if (r)
        return r;
    /* A reference that is no alias: the word of consent is dropped. */
    struct tri_question question = tri_question_begin("system", tr_make_ref());
    r = tr_put(question.out, "{terminate, Reason}", tr_out_term(&reason));
    if (r == 0)
        r = tri_send_until(to, tr_out_term(question.out), deadline_ns);
    if (r) {
        tr_demonitor(monitor, TR_DEMONITOR_FLUSH, NULL);
        return r;
    }
    return await_end(monitor, deadline_ns, tr_out_term(&reason), ret_reason);
}
