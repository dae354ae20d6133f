/* Parting: an actor whose process has ended before those that belong to it.
 *
 * The keeper of a program (behaviour/program_keeper.h) holds the actor's end of the control channel, too. So the node, which
 * cannot see the program, sees whether something of it may still live: the channel has not ended. Then nobody is told of the
 * death yet; the keeper, who has heard of it at the same moment, kills what there is, and goes last. It is told when the
 * channel ends, or when patience does. Nobody waits meanwhile: the node goes on, and the dead one takes nothing in. */
#ifndef TRI_NODE_PARTING_H
#define TRI_NODE_PARTING_H

#include "node/node.h"

/* As long as a keeper takes at most to find and kill what has left its program's group, unless it is stopped itself. */
#define TRI_PARTING_MS 5000

/* Has this actor, whose process is gone and whose channel has been read to the last packet, a keeper that is still there? */
bool tri_actor_leaves_keeper(const struct tri_node *node, const struct tri_actor *actor);

/* Begins to wait for it. The reason counts unless the actor has one. */
void tri_parting_begin(struct tri_node *node, struct tri_actor *actor, struct tri_body *reason);

/* Its channel has ended: it is doomed. */
void tri_parting_over(struct tri_node *node, struct tri_actor *actor);

/* Those who have waited long enough are doomed, too. Called between batches of events. */
void tri_parting_late(struct tri_node *node);

/* All are doomed: the node ends, and sweeps up whatever is left then. */
void tri_parting_give_up(struct tri_node *node);

/* When tri_parting_late has something to do; 0: never. */
uint64_t tri_parting_next_ns(const struct tri_node *node);

#endif
