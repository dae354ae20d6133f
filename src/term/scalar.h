/* Equality of terms that have no parts, across the encodings. */
#ifndef TRI_TERM_SCALAR_H
#define TRI_TERM_SCALAR_H

#include "term/tags.h"

/* Are the two terms equal, which are both without parts, nil included? */
bool tri_scalar_equal(const uint8_t *a, const uint8_t *b);

/* The bytes of a binary or bitstring, and how many bits of the last one count: 1 to 8, 0 when there is none. The bits
 * that do not count may be anything. */
tr_bin tri_bits_at(const uint8_t *at, unsigned *ret_bits);

#endif
