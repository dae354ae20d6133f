/* Words: what a dead actor had sent and its receivers have not yet taken in. The node finds it in the dead one's ring and
 * tells it to them over their control channels, before EXIT and DOWN (promise 2; SEMANTICS 5).
 *
 * The ring stays where it is until all have been told: the node keeps only a notice per receiver, so a slow receiver
 * costs it no memory. Nothing in a ring is trusted: see tri_record_check. */
#ifndef TRI_NODE_WORDS_H
#define TRI_NODE_WORDS_H

#include "node/node.h"

/* Room for the one ring that is looked at. NULL when there is no memory. */
struct tri_words *tri_words_new(void);
void tri_words_free(struct tri_words *words);

/* Leaves a notice in the outbox of each living actor for which the dead one still has words, and sends what can be sent
 * at once. */
void tri_words_collect(struct tri_node *node, struct tri_actor *dead);

/* Sends the words of notice->dead to the actor. 0 when all are told; -EAGAIN when the channel is full. */
int tri_words_send(struct tri_node *node, struct tri_actor *actor, struct tri_notice *notice);

/* One notice less; the last one lets the dead actor's slot go. */
void tri_words_told(struct tri_node *node, struct tri_actor *dead);

#endif
