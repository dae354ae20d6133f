/* Picture: pixels in memory, from a file and into one. It is native code of the usual kind, which trusts its input as far as
 * its libraries do. */
#ifndef THUMBS_PICTURE_H
#define THUMBS_PICTURE_H

#include <stddef.h>
#include <stdint.h>

struct picture {
    size_t width, height;
    uint8_t *rgb; /* three bytes each, row by row */
};

/* Reads a PNG, a JPEG, or a PCX. 0, or -1 and what is wrong with it. */
int picture_read(struct picture *picture, const char *path, char why[200]);
/* The same for a PCX that has been read already: the legacy decoder, which believes all that it is told (legacy.c). */
int legacy_read(struct picture *picture, const uint8_t *file, size_t size_bytes);

/* As small as fits into a square of so many pixels; what fits is copied. */
void picture_shrink(const struct picture *picture, size_t most, struct picture *ret_small);
/* Writes a PNG. 0 or -1. */
int picture_write(const struct picture *picture, const char *path);
void picture_free(struct picture *picture);

/* Memory, or the end: as in many a program. */
void *need(size_t size_bytes);

/* Writes the pictures that are bad on purpose into a folder. 0 or -1. */
int make_bad_pictures(const char *folder);

#endif
