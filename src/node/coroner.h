/* Coroner: the node's end of the channel to the process that makes reports (coroner/coroner.h), and that process's life.
 *
 * It is forked when it is first needed, and again when it is needed after its death. Nothing here waits: what its channel does
 * not take is not asked, and what it does not answer in time is not known. */
#ifndef TRI_NODE_CORONER_H
#define TRI_NODE_CORONER_H

#include "node/node.h"

/* Asks about an actor; the answer comes as tri_inquest_answered. False: it was not asked.
 *   facts        as of tri_facts_put
 *   is_awaited   an end waits for the answer */
bool tri_coroner_ask(struct tri_node *node, const struct tri_actor *actor,
                     const struct tr_out *facts, bool is_awaited);

/* Gives it the read end of an actor's standard error. */
void tri_coroner_give_stderr(struct tri_node *node, const struct tri_actor *actor);

/* Is that child the coroner? Then it has ended, and has been reaped. */
bool tri_coroner_ended(struct tri_node *node, int os_pid);

/* The node ends: lets it write what it has been asked, for a bounded time, and ends it. */
void tri_coroner_stop(struct tri_node *node);

#endif
