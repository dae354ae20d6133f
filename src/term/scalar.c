/* Equality of numbers, atoms, binaries, identifiers and exported funs. */
#include "term/scalar.h"

#include <string.h>

#include "term/atom.h"
#include "term/identifier.h"
#include "term/integer.h"
#include "term/real.h"

tr_bin tri_bits_at(const uint8_t *at, unsigned *ret_bits)
{
    tr_bin bytes = {at + 5, tri_load32(at + 1)};
    *ret_bits = bytes.size_bytes > 0 ? 8 : 0;
    if (at[0] == TRI_BIT_BINARY) {
        *ret_bits = at[5];
        bytes.data = at + 6;
    }
    return bytes;
}

static bool bits_equal(const uint8_t *a, const uint8_t *b)
{
    unsigned a_bits, b_bits;
    tr_bin left = tri_bits_at(a, &a_bits);
    tr_bin right = tri_bits_at(b, &b_bits);
    if (left.size_bytes != right.size_bytes || a_bits != b_bits)
        return false;
    if (a_bits == 8 || a_bits == 0)
        return memcmp(left.data, right.data, left.size_bytes) == 0;
    size_t last = left.size_bytes - 1;
    uint8_t difference = ((const uint8_t *)left.data)[last] ^ ((const uint8_t *)right.data)[last];
    return memcmp(left.data, right.data, last) == 0 && difference >> (8 - a_bits) == 0;
}

static bool exports_equal(const uint8_t *a, const uint8_t *b)
{
    const uint8_t *a_function = tri_skip(a + 1), *b_function = tri_skip(b + 1);
    return tri_atom_equal(tri_atom_at(a + 1), tri_atom_at(b + 1)) &&
           tri_atom_equal(tri_atom_at(a_function), tri_atom_at(b_function)) &&
           tri_integer_equal(tri_skip(a_function), tri_skip(b_function));
}

bool tri_scalar_equal(const uint8_t *a, const uint8_t *b)
{
    enum tr_kind kind = tri_kind_of_tag(a[0]), other = tri_kind_of_tag(b[0]);
    bool both_bits = (kind == TR_KIND_BINARY || kind == TR_KIND_BITSTRING) &&
                     (other == TR_KIND_BINARY || other == TR_KIND_BITSTRING);
    if (kind != other && !both_bits)
        return false;
    switch (kind) {
    case TR_KIND_INTEGER:
        return tri_integer_equal(a, b);
    case TR_KIND_FLOAT:
        return tri_real_at(a) == tri_real_at(b);
    case TR_KIND_ATOM:
        return tri_atom_equal(tri_atom_at(a), tri_atom_at(b));
    case TR_KIND_BINARY:
    case TR_KIND_BITSTRING:
        return bits_equal(a, b);
    case TR_KIND_PID:
    case TR_KIND_REF:
    case TR_KIND_PORT:
        return tri_identifier_equal(a, b);
    case TR_KIND_FUN:
        return exports_equal(a, b);
    case TR_KIND_LIST:
        return tri_is_nil(a) && tri_is_nil(b);
    default:
        return false;
    }
}
