/* Door: where others come to a mailbox: the doorbell, which is always there, and the socket, which is bound when somebody
 * wants to connect. */
#ifndef TRI_MAILBOX_DOOR_H
#define TRI_MAILBOX_DOOR_H

#include "mailbox/inside.h"

/* Opens the doorbell. 0 or a negative errno. */
int tri_door_open(struct tri_mailbox *mailbox);

/* Removes it. One that was not opened is fine. */
void tri_door_close(struct tri_mailbox *mailbox);

/* Binds the PULL socket, unless that is done. 0; TR_TOO_LARGE (the path); -EAGAIN (no thread), -EMFILE, -ENOMEM … */
int tri_door_bind(struct tri_mailbox *mailbox);

/* Hears who has knocked, and binds the socket if that is wished for. */
void tri_door_answer(struct tri_mailbox *mailbox);

/* The mailbox is about to sleep: so there is no crowd any more. */
void tri_door_end_crowd(struct tri_mailbox *mailbox);

#endif
