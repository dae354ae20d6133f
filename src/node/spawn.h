/* Spawn: how an actor comes to be, up to the fork that its image makes, and what happens when it cannot. */
#ifndef TRI_NODE_SPAWN_H
#define TRI_NODE_SPAWN_H

#include "node/node.h"

/* TRI_SPAWN: 0 when it is under way, and will be answered; else the result that answers it now.
 *   ret_reason   what the result does not tell, or NULL; the caller unreferences it */
int tri_spawn_for(struct tri_node *node, struct tri_actor *speaker, struct tri_packet *packet,
                  struct tri_body **ret_reason);

/* Spawns the root. 0 when it is under way; else why says what is wrong. */
int tri_spawn_root(struct tri_node *node, const char *binary, const char *entry,
                   struct tri_body *argument, char *why, size_t why_bytes);

/* An image is ready: the root that waits for it without an entry gets one. */
void tri_spawn_image_ready(struct tri_node *node, struct tri_image *image);

/* Answers whoever waits for the actor to be ready, if somebody does. result 0: it is, or has lived. reason: what result
 * does not tell, or NULL. */
void tri_spawn_answer(struct tri_node *node, struct tri_actor *actor, int result,
                      struct tri_body *reason);

/* An actor that will not be born: its spawner gets the result, its slot is free again, and only who had found it by its
 * name hears of an end.
 *   reason   told beside the result, by ps, and to those others; NULL: the result says it all, and they are told noproc
 *   why      a sentence for people, when it is the root; "": what result means */
void tri_actor_unborn(struct tri_node *node, struct tri_actor *actor, int result,
                      struct tri_body *reason, const char *why);

#endif
