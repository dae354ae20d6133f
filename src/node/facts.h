/* Facts: what the node knows of a dead actor, as the coroner is told it (wire/inquest.h). */
#ifndef TRI_NODE_FACTS_H
#define TRI_NODE_FACTS_H

#include "node/inquest.h"

/* Appends the map. Called before the actor's end is told, when its row and its links are still there.
 *   is_given   its reason is to be told as it is */
void tri_facts_put(struct tr_out *out, const struct tri_node *node, const struct tri_actor *actor,
                   const struct tri_ended *ended, bool is_given);

#endif
