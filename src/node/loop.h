/* Loop: epoll, and sources that may vanish while their events are under way. */
#ifndef TRI_NODE_LOOP_H
#define TRI_NODE_LOOP_H

#include "node/node.h"

/* 0 or a negative errno (-ENOSPC: too many watches, -ENOMEM). */
int tri_source_add(struct tri_node *node, struct tri_source *source, uint32_t events);
void tri_source_change(struct tri_node *node, struct tri_source *source, uint32_t events);

/* Stops watching and closes the descriptor. Fine when there is none. */
void tri_source_close(struct tri_node *node, struct tri_source *source);

/* Waits until deadline_ns for one batch of events and serves it. Returns how many there were. */
int tri_loop_once(struct tri_node *node, uint64_t deadline_ns);

/* Serves what has come by now, without waiting; a bounded number of batches, so that one who floods the node cannot hold
 * it up. */
void tri_loop_settle(struct tri_node *node);

#endif
