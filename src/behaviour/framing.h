/* Framing: how a stream of bytes is cut into messages, and what stands before a message in a stream. As ports of OTP do
 * it ({line, L}, {packet, N}, stream). Pure: does not read or write. */
#ifndef TRI_BEHAVIOUR_FRAMING_H
#define TRI_BEHAVIOUR_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "troupe/program.h"

struct tri_framing {
    enum tr_framing kind;
    size_t max_bytes; /* of a piece, a line, or a packet; at least 1 */
    /* A line ends with this byte and no other: 0 is one, too. Otherwise with \n or \r\n. */
    bool has_own_end;
    uint8_t end;
};

/* ---------------------------------------------------------------- into a stream */

enum { TRI_FRAME_HEADER_BYTES = 4 };

/* Writes what stands before a message of that size. False: it cannot be said, the message is too long.
 *   ret_bytes   how many bytes that are, 0 for lines and streams */
bool tri_framing_head(const struct tri_framing *framing, size_t size_bytes,
                      uint8_t ret_head[TRI_FRAME_HEADER_BYTES], size_t *ret_bytes);

/* ---------------------------------------------------------------- out of a stream */

enum tri_frame_kind {
    TRI_FRAME_NONE,  /* nothing whole: more is needed; at the end of the stream, nothing is left */
    TRI_FRAME_WHOLE, /* a piece of a stream, a line without its end, a packet without its head */
    TRI_FRAME_PART,  /* of a line that is longer than max_bytes, or that the stream ended in */
    TRI_FRAME_TOO_LONG, /* a packet of size_bytes, longer than max_bytes: nothing follows       */
    TRI_FRAME_CUT,      /* the stream ended within a packet, of which size_bytes had come       */
};

struct tri_frame {
    enum tri_frame_kind kind;
    const uint8_t *data;
    size_t size_bytes;
};

/* What has come of a stream and has not been taken. Zeroed with a framing, it is empty and ready. */
struct tri_framer {
    struct tri_framing framing;
    bool is_at_end; /* nothing more will come */
    uint8_t *data;
    size_t begin, end, capacity;
    size_t searched; /* up to here, counted from begin, there is no end of a line */
    size_t taken;    /* what the last frame takes from the buffer, its head and end included */
};

/* Room for more bytes, to be read into; never more than the longest frame and some 64 KiB are kept. 0 or -ENOMEM. */
int tri_framer_room(struct tri_framer *framer, uint8_t **ret_at, size_t *ret_bytes);
/* So many bytes came into it. */
void tri_framer_came(struct tri_framer *framer, size_t bytes);

/* The next frame; the same until it is dropped. Its bytes lie in the framer's buffer until something comes. */
struct tri_frame tri_framer_next(struct tri_framer *framer);
void tri_framer_drop(struct tri_framer *framer);

void tri_framer_deinit(struct tri_framer *framer);

#endif
