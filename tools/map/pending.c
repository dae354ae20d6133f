/* Pending: what is written makes room at the beginning, which is used when there is none at the end. */
#include "map/pending.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "troupe/outcome.h"

#define FIRST_BYTES ((size_t)4096)
/* What is as large as this does not grow by doubling. */
#define LARGE_BYTES ((size_t)1 << 20)

void map_pending_deinit(struct map_pending *pending)
{
    free(pending->bytes);
    *pending = (struct map_pending){.bytes = NULL};
}

int map_pending_room(struct map_pending *pending, size_t bytes)
{
    size_t waiting = map_pending_bytes(pending);
    if (pending->capacity - pending->end >= bytes)
        return 0;
    if (waiting)
        memmove(pending->bytes, pending->bytes + pending->begin, waiting);
    pending->begin = 0;
    pending->end = waiting;
    if (pending->capacity - waiting >= bytes)
        return 0;
    size_t capacity = waiting + bytes + FIRST_BYTES;
    if (capacity < LARGE_BYTES)
        capacity *= 2;
    uint8_t *grown = realloc(pending->bytes, capacity);
    if (!grown)
        return -ENOMEM;
    pending->bytes = grown;
    pending->capacity = capacity;
    return 0;
}

static void append(struct map_pending *pending, const void *bytes, size_t size_bytes)
{
    if (size_bytes)
        memcpy(pending->bytes + pending->end, bytes, size_bytes);
    pending->end += size_bytes;
}

int map_pending_put(struct map_pending *pending, const struct tri_framing *framing,
                    const void *bytes, size_t size_bytes, size_t *ret_bytes)
{
    uint8_t head[TRI_FRAME_HEADER_BYTES];
    size_t head_bytes = 0;
    if (framing && !tri_framing_head(framing, size_bytes, head, &head_bytes))
        return TR_TOO_LARGE;
    size_t end_bytes = framing && framing->kind == TR_FRAMING_LINE;
    int r = map_pending_room(pending, head_bytes + size_bytes + end_bytes);
    if (r)
        return r;
    append(pending, head, head_bytes);
    append(pending, bytes, size_bytes);
    if (end_bytes)
        append(pending, &framing->end, 1);
    *ret_bytes = head_bytes + size_bytes + end_bytes;
    return 0;
}

size_t map_pending_framed_bytes(const struct tri_framing *framing, size_t size_bytes)
{
    uint8_t head[TRI_FRAME_HEADER_BYTES];
    size_t head_bytes = 0;
    tri_framing_head(framing, size_bytes, head, &head_bytes);
    return head_bytes + size_bytes + (framing->kind == TR_FRAMING_LINE);
}

void map_pending_written(struct map_pending *pending, size_t bytes, size_t kept_bytes)
{
    pending->begin += bytes;
    if (pending->begin < pending->end)
        return;
    pending->begin = pending->end = 0;
    if (pending->capacity > kept_bytes)
        map_pending_deinit(pending);
}
