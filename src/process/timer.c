/* Timer: to oneself it stays here; to another the node keeps it, because it outlives us there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "process/names.h"
#include "process/request.h"

/* Writes what will come: the term, or {timeout, Ref, Term}. */
static int put_message(struct tr_out *out, const tr_ref *timeout_ref, struct tri_pattern **cache,
                       const char *pattern, struct tr_holes holes)
{
    if (timeout_ref) {
        tr_put_tuple_of(out, 3);
        tr_put_atom(out, "timeout");
        tr_put_ref(out, *timeout_ref);
    }
    return tri_put(out, cache, pattern, holes);
}

/* Takes the message over when it succeeds. */
static int start_own(struct tri_process *process, uint64_t time_ms, tr_ref ref, uint64_t alias,
                     struct tr_out *message)
{
    struct tri_timer *timer = calloc(1, sizeof *timer);
    if (!timer)
        return -ENOMEM;
    timer->deadline_ns = time_ms > INT64_MAX ? TRI_NEVER : tri_deadline_ns((int64_t)time_ms);
    timer->number = ref.number;
    timer->alias = alias;
    int r = tri_timers_add(&process->timers, timer);
    if (r) {
        free(timer);
        return r;
    }
    timer->message = *message;
    *message = (struct tr_out){0};
    return 0;
}

static int start_at_node(struct tri_process *process, uint64_t time_ms, struct tr_to to, tr_ref ref,
                         const struct tr_out *message)
{
    struct tri_parcel parcel = tri_parcel_of(TRI_SEND_AFTER);
    parcel.head.ref_owner = ref.owner.id;
    parcel.head.ref_number = ref.number;
    parcel.head.number = time_ms;
    parcel.head.other = tri_alias_of(to);
    if (tri_name_of(to)) {
        parcel.name = to.name;
        parcel.name_bytes = strlen(to.name);
    } else {
        parcel.head.pid = to.pid.id;
    }
    parcel.body = message->data;
    parcel.body_bytes = message->size_bytes;
    process->has_left_timers_to_node = true;
    return tri_request(process, &parcel, NULL);
}

int tri_send_after(uint64_t time_ms, struct tr_to to, bool is_start_timer, tr_ref *ret_timer,
                   struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    struct tri_process *process = tri_process_here();
    TRI_AUTO(tr_out_deinit) struct tr_out message = {0};
    if (tri_name_of(to) && !tri_name_is_proper(to.name))
        return TR_BAD_NAME;
    tr_ref ref = tri_process_ref(process, tri_process_make_ref(process));
    int r = put_message(&message, is_start_timer ? &ref : NULL, cache, pattern, holes);
    if (r)
        return r;
    if (tr_pid_equal(to.pid, process->self))
        r = start_own(process, time_ms, ref, to.alias, &message);
    else
        r = start_at_node(process, time_ms, to, ref, &message);
    if (r == 0 && ret_timer)
        *ret_timer = ref;
    return r;
}

/* Rounded up: a timer that has not fired has some time left. */
static uint64_t left_ms(uint64_t deadline_ns)
{
    uint64_t now = tri_clock_ns();
    return deadline_ns <= now ? 0 : (deadline_ns - now + TRI_NS_PER_MS - 1) / TRI_NS_PER_MS;
}

int tr_cancel_timer(tr_ref timer, uint64_t *ret_left_ms)
{
    struct tri_process *process = tri_process_here();
    const struct tri_reply *reply;
    if (!tr_pid_equal(timer.owner, process->self))
        return TR_FIRED;
    struct tri_timer *own = tri_timers_take(&process->timers, timer.number);
    if (own) {
        if (ret_left_ms)
            *ret_left_ms = left_ms(own->deadline_ns);
        tri_timer_free(own);
        return 0;
    }
    if (!process->has_left_timers_to_node)
        return TR_FIRED;
    struct tri_parcel parcel = tri_parcel_of(TRI_CANCEL);
    parcel.head.ref_owner = timer.owner.id;
    parcel.head.ref_number = timer.number;
    int r = tri_request(process, &parcel, &reply);
    if (r == 0 && ret_left_ms)
        *ret_left_ms = reply->number;
    return r;
}
