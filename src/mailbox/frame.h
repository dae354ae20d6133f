/* Frame: what travels in one nanomsg message: who speaks to whom, then one or more records as they lie in the sender's
 * ring.
 *
 * A frame comes from another process and is data: it is wholly checked before any of it is used. */
#ifndef TRI_MAILBOX_FRAME_H
#define TRI_MAILBOX_FRAME_H

#include "wire/box.h"

#define TRI_FRAME_MAGIC 0x66747274u /* "trtf" */
#define TRI_FRAME_VERSION 2u

struct tri_frame {
    uint32_t magic;
    uint16_t version;
    uint16_t count;    /* of the records that follow */
    uint64_t sender;   /* tr_pid.id */
    uint64_t receiver; /* tr_pid.id */
    /* it was sent before: some of its records may have come */
    uint32_t is_again, unused;
    /* where in the sender's ring the first record of ours may stand that has not been in a frame; 0: unknown */
    uint64_t position;
};

/* A frame with several records is filled up to about this, in a long stream up to the most; one with a single record
 * may be larger. */
#define TRI_FRAME_FILL_BYTES (16u * 1024u)
#define TRI_FRAME_FILL_MOST_BYTES (32u * 1024u)
/* What the largest frame takes. */
#define TRI_FRAME_BYTES                                                                            \
    (sizeof(struct tri_frame) + sizeof(struct tri_record) + TRI_RECORD_BODY_BYTES)

_Static_assert(sizeof(struct tri_frame) % 8 == 0, "records in a frame are aligned");

static inline struct tri_frame tri_frame_of(tr_pid sender, tr_pid receiver, size_t count)
{
    return (struct tri_frame){.magic = TRI_FRAME_MAGIC,
                              .version = TRI_FRAME_VERSION,
                              .count = (uint16_t)count,
                              .sender = sender.id,
                              .receiver = receiver.id};
}

/* Checks a whole frame: its head, that it is meant for `receiver`, that its sender's slot is one of `slots`, and each
 * record's length, kind, receiver and number. Copies the head out.
 *   bytes   aligned to 8, as what nanomsg gives is */
bool tri_frame_check(const void *bytes, size_t size_bytes, tr_pid receiver, uint32_t slots,
                     struct tri_frame *ret_frame);

/* The record at *at of a frame that has been checked, where it lies, and its body; moves *at behind it. Begins with 0. */
const struct tri_record *tri_frame_next(const void *bytes, size_t *at, const uint8_t **ret_body);

#endif
