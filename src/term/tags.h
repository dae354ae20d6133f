/* The bytes of the External Term Format: its tags, its big-endian numbers, and how to step over a term.
 *
 * Everything here trusts the bytes: they have passed tr_check, or were written by this process.
 */
#ifndef TRI_TERM_TAGS_H
#define TRI_TERM_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "troupe/term.h"

enum tri_tag {
    TRI_NEW_FLOAT = 70,
    TRI_BIT_BINARY = 77,
    TRI_NEW_PID = 88,
    TRI_NEW_PORT = 89,
    TRI_NEWER_REFERENCE = 90,
    TRI_SMALL_INTEGER = 97,
    TRI_INTEGER = 98,
    TRI_FLOAT = 99,
    TRI_ATOM = 100,
    TRI_REFERENCE = 101,
    TRI_PORT = 102,
    TRI_PID = 103,
    TRI_SMALL_TUPLE = 104,
    TRI_LARGE_TUPLE = 105,
    TRI_NIL = 106,
    TRI_STRING = 107,
    TRI_LIST = 108,
    TRI_BINARY = 109,
    TRI_SMALL_BIG = 110,
    TRI_LARGE_BIG = 111,
    TRI_NEW_FUN = 112,
    TRI_EXPORT = 113,
    TRI_NEW_REFERENCE = 114,
    TRI_SMALL_ATOM = 115,
    TRI_MAP = 116,
    TRI_ATOM_UTF8 = 118,
    TRI_SMALL_ATOM_UTF8 = 119,
    TRI_V4_PORT = 120,
    TRI_VERSION = 131,
};

/* The term of an atom that is known when this is compiled, a string literal. It lives for ever. */
#define TRI_ATOM_TERM(literal)                                                                     \
    (__extension__({                                                                               \
        static const struct {                                                                      \
            uint8_t tag, length;                                                                   \
            char text[sizeof(literal) - 1];                                                        \
        } tri_atom = {TRI_SMALL_ATOM_UTF8, sizeof(literal) - 1, literal};                          \
        (tr_term){(const uint8_t *)&tri_atom, sizeof tri_atom};                                    \
    }))

enum {
    TRI_FLOAT_TEXT_BYTES = 31,   /* FLOAT_EXT is text of this size, filled up with NUL     */
    TRI_FUN_HEADER_BYTES = 29,   /* NEW_FUN_EXT without its tag, up to the module          */
    TRI_REFERENCE_MAX_WORDS = 5, /* what OTP accepts                                       */
    TRI_STRING_MAX_BYTES = 65535,
};

/* What is left of a list after its first elements, as the pattern [H | T] gives it, has no header of its own in the
 * message. A view of it has one of these bits in size_bytes: its bytes are elements and the tail, or, of a STRING_EXT,
 * bare characters. It has one element at least. Such a view is never part of another term. */
#define TRI_REST_OF_LIST ((size_t)1 << (sizeof(size_t) * 8 - 1))
#define TRI_REST_OF_STRING (TRI_REST_OF_LIST >> 1)
#define TRI_REST_BITS (TRI_REST_OF_LIST | TRI_REST_OF_STRING)

static inline bool tri_is_rest(tr_term term) { return term.size_bytes & TRI_REST_BITS; }
static inline const uint8_t *tri_rest_end(tr_term term)
{
    return term.data + (term.size_bytes & ~TRI_REST_BITS);
}

static inline uint16_t tri_load16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static inline uint32_t tri_load32(const uint8_t *at)
{
    uint32_t value;
    __builtin_memcpy(&value, at, sizeof value);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    return value;
}
static inline uint64_t tri_load64(const uint8_t *at)
{
    return (uint64_t)tri_load32(at) << 32 | tri_load32(at + 4);
}
static inline void tri_store16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}
static inline void tri_store32(uint8_t *at, uint32_t value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    __builtin_memcpy(at, &value, sizeof value);
}
static inline void tri_store64(uint8_t *at, uint64_t value)
{
    tri_store32(at, (uint32_t)(value >> 32));
    tri_store32(at + 4, (uint32_t)value);
}

/* The byte after the next `count` terms. */
const uint8_t *tri_skip_many(const uint8_t *at, uint64_t count);

/* The byte after the term that begins at `at`. What most messages consist of is stepped over here. */
static inline const uint8_t *tri_skip(const uint8_t *at)
{
    switch (at[0]) {
    case TRI_SMALL_INTEGER:
        return at + 2;
    case TRI_INTEGER:
        return at + 5;
    case TRI_SMALL_ATOM_UTF8:
        return at + 2 + at[1];
    case TRI_NIL:
        return at + 1;
    default:
        return tri_skip_many(at, 1);
    }
}

/* A view of the term that begins at `at`. */
static inline tr_term tri_term_at(const uint8_t *at)
{
    tr_term term = {at, (size_t)(tri_skip(at) - at)};
    return term;
}

/* SMALL_INTEGER_EXT of each byte: the elements of a STRING_EXT. */
extern const uint8_t tri_small_integers[256][2];

/* The empty list. */
extern const uint8_t tri_nil[1];

/* Of each tag, one more than its kind; 0 for a byte that is no tag. */
extern const uint8_t tri_kinds[256];

/* The kind that a tag stands for, regardless of a number's size; see tr_kind_of. */
static inline enum tr_kind tri_kind_of_tag(uint8_t tag)
{
    return (enum tr_kind)(tri_kinds[tag] - 1);
}

/* [] in either of its encodings. */
static inline bool tri_is_nil(const uint8_t *at)
{
    return at[0] == TRI_NIL || (at[0] == TRI_STRING && tri_load16(at + 1) == 0);
}

#endif
