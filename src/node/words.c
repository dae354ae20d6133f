/* Words: what a ring holds is read once through the boxes' descriptor (a full disk or a truncated file cannot fault), its
 * records are checked and listed by receiver and number; the list is kept until another dead actor's ring is wanted. */
#include "node/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "node/actor.h"
#include "node/notice.h"

_Static_assert(sizeof(struct tri_record) + TRI_RECORD_BODY_BYTES <= TRI_CONTROL_BODY_BYTES,
               "last words never want a descriptor");

struct word {
    uint64_t receiver, number;
    uint32_t offset, size_bytes; /* of the whole record, in ring */
};

struct tri_words {
    tr_pid of;
    size_t count;
    struct word list[TRI_RING_BYTES / sizeof(struct tri_record)];
    uint8_t ring[TRI_RING_BYTES];
};

struct tri_words *tri_words_new(void) { return calloc(1, sizeof(struct tri_words)); }

void tri_words_free(struct tri_words *words) { free(words); }

static int by_receiver_and_number(const void *a, const void *b)
{
    const struct word *left = a, *right = b;
    if (left->receiver != right->receiver)
        return left->receiver < right->receiver ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

/* Lists the records between two ends of the ring; stops at the first that does not hold together. */
static void list_records(struct tri_words *words, uint64_t tail, uint64_t head)
{
    while (tail < head) {
        uint32_t offset = (uint32_t)(tail % TRI_RING_BYTES);
        struct tri_record record;
        const uint8_t *body;
        size_t room = TRI_RING_BYTES - offset;
        memcpy(&record, words->ring + offset, room < sizeof record ? room : sizeof record);
        if (room < sizeof record || record.kind == TRI_RECORD_FILLER) {
            tail += room;
            continue;
        }
        if (!tri_record_check(words->ring + offset, room < head - tail ? room : head - tail,
                              &record, &body)) {
            tri_warn("the ring of <0.%u.%u> is damaged: what lies behind byte %u is lost",
                     tr_pid_slot(words->of), tr_pid_generation(words->of), offset);
            return;
        }
        words->list[words->count++] = (struct word){record.receiver, record.number, offset,
                                                    (uint32_t)(sizeof record + record.size_bytes)};
        tail += tri_record_room(record.size_bytes);
    }
}

/* Reads what lies between two ends of the ring, each byte to its place: mostly that is little, and the ring is large. */
static bool read_ring(const struct tri_node *node, struct tri_words *words, uint64_t tail,
                      uint64_t head)
{
    off_t ring = tri_box_ring_offset(node->slots, tr_pid_slot(words->of));
    while (tail < head) {
        uint64_t offset = tail % TRI_RING_BYTES, room = TRI_RING_BYTES - offset;
        uint64_t bytes = room < head - tail ? room : head - tail;
        ssize_t n =
            tri_fd_read_at(node->boxes_fd, words->ring + offset, bytes, ring + (off_t)offset);
        if (n < 0 || (uint64_t)n != bytes)
            return false;
        tail += bytes;
    }
    return true;
}

/* Makes the dead one's ring the one that is looked at. */
static void load(struct tri_node *node, const struct tri_actor *dead)
{
    struct tri_words *words = node->words;
    struct tri_box box;
    uint32_t slot = tr_pid_slot(dead->pid);
    if (tr_pid_equal(words->of, dead->pid))
        return;
    words->of = dead->pid;
    words->count = 0;
    if (tri_box_read(node->boxes_fd, node->slots, slot, &box) || box.pid != dead->pid.id)
        return;
    uint64_t head = box.ring_head, tail = box.ring_tail;
    if (head == tail)
        return;
    if (tail > head || head - tail > TRI_RING_BYTES || tail % 8 || head % 8) {
        tri_warn("the ring of <0.%u.%u> is damaged: its ends make no sense", slot,
                 tr_pid_generation(dead->pid));
        return;
    }
    if (!read_ring(node, words, tail, head))
        return;
    list_records(words, tail, head);
    qsort(words->list, words->count, sizeof *words->list, by_receiver_and_number);
}

/* The place of the first word for that receiver with a number greater than `after`. */
static size_t first_word(const struct tri_words *words, uint64_t receiver, uint64_t after)
{
    size_t low = 0, high = words->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct word *word = &words->list[middle];
        if (word->receiver < receiver || (word->receiver == receiver && word->number <= after))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_words(const struct tri_words *words, size_t place, uint64_t receiver)
{
    return place < words->count && words->list[place].receiver == receiver;
}

/* Does one of the words name this blob? */
static bool tells_of_blob(const struct tri_words *words, uint64_t receiver, uint64_t serial)
{
    for (size_t i = first_word(words, receiver, 0); has_words(words, i, receiver); i++) {
        struct tri_record record;
        struct tri_blob_name name;
        memcpy(&record, words->ring + words->list[i].offset, sizeof record);
        if (record.kind != TRI_RECORD_BLOB || record.size_bytes != sizeof name)
            continue;
        memcpy(&name, words->ring + words->list[i].offset + sizeof record, sizeof name);
        if (name.serial == serial)
            return true;
    }
    return false;
}

/* Who dies between giving a blob its name and recording that leaves a file of which nobody will hear. It is one at most,
 * and the box says which. */
static void remove_untold_blob(struct tri_node *node, const struct tri_actor *dead)
{
    struct tri_box box;
    char path[TRI_PATH_BYTES];
    if (tri_box_read(node->boxes_fd, node->slots, tr_pid_slot(dead->pid), &box) ||
        box.pid != dead->pid.id || box.blob_serial == 0)
        return;
    tr_pid receiver = {box.blob_receiver};
    load(node, dead);
    if (tells_of_blob(node->words, receiver.id, box.blob_serial))
        return;
    unlink(tri_rundir_blob(&node->dir, receiver, dead->pid, box.blob_serial, path));
    const struct tri_actor *living = tri_actor_find(node, receiver);
    if (!living || !tri_actor_is_living(living))
        rmdir(tri_rundir_blobs(&node->dir, receiver, path));
}

void tri_words_collect(struct tri_node *node, struct tri_actor *dead)
{
    struct tri_words *words = node->words;
    remove_untold_blob(node, dead);
    for (uint64_t id = 0;;) {
        load(node, dead); /* again: a flush may have looked at another one's ring */
        size_t place = first_word(words, id, UINT64_MAX);
        if (place >= words->count)
            return;
        id = words->list[place].receiver;
        struct tri_actor *receiver = tri_actor_find(node, (tr_pid){id});
        if (!receiver || !tri_actor_is_living(receiver))
            continue;
        uint64_t published =
            tri_box_published(node->boxes_fd, node->slots, (uint32_t)id, dead->pid);
        if (!has_words(words, first_word(words, id, published), id))
            continue;
        if (tri_tell_words(node, receiver, dead))
            tri_warn("out of memory: last words of a dead actor are lost");
        tri_notices_drain(node, receiver);
    }
}

int tri_words_send(struct tri_node *node, struct tri_actor *actor, struct tri_notice *notice)
{
    load(node, notice->dead);
    struct tri_words *words = node->words;
    uint64_t id = actor->pid.id;
    if (notice->told == 0)
        notice->told =
            tri_box_published(node->boxes_fd, node->slots, (uint32_t)id, notice->dead->pid);
    for (size_t i = first_word(words, id, notice->told); has_words(words, i, id); i++) {
        struct tri_parcel parcel = tri_parcel_of(TRI_MESSAGE);
        parcel.head.pid = notice->dead->pid.id;
        parcel.body = words->ring + words->list[i].offset;
        parcel.body_bytes = words->list[i].size_bytes;
        int r = tri_control_send(actor->control.fd, &parcel);
        if (r == -EPIPE)
            return 0;
        if (r)
            return r;
        notice->told = words->list[i].number;
    }
    return 0;
}

void tri_words_told(struct tri_node *node, struct tri_actor *dead)
{
    if (--dead->words_left == 0)
        tri_actor_release(node, dead);
}
