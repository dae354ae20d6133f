/* Care: notices when what was sent does not arrive although its receiver lives, and sends it again.
 *
 * nanomsg loses accepted messages when a connection breaks, which a storm of connects or a long stall can cause. A
 * receiver's silence alone proves nothing: it may compute, be stopped, or have a long queue of frames before ours. So a
 * peer with unpublished records is looked at after 50 ms, then after twice as long …, and what is done depends on what
 * is known:
 *
 *     it has published more since            nothing; begin with 50 ms again
 *     its bounded mailbox is full            nothing: it comes when there is room
 *     it is dead                             forget it
 *     the connection is another than before  what was under way is lost: send it again, at once
 *     there has been no connection for long  connect anew: nanomsg's own pauses grow too long
 *     it waits in receive for long, or has   send again on this connection, or knock again if there is none (doorbell.h);
 *     looked into its mailbox for seconds    with a full socket, connect anew
 *     its doorbell was full                  knock again, first after 2 ms
 *
 * An actor of which everything is published has no timer at all. */
#ifndef TRI_MAILBOX_CARE_H
#define TRI_MAILBOX_CARE_H

#include "mailbox/outbox.h"

/* Looks after the peers that are due. Call it whenever the clock was read anyway; cheap when nothing is due. */
void tri_care(struct tri_outbox *outbox, uint64_t now_ns);

#endif
