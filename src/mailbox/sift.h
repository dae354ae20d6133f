/* Sift: of a stretch of somebody's ring, as it was read, only what is for us. Pure.
 *
 * The stretch may have been written over while it was read, because its owner lets go of what is not ours, or of what we
 * have. What we do not have yet is never written over: so a stretch that holds nothing but the next records for us is
 * certain; any other is only when the ring's tail has not passed its beginning meanwhile. */
#ifndef TRI_MAILBOX_SIFT_H
#define TRI_MAILBOX_SIFT_H

#include "wire/box.h"

/* Why a stretch was not looked at any further. */
enum tri_sift_end {
    TRI_SIFT_WHOLE,    /* it was looked at to its end                              */
    TRI_SIFT_CUT,      /* it ends within a record, which begins behind what passed */
    TRI_SIFT_LAP_OVER, /* what follows stands at the ring's beginning              */
    TRI_SIFT_BROKEN,   /* there is no record: it has been written over             */
};

struct tri_sifted {
    enum tri_sift_end end;
    size_t passed_bytes; /* how much of the stretch is done with                   */
    size_t cut_bytes;    /* the room of the record within which it ends            */
    size_t kept_bytes;   /* of records for us, which stand at its beginning now    */
    unsigned count;      /* of those                                               */
    bool is_certain;     /* nothing of it can have been written over               */
};

/* Moves the records for `self` with a number higher than `taken` to the beginning of the stretch, in their order.
 *   bytes        aligned to 8
 *   most         how many records at most */
struct tri_sifted tri_sift(uint8_t *bytes, size_t size_bytes, tr_pid self, uint64_t taken,
                           unsigned most);

#endif
