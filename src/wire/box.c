/* Box: places in the file of windows, and records that are believed only after a check. */
#include "wire/box.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/checksum.h"
#include "base/fd.h"
#include "wire/crash.h"

/* Head and `received`. */
static size_t front_bytes(uint32_t slots)
{
    size_t bytes = TRI_BOX_RECEIVED_AT + (size_t)slots * sizeof(struct tri_received);
    return (bytes + TRI_PAGE_BYTES - 1) & ~(size_t)(TRI_PAGE_BYTES - 1);
}

size_t tri_box_window_bytes(uint32_t slots)
{
    return front_bytes(slots) + TRI_CRASH_BYTES + TRI_RING_BYTES;
}

off_t tri_box_offset(uint32_t slots, uint32_t slot)
{
    return (off_t)tri_box_window_bytes(slots) * slot;
}

off_t tri_box_received_offset(uint32_t slots, uint32_t slot, uint32_t sender_slot)
{
    return tri_box_offset(slots, slot) + (off_t)TRI_BOX_RECEIVED_AT +
           (off_t)sender_slot * (off_t)sizeof(struct tri_received);
}

off_t tri_box_crash_offset(uint32_t slots, uint32_t slot)
{
    return tri_box_offset(slots, slot) + (off_t)front_bytes(slots);
}

off_t tri_box_ring_offset(uint32_t slots, uint32_t slot)
{
    return tri_box_crash_offset(slots, slot) + TRI_CRASH_BYTES;
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

enum tri_door tri_box_door(int boxes_fd, uint32_t slots, tr_pid pid)
{
    uint32_t door = TRI_DOOR_BELL;
    off_t at = tri_box_offset(slots, tr_pid_slot(pid)) + (off_t)offsetof(struct tri_box, door);
    if (tr_pid_slot(pid) >= slots ||
        tri_fd_read_at(boxes_fd, &door, sizeof door, at) != sizeof door)
        return TRI_DOOR_BELL;
    return door <= TRI_DOOR_CROWDED ? (enum tri_door)door : TRI_DOOR_BELL;
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

/* A copy at a place, if there can be one. */
static bool taken_from(const struct tri_box *box, size_t at, struct tri_kept *ret_kept)
{
    struct tri_taken head;
    if (at % 8 || at > TRI_TAKEN_BYTES - sizeof head)
        return false;
    memcpy(&head, box->taken + at, sizeof head);
    size_t room = TRI_TAKEN_BYTES - sizeof head - at;
    ret_kept->peer = head.from;
    ret_kept->size_bytes = head.size_bytes;
    ret_kept->kept_bytes =
        head.size_bytes < TRI_IN_HAND_BYTES ? head.size_bytes : TRI_IN_HAND_BYTES;
    ret_kept->bytes = box->taken + at + sizeof head;
    return head.size_bytes > 0 && ret_kept->kept_bytes <= room;
}

size_t tri_box_taken(const struct tri_box *box, struct tri_kept *ret_kept, size_t most)
{
    /* They were written from low places to high ones, again and again: walking back, one may come from a lower place, or
     * once from behind the last one's end. */
    size_t count = 0, at = box->taken_at, floor = 0, ceiling = TRI_TAKEN_BYTES, last_end = 0;
    while (count < most) {
        struct tri_kept kept = {0};
        struct tri_taken head;
        if (!taken_from(box, at, &kept))
            break;
        size_t end = at + sizeof head + ((kept.kept_bytes + 7) & ~7u);
        if (at < floor || end > ceiling)
            break;
        ret_kept[count++] = kept;
        if (count == 1)
            last_end = end;
        memcpy(&head, box->taken + at, sizeof head);
        if (head.before_at < at) {
            ceiling = at;
        } else if (floor == 0) {
            floor = last_end;
            ceiling = TRI_TAKEN_BYTES;
        } else {
            break;
        }
        at = head.before_at;
    }
    return count;
}

/* The position of the one that was sent so many before the last; 0: none. */
static uint64_t sent_at(const struct tri_box *box, unsigned age)
{
    uint64_t sorted[TRI_SENT_KEPT] = {0};
    for (size_t i = 0; i < TRI_SENT_KEPT; i++) {
        size_t place = i;
        for (; place > 0 && sorted[place - 1] < box->sent[i]; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = box->sent[i];
    }
    return age < TRI_SENT_KEPT ? sorted[age] : 0;
}

bool tri_box_read_sent(int boxes_fd, uint32_t slots, uint32_t slot, const struct tri_box *box,
                       unsigned age, void *buffer, struct tri_kept *ret_kept)
{
    struct tri_record record;
    const uint8_t *body;
    uint64_t position = sent_at(box, age);
    uint64_t head = atomic_load_explicit(&box->ring_head, memory_order_relaxed);
    if (position-- == 0 || position % 8 || position >= head || head - position > TRI_RING_BYTES)
        return false;
    size_t at = position % TRI_RING_BYTES, most = TRI_SENT_BUFFER_BYTES;
    if (TRI_RING_BYTES - at < most)
        most = TRI_RING_BYTES - at;
    ssize_t n =
        tri_fd_read_at(boxes_fd, buffer, most, tri_box_ring_offset(slots, slot) + (off_t)at);
    if (n < 0 || !tri_record_check(buffer, (size_t)n, &record, &body))
        return false;
    *ret_kept = (struct tri_kept){.peer = record.receiver,
                                  .number = record.number,
                                  .size_bytes = record.size_bytes,
                                  .kept_bytes = record.size_bytes,
                                  .bytes = body};
    return true;
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
