/* Bound: a comparison, and the three policies. */
#include "mailbox/bound.h"

static bool fits(const struct tri_bound *bound, const struct tri_queue *queue, uint64_t size_bytes)
{
    if (bound->max_messages > 0 && queue->length >= bound->max_messages)
        return false;
    return bound->max_bytes == 0 ||
           (queue->bytes <= bound->max_bytes && size_bytes <= bound->max_bytes - queue->bytes);
}

bool tri_bound_is_exceeded(const struct tri_bound *bound, const struct tri_queue *queue)
{
    return (bound->max_messages > 0 && queue->length > bound->max_messages) ||
           (bound->max_bytes > 0 && queue->bytes > bound->max_bytes);
}

/* Who waits is let into an empty mailbox whatever its size: it would wait for ever. */
static enum tri_bound_verdict judge_patient(const struct tri_queue *queue, bool can_wait,
                                            enum tri_bound_want want)
{
    if (!can_wait || queue->length == 0)
        return TRI_BOUND_ENTERS;
    return want == TRI_BOUND_WANTED ? TRI_BOUND_ENTERS_BEYOND : TRI_BOUND_WAITS;
}

/* What a receive may want is not dropped before the receive has looked at it. */
static enum tri_bound_verdict judge_dropping(bool can_wait, enum tri_bound_want want)
{
    if (want == TRI_BOUND_NOT_WANTED)
        return TRI_BOUND_DROPPED;
    return want == TRI_BOUND_SATED && can_wait ? TRI_BOUND_WAITS : TRI_BOUND_ENTERS_BEYOND;
}

enum tri_bound_verdict tri_bound_judge(const struct tri_bound *bound, const struct tri_queue *queue,
                                       uint64_t size_bytes, bool can_wait, enum tri_bound_want want)
{
    if (fits(bound, queue, size_bytes))
        return TRI_BOUND_ENTERS;
    switch (bound->policy) {
    case TRI_POLICY_DROPS:
        return judge_dropping(can_wait, want);
    case TRI_POLICY_KILLS:
        return TRI_BOUND_KILLS;
    default:
        return judge_patient(queue, can_wait, want);
    }
}
