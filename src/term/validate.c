/* The validator: decides whether bytes from elsewhere are one term. Everything else in this folder trusts its answer.
 *
 * One loop, a stack of fixed size, and no step that reads before it has compared with the end. A count of elements is
 * believed only if there are bytes for them.
 *
 * It accepts what OTP's own decoder accepts, except that
 *   - LIST_EXT of length 0 is malformed (OTP sends NIL_EXT), which keeps "a list is nil or has a first element" true;
 *   - a reference without words is malformed, and so is trailing text in a FLOAT_EXT;
 *   - the size that a NEW_FUN_EXT says it has must be its size, because reading steps over it by that;
 * and it is more lenient than OTP in two things that would cost more than they are worth:
 *   - the numbers in identifiers of old encodings are not compared with the limits of that time;
 *   - keys of a map that occur twice are not looked for, because that needs memory in proportion to the map. Reading
 *     finds the first of them.
 */
#include "term/plain.h"
#include "term/real.h"
#include "term/tags.h"
#include "term/utf8.h"

enum frame_kind { FRAME_PLAIN, FRAME_LIST, FRAME_FUN };

struct frame {
    uint64_t left; /* terms still to come */
    const uint8_t *fun_end;
    enum frame_kind kind;
};

struct check {
    const uint8_t *at, *end;
    struct frame frame; /* the innermost */
    size_t depth, max_depth;
    struct frame outer[TR_DEFAULT_DEPTH]; /* those around it */
};

static inline bool has(const struct check *check, size_t size)
{
    return (size_t)(check->end - check->at) >= size;
}

static inline int take(struct check *check, size_t size)
{
    if (!has(check, size))
        return TR_MALFORMED;
    check->at += size;
    return 0;
}

static inline bool is_ascii(const uint8_t *text, size_t length)
{
    uint64_t all = 0;
    for (; length >= 8; length -= 8, text += 8)
        all |= tri_load64(text);
    for (; length > 0; length--)
        all |= *text++;
    return (all & 0x8080808080808080) == 0;
}

/* Text of an atom in UTF-8: nearly always ASCII. */
static bool is_atom_text(const uint8_t *text, size_t length)
{
    size_t characters;
    if (length > TR_ATOM_MAX_BYTES)
        return false;
    if (is_ascii(text, length))
        return length <= TR_ATOM_MAX_CHARACTERS;
    return tri_utf8_count(text, length, &characters) && characters <= TR_ATOM_MAX_CHARACTERS;
}

static inline int check_small_atom(struct check *check, bool is_utf8)
{
    if (!has(check, 2) || !has(check, 2 + (size_t)check->at[1]))
        return TR_MALFORMED;
    size_t length = check->at[1];
    if (is_utf8 && !is_atom_text(check->at + 2, length))
        return TR_MALFORMED;
    check->at += 2 + length;
    return 0;
}

static int check_large_atom(struct check *check, bool is_utf8)
{
    if (!has(check, 3) || !has(check, 3 + (size_t)tri_load16(check->at + 1)))
        return TR_MALFORMED;
    size_t length = tri_load16(check->at + 1);
    if (is_utf8 ? !is_atom_text(check->at + 3, length) : length > TR_ATOM_MAX_CHARACTERS)
        return TR_MALFORMED;
    check->at += 3 + length;
    return 0;
}

static int check_atom(struct check *check)
{
    if (!has(check, 1))
        return TR_MALFORMED;
    switch (check->at[0]) {
    case TRI_SMALL_ATOM_UTF8:
    case TRI_SMALL_ATOM:
        return check_small_atom(check, check->at[0] == TRI_SMALL_ATOM_UTF8);
    case TRI_ATOM_UTF8:
    case TRI_ATOM:
        return check_large_atom(check, check->at[0] == TRI_ATOM_UTF8);
    default:
        return TR_MALFORMED;
    }
}

static int check_small_integer(struct check *check)
{
    if (!has(check, 2) || check->at[0] != TRI_SMALL_INTEGER)
        return TR_MALFORMED;
    return take(check, 2);
}

static int check_fixnum(struct check *check)
{
    if (has(check, 5) && check->at[0] == TRI_INTEGER)
        return take(check, 5);
    return check_small_integer(check);
}

/* A tag, a node's name, and numbers. */
static int check_identifier(struct check *check, size_t header, size_t numbers)
{
    int r = take(check, header);
    if (r == 0)
        r = check_atom(check);
    return r ? r : take(check, numbers);
}

