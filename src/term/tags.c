/* Stepping over terms without reading them: what every cursor is made of. */
#include "term/tags.h"

#include "base/panic.h"

const uint8_t tri_nil[1] = {TRI_NIL};

#define TRI_BYTE(n)                                                                                \
    {                                                                                              \
        TRI_SMALL_INTEGER, (n)                                                                     \
    }
#define TRI_BYTES_4(n) TRI_BYTE(n), TRI_BYTE((n) + 1), TRI_BYTE((n) + 2), TRI_BYTE((n) + 3)
#define TRI_BYTES_16(n)                                                                            \
    TRI_BYTES_4(n), TRI_BYTES_4((n) + 4), TRI_BYTES_4((n) + 8), TRI_BYTES_4((n) + 12)
#define TRI_BYTES_64(n)                                                                            \
    TRI_BYTES_16(n), TRI_BYTES_16((n) + 16), TRI_BYTES_16((n) + 32), TRI_BYTES_16((n) + 48)
const uint8_t tri_small_integers[256][2] = {TRI_BYTES_64(0), TRI_BYTES_64(64), TRI_BYTES_64(128),
                                            TRI_BYTES_64(192)};

static inline size_t atom_size(const uint8_t *at)
{
    return at[0] == TRI_SMALL_ATOM_UTF8 || at[0] == TRI_SMALL_ATOM ? 2 + (size_t)at[1]
                                                                   : 3 + (size_t)tri_load16(at + 1);
}

/* Pids, references and ports have a node's name in their middle. */
static size_t step_identifier(const uint8_t *at)
{
    switch (at[0]) {
    case TRI_NEW_PID:
        return 13 + atom_size(at + 1);
    case TRI_PID:
        return 10 + atom_size(at + 1);
    case TRI_NEWER_REFERENCE:
        return 7 + 4 * (size_t)tri_load16(at + 1) + atom_size(at + 3);
    case TRI_NEW_REFERENCE:
        return 4 + 4 * (size_t)tri_load16(at + 1) + atom_size(at + 3);
    case TRI_REFERENCE:
    case TRI_PORT:
        return 6 + atom_size(at + 1);
    case TRI_NEW_PORT:
        return 9 + atom_size(at + 1);
    case TRI_V4_PORT:
        return 13 + atom_size(at + 1);
    default:
        tri_panic("a term that was never checked: tag %u", at[0]);
    }
}

/* The size of what stands at `at`, without the terms inside it; *ret_inside is how many they are. */
static inline size_t step(const uint8_t *at, uint64_t *ret_inside)
{
    *ret_inside = 0;
    switch (at[0]) {
    case TRI_SMALL_INTEGER:
        return 2;
    case TRI_INTEGER:
        return 5;
    case TRI_NEW_FLOAT:
        return 9;
    case TRI_FLOAT:
        return 1 + TRI_FLOAT_TEXT_BYTES;
    case TRI_SMALL_ATOM_UTF8:
    case TRI_SMALL_ATOM:
        return 2 + (size_t)at[1];
    case TRI_ATOM:
    case TRI_ATOM_UTF8:
    case TRI_STRING:
        return 3 + (size_t)tri_load16(at + 1);
    case TRI_BINARY:
        return 5 + (size_t)tri_load32(at + 1);
    case TRI_BIT_BINARY:
        return 6 + (size_t)tri_load32(at + 1);
    case TRI_SMALL_BIG:
        return 3 + (size_t)at[1];
    case TRI_LARGE_BIG:
        return 6 + (size_t)tri_load32(at + 1);
    case TRI_NIL:
        return 1;
    case TRI_SMALL_TUPLE:
        *ret_inside = at[1];
        return 2;
    case TRI_LARGE_TUPLE:
        *ret_inside = tri_load32(at + 1);
        return 5;
    case TRI_LIST:
        *ret_inside = (uint64_t)tri_load32(at + 1) + 1;
        return 5;
    case TRI_MAP:
        *ret_inside = 2 * (uint64_t)tri_load32(at + 1);
        return 5;
    case TRI_NEW_FUN:
        return 1 + (size_t)tri_load32(at + 1);
    case TRI_EXPORT:
        *ret_inside = 3;
        return 1;
    default:
        return step_identifier(at);
    }
}

const uint8_t *tri_skip_many(const uint8_t *at, uint64_t count)
{
    while (count > 0) {
        uint64_t inside;
        size_t size = step(at, &inside);
        count--;
        count += inside;
        at += size;
    }
    return at;
}

const uint8_t tri_kinds[256] = {
    [TRI_SMALL_INTEGER] = 1 + TR_KIND_INTEGER,
    [TRI_INTEGER] = 1 + TR_KIND_INTEGER,
    [TRI_SMALL_BIG] = 1 + TR_KIND_INTEGER,
    [TRI_LARGE_BIG] = 1 + TR_KIND_INTEGER,
    [TRI_NEW_FLOAT] = 1 + TR_KIND_FLOAT,
    [TRI_FLOAT] = 1 + TR_KIND_FLOAT,
    [TRI_ATOM] = 1 + TR_KIND_ATOM,
    [TRI_SMALL_ATOM] = 1 + TR_KIND_ATOM,
    [TRI_ATOM_UTF8] = 1 + TR_KIND_ATOM,
    [TRI_SMALL_ATOM_UTF8] = 1 + TR_KIND_ATOM,
    [TRI_BINARY] = 1 + TR_KIND_BINARY,
    [TRI_BIT_BINARY] = 1 + TR_KIND_BITSTRING,
    [TRI_NIL] = 1 + TR_KIND_LIST,
    [TRI_STRING] = 1 + TR_KIND_LIST,
    [TRI_LIST] = 1 + TR_KIND_LIST,
    [TRI_SMALL_TUPLE] = 1 + TR_KIND_TUPLE,
    [TRI_LARGE_TUPLE] = 1 + TR_KIND_TUPLE,
    [TRI_MAP] = 1 + TR_KIND_MAP,
    [TRI_NEW_PID] = 1 + TR_KIND_PID,
    [TRI_PID] = 1 + TR_KIND_PID,
    [TRI_NEWER_REFERENCE] = 1 + TR_KIND_REF,
    [TRI_NEW_REFERENCE] = 1 + TR_KIND_REF,
    [TRI_REFERENCE] = 1 + TR_KIND_REF,
    [TRI_NEW_PORT] = 1 + TR_KIND_PORT,
    [TRI_PORT] = 1 + TR_KIND_PORT,
    [TRI_V4_PORT] = 1 + TR_KIND_PORT,
    [TRI_NEW_FUN] = 1 + TR_KIND_FUN,
    [TRI_EXPORT] = 1 + TR_KIND_FUN,
};
