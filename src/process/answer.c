/* Answer: a receive that a death ends. The node tells last words before DOWN, so when the callee's end is known, its
 * answer is in the mailbox or will never be. */
#include "process/answer.h"

#include <errno.h>

#include "base/clock.h"
#include "process/channel.h"
#include "process/pump.h"

/* Nobody tells of a birth but to who asked for it, so others look: at first after this long, then each time after this
 * part of the time that they have waited, and at last this rarely. */
#define FIRST_LOOK_NS 50000ull
#define LOOK_PART 8
#define LAST_LOOK_NS (5 * TRI_NS_PER_MS)

int tri_answer_watch(struct tri_process *process, tr_pid callee)
{
    process->wait.callee = callee;
    process->wait.has_ended = false;
    if (tri_callees_use(&process->callees, callee))
        return 0;
    struct tri_parcel parcel = tri_parcel_of(TRI_MONITOR_OF);
    uint64_t number = tri_process_make_ref(process);
    parcel.head.pid = callee.id;
    parcel.head.ref_owner = process->self.id;
    parcel.head.ref_number = number;
    uint64_t gives_way = tri_callees_add(&process->callees, callee, number);
    if (gives_way)
        tri_pump_tell_end_of_monitor(process, gives_way);
    int r = tri_channel_send(process, &parcel);
    if (r) {
        tri_callees_remove(&process->callees, number);
        tri_answer_forget(process);
    }
    return r;
}

void tri_answer_forget(struct tri_process *process)
{
    process->wait.callee = TR_NO_PID;
    process->wait.has_ended = false;
}

static bool is_being_born(const struct tri_process *process)
{
    return !process->wait.has_ended && !process->node_is_gone &&
           tri_table_state(&process->table, process->wait.callee) == TRI_STATE_STARTING;
}

void tri_answer_await_birth(struct tri_process *process, uint64_t deadline_ns)
{
    if (!is_being_born(process))
        return;
    uint64_t begin_ns = tri_clock_ns(), now_ns = begin_ns;
    tri_mailbox_flush(process->mailbox); /* what was sent before does not wait for the birth */
    while (now_ns < deadline_ns && is_being_born(process)) {
        uint64_t pause_ns = (now_ns - begin_ns) / LOOK_PART + FIRST_LOOK_NS;
        if (pause_ns > LAST_LOOK_NS)
            pause_ns = LAST_LOOK_NS;
        uint64_t look_ns = now_ns + pause_ns;
        tri_pump_wait(process, look_ns < deadline_ns ? look_ns : deadline_ns);
        now_ns = tri_clock_ns();
    }
}

/* Looks at what is in the mailbox behind *after. */
static struct tr_message *look(struct tri_process *process, uint64_t *after, tr_select_fn *select,
                               void *context)
{
    struct tr_message *message;
    while ((message = tri_mailbox_next(process->mailbox, *after))) {
        *after = message->arrival;
        if (select(message->term, context)) {
            tri_mailbox_remove(process->mailbox, message);
            return message;
        }
    }
    return NULL;
}

static void take_in_more(struct tri_process *process, uint64_t deadline_ns)
{
    uint64_t before = tri_mailbox_arrivals(process->mailbox);
    tri_mailbox_flush(process->mailbox);
    tri_pump(process);
    if (tri_mailbox_arrivals(process->mailbox) != before || process->wait.has_ended)
        return;
    tri_process_set_activity(process, TRI_ACTIVITY_WAITING);
    tri_pump_wait(process, deadline_ns);
    tri_process_set_activity(process, TRI_ACTIVITY_RUNNING);
}

/* Nothing more is waited for: tells why. 0 when there is. */
static int why_over(const struct tri_process *process, uint64_t deadline_ns)
{
    if (process->wait.has_ended)
        return TR_DOWN;
    if (process->node_is_gone)
        return -ENOTCONN;
    return tri_deadline_is_over(deadline_ns) ? TR_TIMEOUT : 0;
}

int tri_answer_await(struct tri_process *process, uint64_t since, tr_select_fn *select,
                     void *context, uint64_t deadline_ns, struct tr_message **ret_message)
{
    uint64_t after = tri_marks_find(&process->marks, since);
    struct tr_message *message = NULL;
    int why = 0;
    while (!(message = look(process, &after, select, context)) && why == 0) {
        tri_mailbox_want(process->mailbox, 1); /* a full mailbox must not keep the answer out */
        why = why_over(process, deadline_ns);
        if (why)
            tri_pump_all(process); /* and then one last look */
        else
            take_in_more(process, deadline_ns);
        tri_mailbox_have_enough(process->mailbox);
    }
    tri_mailbox_want(process->mailbox, 0);
    if (!message && process->wait.has_ended)
        why = TR_DOWN; /* the last round has brought it */
    tri_answer_forget(process);
    if (!message)
        return why;
    *ret_message = message;
    return 0;
}
