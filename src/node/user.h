/* User: as whom an actor is born. An actor of a node that is root's may be another user; whoever has become one gets nobody
 * born with other rights than its own, by whatever way: the node knows what it has made of whom, and believes nobody. */
#ifndef TRI_NODE_USER_H
#define TRI_NODE_USER_H

#include "node/node.h"

/* Decides as whom the actor is born for which the speaker asks.
 *   wished       a user's text (base/user.h); "": as whom the speaker is
 *   ret_user     a reference, or NULL: the node's own user
 *   ret_reason   {user, Errno, Name} when it may not be
 * 0; -EPERM: only root has other users, and who has dropped root's rights has one; TR_MALFORMED; -ENOMEM. */
int tri_user_for(const struct tri_actor *speaker, const char *wished, struct tri_body **ret_user,
                 struct tri_body **ret_reason);

/* Shows in the actor's row as whom it is born. */
void tri_user_show(struct tri_node *node, const struct tri_actor *actor);

/* The text that tri_user_for was given; "" for one of the node's own user. */
const char *tri_user_text(const struct tri_actor *actor);

/* What the user was called by who wished it; NULL for the node's own. */
const char *tri_user_name(const struct tri_actor *actor);

#endif
