/* Box: places in the file of windows, and records that are believed only after a check. */
#include "wire/box.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/checksum.h"
#include "base/fd.h"

/* Head and `received`. */
static size_t front_bytes(uint32_t slots)
{
    size_t bytes = TRI_BOX_RECEIVED_AT + (size_t)slots * sizeof(struct tri_received);
    return (bytes + TRI_PAGE_BYTES - 1) & ~(size_t)(TRI_PAGE_BYTES - 1);
}

size_t tri_box_window_bytes(uint32_t slots) { return front_bytes(slots) + TRI_RING_BYTES; }

off_t tri_box_offset(uint32_t slots, uint32_t slot)
{
    return (off_t)tri_box_window_bytes(slots) * slot;
}

off_t tri_box_received_offset(uint32_t slots, uint32_t slot, uint32_t sender_slot)
{
    return tri_box_offset(slots, slot) + (off_t)TRI_BOX_RECEIVED_AT +
           (off_t)sender_slot * (off_t)sizeof(struct tri_received);
}

off_t tri_box_ring_offset(uint32_t slots, uint32_t slot)
{
    return tri_box_offset(slots, slot) + (off_t)front_bytes(slots);
}

struct tri_received tri_box_received(int boxes_fd, uint32_t slots, uint32_t receiver_slot,
                                     tr_pid sender)
{
    static const struct tri_received nothing;
    struct tri_received cell;
    uint32_t sender_slot = tr_pid_slot(sender);
    if (sender_slot >= slots || receiver_slot >= slots)
        return nothing;
    off_t at = tri_box_received_offset(slots, receiver_slot, sender_slot);
    if (tri_fd_read_at(boxes_fd, &cell, sizeof cell, at) != sizeof cell)
        return nothing;
    return cell.generation == tr_pid_generation(sender) ? cell : nothing;
}

uint64_t tri_box_published(int boxes_fd, uint32_t slots, uint32_t receiver_slot, tr_pid sender)
{
    struct tri_received said = tri_box_received(boxes_fd, slots, receiver_slot, sender);
    return atomic_load_explicit(&said.number, memory_order_relaxed);
}

int tri_box_read(int boxes_fd, uint32_t slots, uint32_t slot, struct tri_box *ret_box)
{
    struct tri_box box;
    ssize_t n = tri_fd_read_at(boxes_fd, &box, sizeof box, tri_box_offset(slots, slot));
    if (n < 0)
        return (int)n;
    if (n != sizeof box || box.magic != TRI_BOX_MAGIC || box.version != TRI_BOX_VERSION)
        return TR_MALFORMED;
    memcpy(ret_box, &box, sizeof box);
    return 0;
}

int tri_box_clear(int boxes_fd, uint32_t slots, uint32_t slot)
{
    int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    if (fallocate(boxes_fd, mode, tri_box_offset(slots, slot), (off_t)tri_box_window_bytes(slots)) <
        0)
        return -errno;
    return 0;
}

/* Over the head but for the checksum itself: two multiplications that do not wait for each other. */
static uint32_t head_checksum(const struct tri_record *record)
{
    return 31 * tri_checksum_words(record->receiver, record->number) +
           tri_checksum_words(record->alias ^ (uint64_t)record->size_bytes << 32,
                              (uint64_t)record->flags << 32 | record->kind);
}

uint32_t tri_record_checksum(const struct tri_record *record, const void *body)
{
    return tri_checksum(head_checksum(record), body, record->size_bytes);
}

void tri_record_write(void *to, const struct tri_record *record, const struct iovec *parts,
                      size_t count)
{
    struct tri_record *at = to;
    /* Word by word: a copy of the whole would wait until the caller's words have reached the cache. */
    at->receiver = record->receiver;
    at->number = record->number;
    at->alias = record->alias;
    *(volatile uint32_t *)&at->kind = record->kind;
    at->flags = record->flags;
    at->size_bytes = record->size_bytes;
    uint32_t seed = head_checksum(record);
    at->checksum = count == 1 ? tri_checksum_copy(seed, at + 1, parts->iov_base, record->size_bytes)
                              : tri_checksum_gather(seed, at + 1, parts, count, record->size_bytes);
}

bool tri_record_check(const void *bytes, size_t size_bytes, struct tri_record *ret_record,
                      const uint8_t **ret_body)
{
    struct tri_record record;
    if (size_bytes < sizeof record)
        return false;
    memcpy(&record, bytes, sizeof record);
    const uint8_t *body = (const uint8_t *)bytes + sizeof record;
    if (!tri_record_is_sane(&record, size_bytes) ||
        tri_record_checksum(&record, body) != record.checksum)
        return false;
    *ret_record = record;
    *ret_body = body;
    return true;
}
