/* Room: what each receiver may use of the ring, and of the machine's memory for files.
 *
 * A receiver may hold half of the ring when it is the only one that is slow, each further one half of what the others
 * left: so a stopped receiver never stops mail to the others. */
#ifndef TRI_MAILBOX_ROOM_H
#define TRI_MAILBOX_ROOM_H

#include "mailbox/outbox.h"

/* So much may be on its way to one receiver in files; one larger file may be, too, when it is the only one. */
#define TRI_ROOM_BLOB_BYTES ((uint64_t)64 << 20)

/* Sees to it that there is room for a record of that room to that peer, and for the file that it names (0: none); notes
 * how much more may be recorded for it without asking. 0; TR_BUSY, which the outbox keeps in mind; -ENOMEM, -ENOSPC. */
int tri_room_find(struct tri_outbox *outbox, struct tri_peer *peer, size_t room,
                  uint64_t blob_bytes);

/* Tells whether what was TR_BUSY would be admitted now, and with so much room that waking up is worth it. */
bool tri_room_is_back(struct tri_outbox *outbox, size_t worth_bytes);

/* The record that is sent next names a file of that size. */
void tri_room_note_blob(struct tri_peer *peer, uint64_t blob_bytes);

#endif
