/* Pending: bytes that wait to be written to a pipe or a file, framed as they go. */
#ifndef TROUPE_MAP_PENDING_H
#define TROUPE_MAP_PENDING_H

#include "behaviour/framing.h"

/* Zeroed, nothing waits. */
struct map_pending {
    uint8_t *bytes;
    size_t begin, end, capacity;
};

void map_pending_deinit(struct map_pending *pending);

static inline size_t map_pending_bytes(const struct map_pending *pending)
{
    return pending->end - pending->begin;
}

/* Makes room for so many bytes behind `end`, for the caller to fill. 0 or -ENOMEM. */
int map_pending_room(struct map_pending *pending, size_t bytes);

/* Puts a message behind the others, with what the framing wants before it and behind it; NULL: nothing.
 *   ret_bytes   how many bytes that are altogether
 * 0; TR_TOO_LARGE: it cannot be framed; -ENOMEM. */
int map_pending_put(struct map_pending *pending, const struct tri_framing *framing,
                    const void *bytes, size_t size_bytes, size_t *ret_bytes);

/* How many bytes a message is when it is framed. */
size_t map_pending_framed_bytes(const struct tri_framing *framing, size_t size_bytes);

/* So many bytes, the first ones, are written. When nothing waits any more, memory beyond kept_bytes is given back. */
void map_pending_written(struct map_pending *pending, size_t bytes, size_t kept_bytes);

#endif
