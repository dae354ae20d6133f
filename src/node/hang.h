/* Hang: an actor that computes, and comes back neither to receive nor to tr_heartbeat, longer than it was said to.
 *
 * It is seen in its box, which costs the actor nothing. Who waits in receive, or for a receiver's room, does not hang; and what
 * it waits for a processor does not count (stint.h). One that does is asked where it is, by a signal whose handler writes that
 * down (process/crash.c), and killed when it has, or after TRI_HANG_ANSWER_MS: it may be stopped, or stuck in the kernel. Its
 * reason is {hang, #{ms => …}}. */
#ifndef TRI_NODE_HANG_H
#define TRI_NODE_HANG_H

#include "node/node.h"

#define TRI_HANG_ANSWER_MS 50

/* Watches an actor from now on; 0: no more. */
void tri_hang_watch(struct tri_node *node, struct tri_actor *actor, uint64_t ms);

/* Looks at those whose time it is. Called between batches of events. */
void tri_hang_look(struct tri_node *node);

/* When tri_hang_look has something to do; 0: never. */
static inline uint64_t tri_hang_next_ns(const struct tri_node *node) { return node->hang_next_ns; }

#endif
