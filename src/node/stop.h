/* Stop: the end of a node, in order: root, the others, whoever is left, what they left. */
#ifndef TRI_NODE_STOP_H
#define TRI_NODE_STOP_H

#include "node/node.h"

/* What a trapping root may take for its own orderly end, and the others after it. */
#define TRI_STOP_ROOT_MS 10000
#define TRI_STOP_OTHERS_MS 2000
#define TRI_STOP_KILL_MS 2000

/* Begins the end: exit signal `shutdown` to the root; or, is_now, SIGKILL to everybody. Fine to say again. */
void tri_stop(struct tri_node *node, bool is_now);

/* Begins the end because the node cannot go on; why (copied) is for the guardian to print. */
void tri_stop_failed(struct tri_node *node, const char *why);

/* Goes on to the next phase when this one is over. Called after each batch. */
void tri_stop_step(struct tri_node *node);

/* Tells the guardian that the root runs; and, at the end, how it all ended. */
void tri_stop_tell_up(struct tri_node *node);
void tri_stop_tell_end(struct tri_node *node);

#endif
