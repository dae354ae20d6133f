/* Plain: it is enough to count the terms that are still to come. A stack is needed only to know the depth, and so few
 * things can be opened here that they cannot be too deep; and for functions, which are not plain. */
#include "term/plain.h"

#include "term/tags.h"
#include "term/utf8.h"

/* Far less than the validator's least depth. */
#define OPENED_AT_MOST 32

/* Each of these gives the size of what begins at `at`, where there are left_bytes, at least one; 0 when it is not plain. A
 * size beyond left_bytes is the caller's to notice. */

static inline size_t atom_bytes(const uint8_t *at, size_t left_bytes)
{
    if (left_bytes < 2 || at[0] != TRI_SMALL_ATOM_UTF8 || left_bytes - 2 < at[1])
        return 0;
    return tri_is_ascii(at + 2, at[1]) ? 2 + (size_t)at[1] : 0;
}

static inline size_t pid_bytes(const uint8_t *at, size_t left_bytes)
{
    size_t name = atom_bytes(at + 1, left_bytes - 1);
    return name > 0 ? 1 + name + 12 : 0;
}

static inline size_t reference_bytes(const uint8_t *at, size_t left_bytes)
{
    size_t words = left_bytes < 3 ? 0 : tri_load16(at + 1);
    size_t name =
        words == 0 || words > TRI_REFERENCE_MAX_WORDS ? 0 : atom_bytes(at + 3, left_bytes - 3);
    return name > 0 ? 3 + name + 4 + 4 * words : 0;
}

static inline size_t float_bytes(const uint8_t *at, size_t left_bytes)
{
    /* Infinities and what is not a number have all bits of the exponent set. */
    return left_bytes < 9 || (tri_load16(at + 1) & 0x7FF0) == 0x7FF0 ? 0 : 9;
}

static inline size_t leaf_bytes(const uint8_t *at, size_t left_bytes)
{
    switch (at[0]) {
    case TRI_SMALL_INTEGER:
        return 2;
    case TRI_INTEGER:
        return 5;
    case TRI_SMALL_ATOM_UTF8:
        return atom_bytes(at, left_bytes);
    case TRI_BINARY:
        return left_bytes < 5 ? 0 : 5 + (size_t)tri_load32(at + 1);
    case TRI_NEW_PID:
        return pid_bytes(at, left_bytes);
    case TRI_NEWER_REFERENCE:
        return reference_bytes(at, left_bytes);
    case TRI_NEW_FLOAT:
        return float_bytes(at, left_bytes);
    case TRI_NIL:
        return 1;
    default:
        return 0;
    }
}

static bool is_plain_tree(const uint8_t *at, const uint8_t *end)
{
    uint64_t to_come = 1;
    for (unsigned opened = 0; to_come > 0; to_come--) {
        size_t size, left_bytes = (size_t)(end - at);
        if (left_bytes < 2) {
            if (left_bytes == 0 || at[0] != TRI_NIL)
                return false;
            size = 1;
        } else if (at[0] == TRI_SMALL_TUPLE) {
            size = ++opened <= OPENED_AT_MOST ? 2 : 0;
            to_come += at[1];
        } else if (at[0] == TRI_LIST) {
            uint64_t count = left_bytes < 5 ? 0 : tri_load32(at + 1);
            size = count > 0 && ++opened <= OPENED_AT_MOST ? 5 : 0;
            to_come += count + 1;
        } else {
            size = leaf_bytes(at, left_bytes);
        }
        if (size == 0 || size > left_bytes)
            return false;
        at += size;
    }
    return at == end;
}

/* A leaf is seen at a glance. */
bool tri_is_plain(const uint8_t *at, const uint8_t *end)
{
    size_t left_bytes = (size_t)(end - at);
    if (left_bytes < 2 || at[0] == TRI_SMALL_TUPLE || at[0] == TRI_LIST)
        return is_plain_tree(at, end);
    return leaf_bytes(at, left_bytes) == left_bytes;
}
