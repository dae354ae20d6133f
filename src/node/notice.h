/* Notice: telling an actor something without ever waiting for it. */
#ifndef TRI_NODE_NOTICE_H
#define TRI_NODE_NOTICE_H

#include "node/node.h"

/* How long an outbox may get (in notices, large bodies counting for more) before those who fill it are not read from any
 * more. */
#define TRI_NOTICES_LIMIT 256

/* Sends a packet, or keeps it as a notice when the channel is full, or not there yet; the order is kept. The dead are told
 * nothing.
 *   name   may be NULL; name_bytes counts
 *   body   may be NULL; not consumed */
void tri_tell(struct tri_node *node, struct tri_actor *actor, const struct tri_control *head,
              const char *name, size_t name_bytes, struct tri_body *body);

/* Sends a packet now or not at all: the first one on a new channel, before what is kept. 0 or a negative errno. */
int tri_tell_first(const struct tri_actor *actor, const struct tri_control *head, const char *name,
                   size_t name_bytes, const struct tri_body *body);

/* Answers a request with a result and nothing more. */
void tri_reply(struct tri_node *node, struct tri_actor *actor, uint32_t request, int result);

/* Tells a message that the node hands on (tri_body_of_record). */
void tri_tell_record(struct tri_node *node, struct tri_actor *actor, tr_pid from,
                     struct tri_body *record);

/* Answers `asker`'s request with 0 as soon as everything that is kept for the actor now has been told, or it is dead; at
 * once when nothing is kept. */
void tri_reply_after(struct tri_node *node, struct tri_actor *actor, const struct tri_actor *asker,
                     uint32_t request);

/* Keeps a notice that `dead` still has words for the actor: see words.h. 0 or -ENOMEM. */
int tri_tell_words(struct tri_node *node, struct tri_actor *actor, struct tri_actor *dead);

/* Sends what is kept, as far as the channel takes it. Called when it is writable, and after something was kept. */
void tri_notices_drain(struct tri_node *node, struct tri_actor *actor);

/* Throws away what is kept for a dead actor. */
void tri_notices_clear(struct tri_node *node, struct tri_actor *actor);

/* Stops reading from `sender` until the receiver's outbox has shrunk, if that is too long now. */
void tri_notices_brake(struct tri_node *node, struct tri_actor *sender, struct tri_actor *receiver);

/* Tries again what waits for memory or descriptors, when a pause is over. */
void tri_notices_resume(struct tri_node *node);

/* One waits for nobody any more. */
void tri_notices_stop_waiting(struct tri_actor *sender);

/* Reads again from those that waited for this one. */
void tri_notices_release(struct tri_node *node, struct tri_actor *receiver);

#endif
