/* Integers of any size: one form for the four tags that can hold the same number. */
#ifndef TRI_TERM_INTEGER_H
#define TRI_TERM_INTEGER_H

#include "term/tags.h"

struct tri_integer {
    bool is_negative;         /* never for zero                                          */
    size_t length;            /* bytes of the magnitude, the last one not 0; 0 for zero  */
    const uint8_t *magnitude; /* little-endian; NULL when it fits in `small`             */
    uint64_t small;           /* the magnitude, when length is at most 8                 */
};

/* Reads the integer that begins at `at`. */
void tri_integer_read(const uint8_t *at, struct tri_integer *ret_integer);

bool tri_integer_equal(const uint8_t *a, const uint8_t *b);

/* Does it fit in 64 bits, signed or unsigned? */
static inline bool tri_integer_is_small(const struct tri_integer *integer)
{
    return integer->length <= 8 &&
           (!integer->is_negative || integer->small <= (uint64_t)INT64_MAX + 1);
}

#endif
