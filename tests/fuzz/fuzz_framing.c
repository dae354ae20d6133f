/* Any bytes as a stream: wherever reads cut it, the same frames come out, none is longer than it may be, and what stood in the
 * stream is in them. The first bytes say how it is framed and read. */
#include <string.h>

#include "behaviour/framing.h"
#include "fuzz.h"

/* All frames in a row, each as its kind, its length and its bytes. */
struct record {
    uint8_t *data;
    size_t size;
};

static void note(struct record *record, const void *data, size_t size)
{
    if (size > 0)
        memcpy(record->data + record->size, data, size);
    record->size += size;
}

static bool drain(struct tri_framer *framer, struct record *record)
{
    for (;;) {
        struct tri_frame frame = tri_framer_next(framer);
        if (frame.kind == TRI_FRAME_NONE)
            return true;
        note(record, &frame.kind, sizeof frame.kind);
        note(record, &frame.size_bytes, sizeof frame.size_bytes);
        if (frame.kind == TRI_FRAME_TOO_LONG || frame.kind == TRI_FRAME_CUT)
            return false;
        CLAIM(frame.size_bytes <= framer->framing.max_bytes);
        note(record, frame.data, frame.size_bytes);
        tri_framer_drop(framer);
    }
}

static void cut(struct tri_framing framing, const uint8_t *data, size_t size, size_t step,
                struct record *record)
{
    /* Its buffer is kept: to make one takes longer than all the rest. */
    static struct tri_framer framer;
    bool goes_on = true;
    framer =
        (struct tri_framer){.framing = framing, .data = framer.data, .capacity = framer.capacity};
    /* At most a frame for each byte, and one more. */
    record->data = malloc((size + 1) * 16 + size);
    record->size = 0;
    for (size_t at = 0; goes_on && at < size; at += step) {
        uint8_t *to;
        size_t room, count = size - at < step ? size - at : step;
        CLAIM(tri_framer_room(&framer, &to, &room) == 0 && room >= count);
        memcpy(to, data + at, count);
        tri_framer_came(&framer, count);
        goes_on = drain(&framer, record);
    }
    framer.is_at_end = true;
    if (goes_on && drain(&framer, record))
        CLAIM(framer.begin == framer.end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct record one, other;
    if (size < 3 || size > 4096)
        return 0;
    struct tri_framing framing = {.kind = (enum tr_framing)(data[0] % 5),
                                  .max_bytes = data[1] + 1u,
                                  .has_own_end = data[0] & 0x80,
                                  .end = (uint8_t)(data[0] & 0x40)};
    cut(framing, data + 3, size - 3, data[2] % 16 + 1u, &one);
    cut(framing, data + 3, size - 3, size, &other);
    if (framing.kind != TR_FRAMING_STREAM) /* whose pieces are the reads */
        CLAIM(one.size == other.size && memcmp(one.data, other.data, one.size) == 0);
    free(one.data);
    free(other.data);
    return 0;
}
