/* Knock: waking a receiver up that does not attend to us and to which there is no connection, and telling when that has
 * happened so often that a connection is worth what it costs. */
#ifndef TRI_MAILBOX_KNOCK_H
#define TRI_MAILBOX_KNOCK_H

#include "mailbox/outbox.h"

/* Knocks at a receiver's doorbell (doorbell.h) for what is recorded and not published.
 * 0; -EAGAIN: it is full; -ENOENT: it has none yet; another negative errno. */
int tri_knock(struct tri_outbox *outbox, struct tri_peer *peer);

/* Is the peer worth a connection, and has it bound its socket? */
bool tri_knock_is_tedious(const struct tri_outbox *outbox, const struct tri_peer *peer);

/* Takes the descriptor that is kept so that we can knock when the program has used up all others.
 *   like_fd   what it is a copy of; stays open */
void tri_knock_keep_spare(struct tri_outbox *outbox, int like_fd);

#endif
