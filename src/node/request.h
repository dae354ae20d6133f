/* Request: what actors and guests ask of the node, one handler per kind. */
#ifndef TRI_NODE_REQUEST_H
#define TRI_NODE_REQUEST_H

#include "node/node.h"

/* A control channel is readable or writable: tri_ready_fn of every actor. */
void tri_actor_ready(struct tri_node *node, struct tri_source *source, uint32_t events);

/* Serves what a dead actor had still asked for. */
void tri_request_drain(struct tri_node *node, struct tri_actor *actor);

/* Spawns the root. 0 when it is under way; else why says what is wrong. */
int tri_spawn_root(struct tri_node *node, const char *binary, const char *entry,
                   struct tri_body *argument, char *why, size_t why_bytes);

/* An image is ready: the root that waits for it without an entry gets one. */
void tri_node_image_ready(struct tri_node *node, struct tri_image *image);

/* An actor that will not be born: its spawner gets the result, its slot is free again, nobody hears of a death. */
void tri_actor_unborn(struct tri_node *node, struct tri_actor *actor, int result, const char *why);

#endif
