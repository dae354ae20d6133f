/* Group: what an actor leaves of the control group that it has made for itself (process/group.h): a folder, and perhaps processes
 * that it has forked. They are killed with it, and the folder is removed.
 *
 * Where the group is, the node knows by itself: its name is made of what the node has given the actor. Nobody waits: a group
 * whose last process is not quite gone is looked at again later, between two batches of events, so many at a time, and
 * not for ever. */
#ifndef TRI_NODE_GROUP_H
#define TRI_NODE_GROUP_H

#include "node/node.h"

/* How long a group is tried, and how many at most wait for that; what is given up goes when the node ends. */
#define TRI_GROUP_TRIED_MS 5000
#define TRI_GROUPS_LEFT 4096

/* How long the end of a node waits at most for those who are killed in groups. */
#define TRI_GROUPS_CLEARED_MS 1000

/* Has the kernel killed this actor for want of memory, as its group tells? To be asked while it is a zombie: afterwards
 * anybody may clear its group away.
 *   ret_limit_bytes   the actor's limit, when that was met; 0: it was another's, or the machine had no more */
bool tri_group_tells_of_oom(const struct tri_actor *actor, uint64_t *ret_limit_bytes);

/* The actor's process is gone: so is everybody in its group now, or before long. Does nothing a second time. */
void tri_group_end(struct tri_node *node, struct tri_actor *actor);

/* Tries again what is left. Called between batches of events. */
void tri_groups_again(struct tri_node *node);

/* When tri_groups_again has something to do; 0: never. */
uint64_t tri_groups_next_ns(const struct tri_node *node);

/* Removes what is left, also of others who do not exist any more; waits for that, TRI_GROUPS_CLEARED_MS at most. */
void tri_groups_close(struct tri_node *node);

#endif
