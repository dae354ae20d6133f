/* Knot: bounded mailboxes whose owners all wait in tr_send, each for the next one, in a ring. None of them takes in
 * anything, for all are full, so none would ever go on.
 *
 * Who waits for whom stands in the boxes, and each waits for one only: so one who has waited for a while follows the
 * others, and sees whether that leads back. */
#ifndef TRI_MAILBOX_KNOT_H
#define TRI_MAILBOX_KNOT_H

#include "mailbox/recorder.h"

/* Does that receiver, which this process waits for, wait for this process in the end? */
bool tri_knot_leads_back(const struct tri_recorder *recorder, tr_pid receiver);

#endif
