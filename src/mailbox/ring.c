/* Ring: append at the head, release or move at the tail. Only its owner writes it, and keeps the ends for itself, too:
 * to read what others look at would be to wait for the cache. */
#include "mailbox/ring.h"

#include <string.h>

#include "base/panic.h"

static void set_head(struct tri_ring *ring, uint64_t position)
{
    ring->head = position;
    atomic_store_explicit(ring->shown_head, position, memory_order_release);
}

static void set_tail(struct tri_ring *ring, uint64_t position)
{
    ring->tail = position;
    atomic_store_explicit(ring->shown_tail, position, memory_order_release);
    atomic_thread_fence(memory_order_release); /* before what it has left is written over */
}

/* How much a record at the head must skip: the rest of the lap when it does not fit there, or when it would leave too
 * little for a filler behind it. */
static size_t skip_for(const struct tri_ring *ring, size_t room_bytes)
{
    size_t left = tri_ring_left_of_lap(tri_ring_head(ring));
    if (room_bytes == left || room_bytes + sizeof(struct tri_record) <= left)
        return 0;
    return left;
}

static size_t free_bytes(const struct tri_ring *ring)
{
    return TRI_RING_BYTES - (size_t)(tri_ring_head(ring) - ring->tail);
}

bool tri_ring_accepts(const struct tri_ring *ring, size_t room_bytes)
{
    return skip_for(ring, room_bytes) + room_bytes + TRI_RING_SLACK_BYTES <= free_bytes(ring);
}

size_t tri_ring_straight(const struct tri_ring *ring, size_t ready_bytes)
{
    size_t at = (size_t)(tri_ring_head(ring) % TRI_RING_BYTES);
    size_t end =
        ready_bytes < TRI_RING_BYTES ? ready_bytes : TRI_RING_BYTES - sizeof(struct tri_record);
    size_t free = free_bytes(ring), straight = end > at ? end - at : 0;
    free = free > TRI_RING_SLACK_BYTES ? free - TRI_RING_SLACK_BYTES : 0;
    return straight < free ? straight : free;
}

size_t tri_ring_next_end(const struct tri_ring *ring, size_t room_bytes)
{
    size_t at = (size_t)(tri_ring_head(ring) % TRI_RING_BYTES);
    if (skip_for(ring, room_bytes) == 0)
        return at + room_bytes;
    size_t filler_end = at + sizeof(struct tri_record);
    return filler_end > room_bytes ? filler_end : room_bytes;
}

/* Leaves a filler when the record begins at the ring's beginning. The record's position. */
static uint64_t place_for(struct tri_ring *ring, size_t room_bytes)
{
    uint64_t head = tri_ring_head(ring);
    size_t skip = skip_for(ring, room_bytes);
    TRI_ASSERT(skip + room_bytes <= free_bytes(ring));
    if (skip == 0)
        return head;
    struct tri_record filler = {.size_bytes = (uint32_t)(skip - sizeof filler),
                                .kind = TRI_RECORD_FILLER};
    memcpy(ring->bytes + head % TRI_RING_BYTES, &filler, sizeof filler);
    return head + skip;
}

uint64_t tri_ring_append(struct tri_ring *ring, const struct tri_record *record,
                         const struct iovec *parts, size_t count)
{
    size_t room = tri_record_room(record->size_bytes);
    uint64_t position = place_for(ring, room);
    uint8_t *at = ring->bytes + position % TRI_RING_BYTES;
    tri_record_write(at, record, parts, count);
    set_head(ring, position + room);
    return position;
}

const struct tri_record *tri_ring_at(const struct tri_ring *ring, uint64_t position)
{
    return (const void *)(ring->bytes + position % TRI_RING_BYTES);
}

const struct tri_record *tri_ring_oldest(struct tri_ring *ring, uint64_t *ret_position)
{
    uint64_t tail = ring->tail, head = tri_ring_head(ring);
    if (tail == head)
        return NULL;
    if (tri_ring_at(ring, tail)->kind == TRI_RECORD_FILLER) {
        tail += tri_ring_left_of_lap(tail);
        set_tail(ring, tail);
        if (tail == head)
            return NULL;
    }
    const struct tri_record *record = tri_ring_at(ring, tail);
    if (record->size_bytes > TRI_RECORD_BODY_BYTES ||
        tri_record_room(record->size_bytes) > head - tail)
        tri_panic("the ring of sent messages is damaged: something has written over it");
    *ret_position = tail;
    return record;
}

void tri_ring_release(struct tri_ring *ring)
{
    uint64_t tail;
    const struct tri_record *record = tri_ring_oldest(ring, &tail);
    TRI_ASSERT(record);
    set_tail(ring, tail + tri_record_room(record->size_bytes));
}

void tri_ring_release_to(struct tri_ring *ring, uint64_t position)
{
    TRI_ASSERT(position >= ring->tail && position <= tri_ring_head(ring));
    set_tail(ring, position);
}

uint64_t tri_ring_move(struct tri_ring *ring)
{
    uint64_t tail;
    const struct tri_record *record = tri_ring_oldest(ring, &tail);
    TRI_ASSERT(record);
    size_t room = tri_record_room(record->size_bytes);
    uint64_t position = place_for(ring, room);
    memcpy(ring->bytes + position % TRI_RING_BYTES, record, room);
    set_head(ring, position + room);
    set_tail(ring, tail + room);
    return position;
}

void tri_ring_rewind(struct tri_ring *ring)
{
    uint64_t head = tri_ring_head(ring);
    if (head % TRI_RING_BYTES)
        head += tri_ring_left_of_lap(head);
    set_tail(ring, head);
    set_head(ring, head);
}
