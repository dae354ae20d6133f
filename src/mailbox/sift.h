/* Sift: of a stretch of somebody's ring, as it was read, only what is for us. Pure.
 *
 * The stretch may have been written over while it was read, because its owner lets go of what is not ours, or of what we
 * have, and may be writing there just now; or its owner is dead, and it has been cleared. What we do not have yet is never
 * written over: so a short stretch that holds nothing but the next records for us, whole by their checksums, is certain.
 * Of any other its reader asks the ring whether its tail has passed the beginning meanwhile, which costs as much as 1 KiB
 * of checksums. */
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
    bool is_certain;     /* nothing that passed can have been written over         */
};

/* Moves the records for `self` with a number higher than `taken` to the beginning of the stretch, in their order. A blob is
 * the last of them: large bodies are taken in one by one, in the same memory.
 *   bytes        aligned to 8
 *   most         how many records at most */
struct tri_sifted tri_sift(uint8_t *bytes, size_t size_bytes, tr_pid self, uint64_t taken,
                           unsigned most);

#endif
