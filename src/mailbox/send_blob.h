/* Sending what is too large for a record: which of the ways a letter takes. */
#ifndef TRI_MAILBOX_SEND_BLOB_H
#define TRI_MAILBOX_SEND_BLOB_H

#include "mailbox/inside.h"
#include "mailbox/letter.h"

/* Sends a letter to another process, which lives as far as the table tells. When it returns 0, letter->blob is freed.
 * 0; TR_NOPROC: it has died meanwhile, and nothing is left of the letter; TR_BUSY; a negative errno. */
int tri_send_blob(struct tri_mailbox *mailbox, tr_pid to, uint64_t alias,
                  const struct tri_letter *letter);

#endif
