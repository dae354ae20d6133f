/* Framing: the buffer holds one frame that is not whole, and what was read with it. */
#include "behaviour/framing.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

/* What is asked for at once. */
#define READ_BYTES ((size_t)65536)
/* A buffer that is larger is given back when it is empty: one long line must not be remembered for ever. */
#define KEPT_BYTES (4 * READ_BYTES)
/* What may stand behind the content of a line: \r\n. */
#define LINE_END_BYTES 2

/* ---------------------------------------------------------------- into a stream */

static size_t head_bytes(const struct tri_framing *framing)
{
    switch (framing->kind) {
    case TR_FRAMING_PACKET_1:
        return 1;
    case TR_FRAMING_PACKET_2:
        return 2;
    case TR_FRAMING_PACKET_4:
        return 4;
    default:
        return 0;
    }
}

bool tri_framing_head(const struct tri_framing *framing, size_t size_bytes,
                      uint8_t ret_head[TRI_FRAME_HEADER_BYTES], size_t *ret_bytes)
{
    size_t bytes = head_bytes(framing);
    if (bytes > 0 && size_bytes >> (8 * bytes) != 0)
        return false;
    uint32_t big_endian = htobe32((uint32_t)size_bytes);
    memcpy(ret_head, (uint8_t *)&big_endian + sizeof big_endian - bytes, bytes);
    *ret_bytes = bytes;
    return true;
}

/* ---------------------------------------------------------------- the buffer */

/* Moves what is left to the beginning. */
static void compact(struct tri_framer *framer)
{
    if (framer->begin == 0)
        return;
    memmove(framer->data, framer->data + framer->begin, framer->end - framer->begin);
    framer->end -= framer->begin;
    framer->begin = 0;
}

static int resize(struct tri_framer *framer, size_t capacity)
{
    uint8_t *data = realloc(framer->data, capacity);
    if (!data)
        return -ENOMEM;
    framer->data = data;
    framer->capacity = capacity;
    return 0;
}

int tri_framer_room(struct tri_framer *framer, uint8_t **ret_at, size_t *ret_bytes)
{
    framer->taken = 0; /* a frame that was shown and not dropped is shown again */
    if (framer->begin == framer->end) {
        framer->begin = framer->end = 0;
        if (framer->capacity > KEPT_BYTES)
            tri_framer_deinit(framer);
    }
    if (framer->capacity - framer->end < READ_BYTES)
        compact(framer);
    if (framer->capacity - framer->end < READ_BYTES) {
        size_t doubled = 2 * framer->capacity, needed = framer->end + READ_BYTES;
        int r = resize(framer, doubled > needed ? doubled : needed);
        if (r)
            return r;
    }
    *ret_at = framer->data + framer->end;
    *ret_bytes = READ_BYTES;
    return 0;
}

void tri_framer_came(struct tri_framer *framer, size_t bytes)
{
    TRI_ASSERT(bytes <= framer->capacity - framer->end);
    framer->end += bytes;
}

void tri_framer_drop(struct tri_framer *framer)
{
    framer->begin += framer->taken;
    framer->taken = 0;
    framer->searched = 0;
}

void tri_framer_deinit(struct tri_framer *framer)
{
    free(framer->data);
    framer->data = NULL;
    framer->begin = framer->end = framer->capacity = 0;
    framer->searched = framer->taken = 0;
}

/* ---------------------------------------------------------------- out of a stream */

/* A frame whose content lies `skip` bytes behind the beginning, and takes so many bytes in all. */
static struct tri_frame show(struct tri_framer *framer, enum tri_frame_kind kind, size_t skip,
                             size_t size_bytes, size_t taken)
{
    framer->taken = taken;
    return (struct tri_frame){kind, framer->data + framer->begin + skip, size_bytes};
}

static const struct tri_frame none = {.kind = TRI_FRAME_NONE};

static struct tri_frame next_piece(struct tri_framer *framer, size_t available)
{
    size_t max = framer->framing.max_bytes;
    size_t size = available < max ? available : max;
    return size ? show(framer, TRI_FRAME_WHOLE, 0, size, size) : none;
}

static uint8_t line_end(const struct tri_framing *framing)
{
    return framing->has_own_end ? framing->end : '\n';
}

/* Looks for the end among what may belong to a line that fits. Its place, or `limit`. */
static size_t find_end(struct tri_framer *framer, size_t limit)
{
    const uint8_t *begin = framer->data + framer->begin;
    if (framer->searched < limit) {
        const uint8_t *at =
            memchr(begin + framer->searched, line_end(&framer->framing), limit - framer->searched);
        framer->searched = at ? (size_t)(at - begin) : limit;
    }
    return framer->searched;
}

/* A line's end, \n or \r\n unless the framing says otherwise, does not count. One that is longer comes in parts of
 * max_bytes, and its rest. */
static struct tri_frame next_line(struct tri_framer *framer, size_t available)
{
    size_t max = framer->framing.max_bytes;
    size_t limit = available < max + LINE_END_BYTES ? available : max + LINE_END_BYTES;
    if (limit == 0)
        return none;
    const uint8_t *begin = framer->data + framer->begin;
    size_t end = find_end(framer, limit);
    bool has_return = !framer->framing.has_own_end && end > 0 && begin[end - 1] == '\r';
    size_t size = has_return ? end - 1 : end;
    if (end < limit && size <= max)
        return show(framer, TRI_FRAME_WHOLE, 0, size, end + 1);
    if (available > max && (available > max + 1 || begin[max] != '\r'))
        return show(framer, TRI_FRAME_PART, 0, max, max);
    if (!framer->is_at_end)
        return none;
    size = available < max ? available : max;
    return show(framer, TRI_FRAME_PART, 0, size, size);
}

static struct tri_frame next_packet(struct tri_framer *framer, size_t available)
{
    size_t head = head_bytes(&framer->framing), size = 0;
    if (available >= head) {
        for (size_t i = 0; i < head; i++)
            size = size << 8 | framer->data[framer->begin + i];
        if (size > framer->framing.max_bytes)
            return (struct tri_frame){TRI_FRAME_TOO_LONG, NULL, size};
        if (available - head >= size)
            return show(framer, TRI_FRAME_WHOLE, head, size, head + size);
    }
    if (framer->is_at_end && available > 0)
        return (struct tri_frame){TRI_FRAME_CUT, NULL, available};
    return none;
}

struct tri_frame tri_framer_next(struct tri_framer *framer)
{
    size_t available = framer->end - framer->begin;
    switch (framer->framing.kind) {
    case TR_FRAMING_STREAM:
        return next_piece(framer, available);
    case TR_FRAMING_LINE:
        return next_line(framer, available);
    default:
        return next_packet(framer, available);
    }
}
