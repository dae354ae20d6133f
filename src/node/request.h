/* Request: what actors and guests ask of the node, one handler per kind. */
#ifndef TRI_NODE_REQUEST_H
#define TRI_NODE_REQUEST_H

#include "node/node.h"

/* A control channel is readable or writable: tri_ready_fn of every actor. */
void tri_actor_ready(struct tri_node *node, struct tri_source *source, uint32_t events);

/* Serves what a dead actor had still asked for. When the channel has ended with that, it is closed. */
void tri_request_drain(struct tri_node *node, struct tri_actor *actor);

#endif
