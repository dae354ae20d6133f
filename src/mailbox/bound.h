/* Bound: what becomes of a message for which a bounded mailbox has no room (process.h, struct tr_spawn_options).
 *
 * Everything that was taken in and not yet received counts. What the process makes itself (EXIT, DOWN, its own timers,
 * what it sends to itself) is not asked for here: it always enters. Pure. */
#ifndef TRI_MAILBOX_BOUND_H
#define TRI_MAILBOX_BOUND_H

#include "mailbox/queue.h"

enum tri_bound_verdict {
    TRI_BOUND_ENTERS,
    TRI_BOUND_ENTERS_BEYOND, /* only because a receive waits for it, which then wants one message less */
    TRI_BOUND_WAITS, /* not taken in: it stays where it is, and so does what comes behind it   */
    TRI_BOUND_DROPPED,
    TRI_BOUND_KILLS, /* it ends its receiver */
};

static inline bool tri_bound_is_set(const struct tri_bound *bound)
{
    return bound->max_messages > 0 || bound->max_bytes > 0;
}

/* What the program does about a full mailbox. */
enum tri_bound_want {
    TRI_BOUND_NOT_WANTED,
    TRI_BOUND_WANTED, /* a receive waits that nothing in the mailbox matches              */
    TRI_BOUND_SATED,  /* it does, and has yet to look at what has entered for it meanwhile */
};

/* Does the mailbox hold more than it may? Only what entered in spite of the bound can cause that. */
bool tri_bound_is_exceeded(const struct tri_bound *bound, const struct tri_queue *queue);

/* What becomes of a message of that size.
 *   can_wait   there is a sender with whom it can wait; false for what the node hands on */
enum tri_bound_verdict tri_bound_judge(const struct tri_bound *bound, const struct tri_queue *queue,
                                       uint64_t size_bytes, bool can_wait,
                                       enum tri_bound_want want);

#endif