static int check_reference(struct check *check, size_t creation)
{
    if (!has(check, 3))
        return TR_MALFORMED;
    size_t words = tri_load16(check->at + 1);
    if (words == 0 || words > TRI_REFERENCE_MAX_WORDS)
        return TR_MALFORMED;
    return check_identifier(check, 3, creation + 4 * words);
}

static int check_pid(struct check *check)
{
    if (!has(check, 1))
        return TR_MALFORMED;
    if (check->at[0] == TRI_NEW_PID)
        return check_identifier(check, 1, 12);
    return check->at[0] == TRI_PID ? check_identifier(check, 1, 9) : TR_MALFORMED;
}

/* Opens a term with others inside. */
static inline int open(struct check *check, uint64_t count, enum frame_kind kind)
{
    if (check->depth >= check->max_depth)
        return TR_TOO_DEEP;
    if (count > (size_t)(check->end - check->at))
        return TR_MALFORMED;
    check->outer[check->depth++] = check->frame;
    check->frame.left = count;
    check->frame.kind = kind;
    return 0;
}

/* A list that is another's tail is the same list, not a deeper one. */
static int check_list(struct check *check)
{
    if (!has(check, 5))
        return TR_MALFORMED;
    uint64_t count = tri_load32(check->at + 1);
    check->at += 5;
    if (count == 0)
        return TR_MALFORMED;
    if (check->frame.kind != FRAME_LIST || check->frame.left > 0)
        return open(check, count + 1, FRAME_LIST);
    if (count > (size_t)(check->end - check->at))
        return TR_MALFORMED;
    check->frame.left = count + 1;
    return 0;
}

static int check_export(struct check *check)
{
    check->at++;
    int r = check_atom(check);
    if (r == 0)
        r = check_atom(check);
    return r ? r : check_small_integer(check);
}

static int check_fun(struct check *check)
{
    const uint8_t *fun = check->at;
    int r = take(check, 1 + TRI_FUN_HEADER_BYTES);
    if (r)
        return r;
    uint32_t size = tri_load32(fun + 1), captured = tri_load32(fun + TRI_FUN_HEADER_BYTES - 3);
    if (size > (size_t)(check->end - fun) - 1)
        return TR_MALFORMED;
    r = check_atom(check);
    if (r == 0)
        r = check_fixnum(check);
    if (r == 0)
        r = check_fixnum(check);
    if (r == 0)
        r = check_pid(check);
    if (r == 0)
        r = open(check, captured, FRAME_FUN);
    check->frame.fun_end = fun + 1 + size;
    return r;
}

static int check_bits(struct check *check)
{
    if (!has(check, 6))
        return TR_MALFORMED;
    size_t length = tri_load32(check->at + 1);
    uint8_t bits = check->at[5];
    if (bits > 8 || (length == 0) != (bits == 0))
        return TR_MALFORMED;
    return take(check, 6 + length);
}

/* Terms with a count of 32 bits before their bytes or elements. */
static int check_counted(struct check *check)
{
    if (!has(check, 5))
        return TR_MALFORMED;
    uint8_t tag = check->at[0];
    uint64_t count = tri_load32(check->at + 1);
    switch (tag) {
    case TRI_BINARY:
        return take(check, 5 + (size_t)count);
    case TRI_LARGE_BIG:
        return take(check, 6 + (size_t)count);
    case TRI_LARGE_TUPLE:
        check->at += 5;
        return open(check, count, FRAME_PLAIN);
    default: /* TRI_MAP */
        check->at += 5;
        return open(check, 2 * count, FRAME_PLAIN);
    }
}

/* Small things whose own first bytes tell their size. */
static int check_sized(struct check *check)
{
    switch (check->at[0]) {
    case TRI_SMALL_BIG:
        return has(check, 3) ? take(check, 3 + (size_t)check->at[1]) : TR_MALFORMED;
    case TRI_STRING:
        return has(check, 3) ? take(check, 3 + (size_t)tri_load16(check->at + 1)) : TR_MALFORMED;
    case TRI_NEW_FLOAT:
        /* Infinities and what is not a number have all bits of the exponent set. */
        if (!has(check, 9) || (tri_load16(check->at + 1) & 0x7FF0) == 0x7FF0)
            return TR_MALFORMED;
        return take(check, 9);
    default: /* TRI_FLOAT */
        if (!has(check, 1 + TRI_FLOAT_TEXT_BYTES) || !tri_real_is_text(check->at + 1))
            return TR_MALFORMED;
        return take(check, 1 + TRI_FLOAT_TEXT_BYTES);
    }
}

