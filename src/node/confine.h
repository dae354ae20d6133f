/* Confine: how an actor is confined, as its spawner wishes; but whom a sandboxed actor spawns is in the same sandbox, whatever it
 * wishes, and has no binaries executed that others than root can have written (SPAWN of request.c, binary.h). */
#ifndef TRI_NODE_CONFINE_H
#define TRI_NODE_CONFINE_H

#include "node/node.h"

/* Which confinement one has whom that speaker spawns.
 *   wished            the bytes that came; none: no confinement
 *   ret_wish          one reference; NULL: none
 *   ret_is_sandboxed  whether it says sandbox
 * 0; TR_MALFORMED; -ENOMEM. */
int tri_confine_for(const struct tri_actor *speaker, const void *wished, size_t size_bytes,
                    struct tri_body **ret_wish, bool *ret_is_sandboxed);

/* Takes what an actor tells of its confinement at its birth. */
void tri_confine_told(struct tri_actor *actor, struct tri_packet *ready);

/* Does this process come from a sandbox that the node is not in? Whoever joins the node could ask it for anything. */
bool tri_confine_is_sandboxed(int os_pid);

#endif
