/* Held signals: exit signals that came before the messages which their sender had sent first.
 *
 * Signals travel through the node, messages do not, so a signal may be the faster one. It bears the number of the last
 * message that its sender had sent to us, and is held back until that message has been taken in (SEMANTICS 1). Signals
 * of one sender do not overtake each other either. Pure: knows neither the mailbox nor the node. */
#ifndef TRI_PROCESS_HELD_H
#define TRI_PROCESS_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"

struct tri_held_signal {
    struct tri_held_signal *next;
    tr_pid from;
    uint64_t number; /* waits for this message of `from` */
    bool is_link;    /* came through a link */
    bool is_orphan;  /* its sender had died when the last round of intake began */
    struct tr_out reason;
};

struct tri_held {
    struct tri_held_signal *first, **last; /* oldest first; zeroed, it is empty and ready */
};

/* Appends a signal; the reason is copied. 0 or -ENOMEM. */
int tri_held_add(struct tri_held *held, tr_pid from, uint64_t number, bool is_link, tr_term reason);

static inline bool tri_held_is_empty(const struct tri_held *held) { return !held->first; }

/* Takes out the oldest signal that waits for nothing more, or NULL. The caller frees it.
 *   last_taken   tells the number of the last message taken in from a sender */
typedef uint64_t tri_last_taken_fn(tr_pid from, void *context);
struct tri_held_signal *tri_held_take(struct tri_held *held, tri_last_taken_fn *last_taken,
                                      void *context);

/* Nothing more can come from that sender: its signals wait no longer. */
void tri_held_stop_waiting(struct tri_held *held, tr_pid from);

/* The same for senders that died without our monitoring them, in two steps. What a dead one had still to say comes
 * through the node, behind the signal: so first the orphans are marked, then everything that has come is taken in, and
 * then they wait no longer. */
typedef bool tri_is_dead_fn(tr_pid pid, void *context);
void tri_held_mark_orphans(struct tri_held *held, tri_is_dead_fn *is_dead, void *context);
void tri_held_stop_waiting_orphans(struct tri_held *held);

/* Throws away what came through a link with that process (SEMANTICS 11). */
void tri_held_drop_links(struct tri_held *held, tr_pid from);

void tri_held_deinit(struct tri_held *held);
void tri_held_signal_free(struct tri_held_signal *signal); /* NULL is fine */

#endif
