/* The legacy decoder: PCX, as it was read in 1991, when files came from friends. It has the faults that such code has: it believes
 * the sizes in the header, does not ask whether a run fits into its row, and does not look whether the file has ended.
 *
 * They are left in on purpose. In a worker of a pool they cost a job each. */
#include <stdlib.h>
#include <string.h>

#include "picture.h"

/* What a sanitizer would find at once is what this file is for. */
#define LEGACY __attribute__((noinline, no_sanitize("undefined", "address")))

#define HEADER_BYTES 128
#define PALETTE_BYTES 768

struct reader {
    const uint8_t *at, *end;
};

LEGACY static int next_byte(struct reader *reader)
{
    return reader->at < reader->end ? *reader->at++ : reader->end[-1];
}

/* A row of runs: a byte with its two highest bits set says how often the next one is repeated. */
LEGACY static void unpack_row(struct reader *reader, uint8_t *row, int length)
{
    int filled = 0;
    while (filled < length) {
        int byte = next_byte(reader), count = 1;
        if ((byte & 0xc0) == 0xc0) {
            count = byte & 0x3f;
            byte = next_byte(reader);
        }
        for (; count > 0; count--)
            row[filled++] = (uint8_t)byte;
    }
}

LEGACY static int word_at(const uint8_t *file, int place)
{
    return file[place] | file[place + 1] << 8;
}

LEGACY int legacy_read(struct picture *picture, const uint8_t *file, size_t size_bytes)
{
    int width = word_at(file, 8) - word_at(file, 4) + 1;
    int height = word_at(file, 10) - word_at(file, 6) + 1;
    int length = word_at(file, 66);
    const uint8_t *palette = file + size_bytes - PALETTE_BYTES;
    struct reader reader = {file + HEADER_BYTES, palette};
    uint8_t *rows = need((size_t)(width * height));
    for (int y = 0; y < height; y++)
        unpack_row(&reader, rows + y * length, length);
    *picture = (struct picture){(size_t)width, (size_t)height, need((size_t)(3 * width * height))};
    for (int i = 0; i < width * height; i++)
        memcpy(picture->rgb + 3 * i, palette + 3 * rows[i], 3);
    free(rows);
    return 0;
}
