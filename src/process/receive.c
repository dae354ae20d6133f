/* Receive: a pass for each message, oldest first; the first pass, which may have none, also learns the deadline.
 *
 * A reception remembers the number of the last message that it has looked at, not the message: so the statement of a
 * case may itself receive, flush or demonitor without pulling the ground from under it. */
#include <errno.h>

#include "base/clock.h"
#include "process/pump.h"
#include "process/runtime.h"

struct tr_reception tri_receive_begin(const tr_ref *since)
{
    struct tri_process *process = tri_process_here();
    struct tr_reception reception = {.deadline_ns = TRI_NEVER};
    if (since && tr_pid_equal(since->owner, process->self))
        reception.arrival = tri_marks_find(&process->marks, since->number);
    return reception;
}

/* Nothing more to look at: takes in more, and waits for it if need be. False: the time is over. */
static bool get_more(struct tri_process *process, struct tr_reception *reception)
{
    uint64_t before = tri_mailbox_arrivals(process->mailbox);
    tri_mailbox_want(process->mailbox, reception->is_last_look ? 0 : 1);
    if (reception->is_last_look)
        return false;
    if (process->node_is_gone || tri_deadline_is_over(reception->deadline_ns)) {
        tri_pump_all(process);
        reception->is_last_look = true;
    } else {
        tri_mailbox_flush(process->mailbox);
        tri_pump(process);
        if (tri_mailbox_arrivals(process->mailbox) == before) {
            tri_process_set_activity(process, TRI_ACTIVITY_WAITING);
            tri_pump_wait(process, reception->deadline_ns);
            tri_process_set_activity(process, TRI_ACTIVITY_RUNNING);
        }
    }
    tri_mailbox_have_enough(process->mailbox);
    return true;
}

/* The next message to be looked at that is in the mailbox already, or NULL. */
static struct tr_message *next_in_queue(struct tri_process *process, struct tr_reception *reception)
{
    struct tr_message *message = tri_mailbox_next(process->mailbox, reception->arrival);
    if (message)
        reception->arrival = message->arrival;
    return message;
}

/* The next message to be looked at, or NULL when the time is over. */
static struct tr_message *next_message(struct tri_process *process, struct tr_reception *reception)
{
    struct tr_message *message;
    while (!(message = next_in_queue(process, reception)))
        if (!get_more(process, reception))
            return NULL;
    return message;
}

bool tri_receive_next(struct tr_reception *reception)
{
    if (reception->taken || reception->has_timed_out)
        return false;
    struct tri_process *process = tri_process_here();
    if (!reception->is_armed) {
        reception->is_armed = true;
        reception->offered = next_in_queue(process, reception);
        return true;
    }
    reception->offered = next_message(process, reception);
    if (reception->offered)
        return true;
    reception->has_timed_out = true;
    return reception->has_after;
}

/* Puts a message into the program's hand. */
static void take(struct tri_process *process, struct tr_reception *reception)
{
    struct tr_message *message = reception->offered;
    tri_mailbox_take(process->mailbox, message);
    reception->taken = message;
    reception->outer = process->in_hand;
    process->in_hand = message;
}

bool tri_receive_case(struct tr_reception *reception, struct tri_pattern **cache,
                      const char *pattern, struct tr_holes holes)
{
    if (!reception->offered || reception->taken)
        return false;
    if (tri_match(reception->offered->term, cache, pattern, holes))
        return false;
    take(tri_process_here(), reception);
    return true;
}

bool tri_receive_after(struct tr_reception *reception, int64_t timeout_ms)
{
    if (!reception->has_after) {
        reception->has_after = true;
        reception->deadline_ns = tri_wait_deadline_ns(timeout_ms);
    }
    return reception->has_timed_out;
}

/* Frees a message that the program is done with. A guest may have left its node meanwhile. */
static void let_go(struct tri_process *process, struct tr_message *message, bool was_in_hand)
{
    if (process)
        tri_mailbox_let_go(process->mailbox, message, was_in_hand, process->in_hand);
    else
        tri_message_free(message);
}

void tri_receive_end(struct tr_reception *reception)
{
    struct tri_process *process = tri_process_or_null();
    if (!reception->taken) {
        if (process)
            tri_mailbox_want(process->mailbox, 0);
        return;
    }
    bool was_in_hand = process && process->in_hand == reception->taken;
    if (was_in_hand)
        process->in_hand = reception->outer;
    let_go(process, reception->taken, was_in_hand);
}

int tr_receive_select(tr_select_fn *select, void *context, int64_t timeout_ms,
                      struct tr_message **ret_message)
{
    struct tri_process *process = tri_process_here();
    struct tr_reception reception = {.deadline_ns = tri_wait_deadline_ns(timeout_ms)};
    struct tr_message *message;
    do {
        message = next_message(process, &reception);
        if (!message)
            return process->node_is_gone ? -ENOTCONN : TR_TIMEOUT;
    } while (select && !select(message->term, context));
    tri_mailbox_take(process->mailbox, message);
    process->selected = message;
    *ret_message = message;
    return 0;
}

tr_term tr_message_term(const struct tr_message *message) { return message->term; }

void tr_message_free(struct tr_message *message)
{
    struct tri_process *process = tri_process_or_null();
    bool was_in_hand = process && message && process->selected == message;
    if (was_in_hand)
        process->selected = NULL;
    let_go(process, message, was_in_hand);
}

size_t tr_flush(void)
{
    struct tri_process *process = tri_process_here();
    struct tr_message *message;
    size_t count = 0;
    tri_pump_all(process);
    for (; (message = tri_mailbox_next(process->mailbox, 0)); count++) {
        tri_mailbox_remove(process->mailbox, message);
        tri_mailbox_free(process->mailbox, message);
    }
    return count;
}
