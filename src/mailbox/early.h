/* Early: records that came before one that their sender sent earlier, held back until the gap closes.
 *
 * That happens when a connection was rebuilt, and when the node tells a dead sender's last words. A sender that keeps
 * to the rules cannot have more outstanding than its ring holds, so no more is kept for one; what is beyond is dropped,
 * and repeated like anything that stays unpublished. */
#ifndef TRI_MAILBOX_EARLY_H
#define TRI_MAILBOX_EARLY_H

#include "wire/box.h"

struct tri_early_record {
    struct tri_early_record *next;
    struct tri_record record;
    uint8_t body[];
};

struct tri_early_sender;

struct tri_early {
    struct tri_early_sender *senders; /* by pid; only those from whom something is held */
};

/* Holds a copy of a record, unless it is held already or there is no room for it. */
void tri_early_hold(struct tri_early *early, tr_pid sender, const struct tri_record *record,
                    const uint8_t *body);

/* Takes out the record with that number. NULL when it is not here. The caller frees it. */
struct tri_early_record *tri_early_take(struct tri_early *early, tr_pid sender, uint64_t number);

/* Drops what is held from a sender, or from all of them. */
void tri_early_forget(struct tri_early *early, tr_pid sender);
void tri_early_deinit(struct tri_early *early);

#endif
