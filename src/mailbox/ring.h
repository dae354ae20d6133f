/* Ring: the part of the flight recorder that holds what was sent and may not have arrived. Pure: memory and two ends.
 *
 * Both ends count up for ever; a record's place is its position modulo the ring's size. A record never wraps. It is
 * written before the head passes over it, and copied before the tail leaves it, so whoever dies in between leaves a
 * ring in which every record that matters is whole (one may be there twice). A reader outside may stop at any
 * position from which less than a record's head is left of the ring, or where a filler stands: both lead to the
 * ring's beginning.
 *
 * What stays needed for long (its receiver is stopped) is moved from the tail to the head, as a log-structured store
 * cleans itself, so that the tail always moves on. Moving needs slack: a user's record is taken in only while that
 * much stays free (tri_ring_accepts), and no more than TRI_RING_LIVE_BYTES may be in need at once. Then a whole lap of
 * moving always makes room: it leaves in the ring what is in need and at most one filler. */
#ifndef TRI_MAILBOX_RING_H
#define TRI_MAILBOX_RING_H

#include "wire/box.h"

/* The largest record, and as much a filler at most. */
#define TRI_RING_RECORD_BYTES                                                                      \
    (sizeof(struct tri_record) + TRI_RECORD_BODY_BYTES + sizeof(struct tri_record))
#define TRI_RING_SLACK_BYTES (2 * TRI_RING_RECORD_BYTES)
#define TRI_RING_LIVE_BYTES (TRI_RING_BYTES - 5 * TRI_RING_RECORD_BYTES)

_Static_assert(TRI_RING_BYTES > 6 * TRI_RING_RECORD_BYTES,
               "the ring holds a few of the largest records");

struct tri_ring {
    uint8_t *bytes;                            /* TRI_RING_BYTES of them */
    _Atomic uint64_t *shown_head, *shown_tail; /* where others see them */
    uint64_t head, tail;
};

/* How many bytes there are from a position to where the ring begins again. */
static inline size_t tri_ring_left_of_lap(uint64_t position)
{
    return TRI_RING_BYTES - (size_t)(position % TRI_RING_BYTES);
}

/* Is there room for a record, with slack for moving left over? */
bool tri_ring_accepts(const struct tri_ring *ring, size_t room_bytes);

/* How many bytes of records may be appended before the lap, the free room, or what is ready of the ring's beginning ends.
 */
size_t tri_ring_straight(const struct tri_ring *ring, size_t ready_bytes);

/* Up to where the ring must be writable for the next record of that room, from the ring's beginning. */
size_t tri_ring_next_end(const struct tri_ring *ring, size_t room_bytes);

/* Appends a record, which must fit, with its body, which lies in parts; its checksum is computed. Its position. */
uint64_t tri_ring_append(struct tri_ring *ring, const struct tri_record *record,
                         const struct iovec *parts, size_t count);

/* The record at a position. */
const struct tri_record *tri_ring_at(const struct tri_ring *ring, uint64_t position);

/* The oldest record and its position; NULL when the ring is empty. */
const struct tri_record *tri_ring_oldest(struct tri_ring *ring, uint64_t *ret_position);

/* Lets the oldest record go. */
void tri_ring_release(struct tri_ring *ring);

/* Lets all records before that position go, where one begins, or which is the head. */
void tri_ring_release_to(struct tri_ring *ring, uint64_t position);

/* Moves the oldest record to the head, where it must fit. Its new position. */
uint64_t tri_ring_move(struct tri_ring *ring);

/* Lets all records go, and goes on from the ring's beginning, whose memory is in use already. */
void tri_ring_rewind(struct tri_ring *ring);

static inline uint64_t tri_ring_head(const struct tri_ring *ring) { return ring->head; }

#endif
