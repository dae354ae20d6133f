/* Queue: the messages that were taken in and not yet received, oldest first.
 *
 * A selective receive asks again and again for the oldest message behind the last one that it looked at, and a wait for
 * a reply begins behind a mark: so the search starts at whichever known place is nearest. */
#ifndef TRI_MAILBOX_QUEUE_H
#define TRI_MAILBOX_QUEUE_H

#include "mailbox/mailbox.h"

struct tri_queue {
    struct tr_message *oldest, *newest;
    struct tr_message *at; /* where the last search ended, or NULL */
    uint64_t arrivals;     /* how many ever entered */
    uint64_t length;
    uint64_t bytes; /* of the terms */
};

/* Puts a message at the end and numbers it. */
void tri_queue_put(struct tri_queue *queue, struct tr_message *message, uint64_t now_ns);

/* The oldest with an arrival number greater than `after`, or NULL. */
struct tr_message *tri_queue_next(struct tri_queue *queue, uint64_t after);

void tri_queue_remove(struct tri_queue *queue, struct tr_message *message);

/* Frees all messages. */
void tri_queue_deinit(struct tri_queue *queue);

#endif
