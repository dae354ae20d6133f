/* Death: killing for a reason, reaping, and everything that has to happen in the right order when one has died. */
#ifndef TRI_NODE_DEATH_H
#define TRI_NODE_DEATH_H

#include "node/node.h"

/* Kills an actor now; the reason counts unless it had given one itself before. A guest is told, and dead to the node. */
void tri_kill(struct tri_node *node, struct tri_actor *actor, struct tri_body *reason);
void tri_kill_for(struct tri_node *node, struct tri_actor *actor, const char *reason_atom);

/* Reaps every child that has ended: actors, templates, and orphans of dead actors. What others had said to the node
 * before such an end is heard first: who monitored a living process must not be told `noproc` (SEMANTICS 13). Called
 * between batches of events. */
void tri_reap(struct tri_node *node);

/* Does the same, child by child, when one whom nobody knows yet has stood in tri_reap's way for a while: a template that
 * is stopped, with a fork under way, must not keep others from being buried. */
void tri_reap_each(struct tri_node *node);

/* The end of an actor whose process is gone, or never came to be. reason counts unless it has one. Order: what it had
 * still asked for, name and sockets released (SEMANTICS 4), last words (5), EXIT, DOWN (18), then its slot. */
void tri_actor_ended(struct tri_node *node, struct tri_actor *actor, struct tri_body *reason);

/* Ends those who were doomed in this batch of events: guests, actors that waited to be forked, and those whose keeper was
 * waited for. */
void tri_end_doomed(struct tri_node *node);

#endif
