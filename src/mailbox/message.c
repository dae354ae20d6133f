/* Message: three kinds of storage, told apart where they are freed. */
#include "mailbox/message.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/auto.h"
#include "base/panic.h"
#include "mailbox/socket.h"

enum storage_kind { IN_BLOCK, OWN, MAPPED };

struct tri_message_block {
    void *frame;
    size_t refs, used, count, capacity;
    struct tr_message messages[];
};

/* A larger block is not kept as a spare. */
#define SPARE_MESSAGES 1024

struct tri_message_block *tri_message_block_new(void *frame, size_t count,
                                                struct tri_message_block **spare)
{
    struct tri_message_block *block = NULL;
    if (*spare && (*spare)->capacity >= count) {
        block = TRI_TAKE(*spare);
    } else {
        block = malloc(sizeof *block + count * sizeof block->messages[0]);
        if (!block)
            return NULL;
        block->capacity = count;
    }
    block->frame = frame;
    block->refs = 1;
    block->used = 0;
    block->count = count;
    return block;
}

static bool is_better(const struct tri_message_block *block, const struct tri_message_block *spare)
{
    return block->capacity <= SPARE_MESSAGES && block->capacity > 1 &&
           (!spare || spare->capacity < block->capacity);
}

/* Not a part of its callers, who do it once for hundreds of messages. */
static __attribute__((noinline)) void end_block(struct tri_message_block *block,
                                                struct tri_message_block **spare)
{
    tri_socket_free(block->frame);
    if (spare && is_better(block, *spare)) {
        struct tri_message_block *other = *spare;
        *spare = block;
        block = other;
    }
    free(block);
}

void tri_message_block_unref(struct tri_message_block *block, struct tri_message_block **spare)
{
    if (--block->refs == 0)
        end_block(block, spare);
}

/* Field by field, and without those of the queue: clearing it as a whole costs more than all the rest of taking in a message. */
static void init(struct tr_message *message, tr_pid from, uint64_t alias, enum storage_kind kind)
{
    message->from = from;
    message->alias = alias;
    message->storage_kind = kind;
    message->is_guest = false;
}

struct tr_message *tri_message_in_block(struct tri_message_block *block, tr_pid from,
                                        uint64_t alias, tr_term term)
{
    TRI_ASSERT(block->used < block->count);
    struct tr_message *message = &block->messages[block->used++];
    init(message, from, alias, IN_BLOCK);
    message->term = term;
    message->storage = block;
    block->refs++;
    return message;
}

/* ---------------------------------------------------------------- spares */

/* What is kept: how many, and of which size. */
#define SPARES 4
#define SPARE_LEAST_BYTES ((size_t)64 << 10)
#define SPARE_MOST_BYTES (((size_t)4 << 20) + 4096)

/* A program frees its messages whenever it likes, while another thread may be taking in mail. */
static struct tr_message *_Atomic spares[SPARES];
static _Atomic bool spares_used;

static bool is_worth_keeping(size_t size_bytes)
{
    return size_bytes >= SPARE_LEAST_BYTES && size_bytes <= SPARE_MOST_BYTES;
}

/* A spare with that much room, and not with several times as much. */
static struct tr_message *take_spare(size_t size_bytes)
{
    for (int i = 0; i < SPARES; i++) {
        struct tr_message *kept = atomic_exchange(&spares[i], NULL);
        if (kept && kept->storage_bytes >= size_bytes && kept->storage_bytes / 4 <= size_bytes)
            return kept;
        free(kept);
    }
    return NULL;
}

static void free_own(struct tr_message *message)
{
    struct tr_message *none = NULL;
    if (is_worth_keeping(message->storage_bytes)) {
        atomic_store(&spares_used, true);
        for (int i = 0; i < SPARES; i++, none = NULL)
            if (atomic_compare_exchange_strong(&spares[i], &none, message))
                return;
    }
    free(message);
}

bool tri_message_spares_used(void) { return atomic_exchange(&spares_used, false); }

void tri_message_spares_free(void)
{
    for (int i = 0; i < SPARES; i++)
        free(atomic_exchange(&spares[i], NULL));
}

struct tr_message *tri_message_new(tr_pid from, uint64_t alias, size_t size_bytes)
{
    struct tr_message *message = is_worth_keeping(size_bytes) ? take_spare(size_bytes) : NULL;
    size_t room_bytes = message ? message->storage_bytes : size_bytes;
    if (!message)
        message = malloc(sizeof *message + size_bytes);
    if (!message)
        return NULL;
    init(message, from, alias, OWN);
    message->term = (tr_term){NULL, 0};
    message->storage = message + 1;
    message->storage_bytes = room_bytes;
    return message;
}

void *tri_message_room(struct tr_message *message) { return message->storage; }

struct tr_message *tri_message_copy(tr_pid from, uint64_t alias, tr_term term)
{
    struct tr_message *message = tri_message_new(from, alias, term.size_bytes);
    if (!message)
        return NULL;
    memcpy(message->storage, term.data, term.size_bytes);
    message->term = (tr_term){message->storage, term.size_bytes};
    return message;
}

struct tr_message *tri_message_of_map(tr_pid from, uint64_t alias, void *map, size_t map_bytes,
                                      tr_term term)
{
    struct tr_message *message = malloc(sizeof *message);
    if (!message)
        return NULL;
    init(message, from, alias, MAPPED);
    message->storage = map;
    message->storage_bytes = map_bytes;
    message->term = term;
    return message;
}

void tri_message_free(struct tr_message *message) { tri_message_recycle(message, NULL); }

void tri_message_recycle(struct tr_message *message, struct tri_message_block **spare)
{
    if (!message)
        return;
    switch ((enum storage_kind)message->storage_kind) {
    case IN_BLOCK:
        tri_message_block_unref(message->storage, spare);
        break;
    case OWN:
        free_own(message);
        break;
    case MAPPED:
        munmap(message->storage, message->storage_bytes);
        free(message);
        break;
    }
}
