/* Timer: messages to others that are due later. The node keeps them, for their makers may die before (SEMANTICS 22). */
#ifndef TRI_NODE_TIMER_H
#define TRI_NODE_TIMER_H

#include "node/node.h"

/* All timers of a node together; each actor may have TR_TIMERS_MAX. */
#define TRI_NODE_TIMERS_MAX 65536

/* TRI_SEND_AFTER. 0; -EAGAIN: too many; TR_TOO_LARGE: the term does not fit in a record; TR_TAKEN; -ENOMEM. */
int tri_timer_start(struct tri_node *node, struct tri_actor *maker,
                    const struct tri_packet *packet);

/* 0 and the time left, or TR_FIRED. */
int tri_timer_cancel(struct tri_node *node, tr_ref ref, uint64_t *ret_left_ms);

/* When the next one is due, or TRI_NEVER. */
uint64_t tri_timer_next_ns(const struct tri_node *node);

/* Sends what is due. */
void tri_timer_fire(struct tri_node *node);

/* Takes away those that are for a pid that has died; nobody would get them. */
void tri_timers_forget(struct tri_node *node, struct tri_actor *dead);

void tri_timers_free(struct tri_node *node);

#endif