/* Checks the head of one term, which is there; what is inside it comes next. */
static inline int check_head(struct check *check)
{
    switch (check->at[0]) {
    case TRI_SMALL_INTEGER:
        return take(check, 2);
    case TRI_INTEGER:
        return take(check, 5);
    case TRI_SMALL_ATOM_UTF8:
        return check_small_atom(check, true);
    case TRI_SMALL_TUPLE:
        if (!has(check, 2))
            return TR_MALFORMED;
        check->at += 2;
        return open(check, check->at[-1], FRAME_PLAIN);
    case TRI_NIL:
        return take(check, 1);
    case TRI_LIST:
        return check_list(check);
    case TRI_BINARY:
    case TRI_LARGE_BIG:
    case TRI_LARGE_TUPLE:
    case TRI_MAP:
        return check_counted(check);
    case TRI_SMALL_BIG:
    case TRI_STRING:
    case TRI_NEW_FLOAT:
    case TRI_FLOAT:
        return check_sized(check);
    case TRI_BIT_BINARY:
        return check_bits(check);
    case TRI_SMALL_ATOM:
    case TRI_ATOM:
    case TRI_ATOM_UTF8:
        return check_atom(check);
    case TRI_NEW_PID:
    case TRI_PID:
        return check_pid(check);
    case TRI_NEWER_REFERENCE:
        return check_reference(check, 4);
    case TRI_NEW_REFERENCE:
        return check_reference(check, 1);
    case TRI_REFERENCE:
    case TRI_PORT:
        return check_identifier(check, 1, 5);
    case TRI_NEW_PORT:
        return check_identifier(check, 1, 8);
    case TRI_V4_PORT:
        return check_identifier(check, 1, 12);
    case TRI_EXPORT:
        return check_export(check);
    case TRI_NEW_FUN:
        return check_fun(check);
    default:
        return TR_MALFORMED;
    }
}

static int check_term(struct check *check)
{
    for (;;) {
        while (check->frame.left == 0) {
            if (check->frame.kind == FRAME_FUN && check->at != check->frame.fun_end)
                return TR_MALFORMED;
            if (check->depth == 0)
                return check->at == check->end ? 0 : TR_MALFORMED;
            check->frame = check->outer[--check->depth];
        }
        check->frame.left--;
        if (check->at == check->end)
            return TR_MALFORMED;
        int r = check_head(check);
        if (r)
            return r;
    }
}

/* The long way: everything that is a term. A function of its own, because of its stack. */
static __attribute__((noinline)) int check_with_stack(const uint8_t *at, size_t size_bytes,
                                                      size_t max_depth)
{
    struct check check;
    check.at = at;
    check.end = at + size_bytes;
    check.frame = (struct frame){.left = 1};
    check.depth = 0;
    check.max_depth = max_depth;
    return check_term(&check);
}

int tr_check(const void *data, size_t size_bytes, const struct tr_limits *limits, tr_term *ret_term)
{
    const uint8_t *at = data;
    size_t max_size = limits && limits->size_bytes ? limits->size_bytes : TR_DEFAULT_SIZE_BYTES;
    size_t max_depth = TR_DEFAULT_DEPTH;
    if (limits && limits->depth > 0 && limits->depth < TR_DEFAULT_DEPTH)
        max_depth = limits->depth;
    if (size_bytes > max_size || size_bytes >= TRI_REST_OF_STRING)
        return TR_TOO_LARGE;
    if (max_depth < TR_DEFAULT_DEPTH || !tri_is_plain(at, at + size_bytes)) {
        int r = check_with_stack(at, size_bytes, max_depth);
        if (r)
            return r;
    }
    ret_term->data = data;
    ret_term->size_bytes = size_bytes;
    return 0;
}

int tr_check_external(const void *data, size_t size_bytes, const struct tr_limits *limits,
                      tr_term *ret_term)
{
    const uint8_t *bytes = data;
    if (size_bytes == 0 || bytes[0] != TRI_VERSION)
        return TR_MALFORMED;
    return tr_check(bytes + 1, size_bytes - 1, limits, ret_term);
}
