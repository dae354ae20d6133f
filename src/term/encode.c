/* Writing terms: the bytes that erlang:term_to_binary/1 of OTP 26 makes, without its version byte.
 *
 * Integers take the smallest form, atoms are UTF-8, floats are NEW_FLOAT_EXT. Only lists of bytes differ: they become
 * LIST_EXT, because their elements are not known when their header is written.
 */
#include <math.h>
#include <string.h>

#include "base/panic.h"
#include "term/out.h"
#include "term/tags.h"

static void put_big(struct tr_out *out, bool is_negative, uint64_t magnitude)
{
    uint8_t bytes[8];
    uint8_t length = 0;
    for (; magnitude; magnitude >>= 8)
        bytes[length++] = (uint8_t)magnitude;
    uint8_t *to = tri_out_take(out, 3 + (size_t)length);
    if (!to)
        return;
    to[0] = TRI_SMALL_BIG;
    to[1] = length;
    to[2] = is_negative;
    memcpy(to + 3, bytes, length);
}

static void put_int32(struct tr_out *out, int32_t value)
{
    uint8_t *to = tri_out_take(out, 5);
    if (!to)
        return;
    to[0] = TRI_INTEGER;
    tri_store32(to + 1, (uint32_t)value);
}

static void put_byte(struct tr_out *out, uint8_t value)
{
    uint8_t *to = tri_out_take(out, 2);
    if (!to)
        return;
    to[0] = TRI_SMALL_INTEGER;
    to[1] = value;
}

void tr_put_integer(struct tr_out *out, int64_t value)
{
    if (value >= 0 && value <= UINT8_MAX)
        put_byte(out, (uint8_t)value);
    else if (value >= INT32_MIN && value <= INT32_MAX)
        put_int32(out, (int32_t)value);
    else
        put_big(out, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void tr_put_unsigned(struct tr_out *out, uint64_t value)
{
    if (value <= INT64_MAX)
        tr_put_integer(out, (int64_t)value);
    else
        put_big(out, false, value);
}

void tr_put_float(struct tr_out *out, double value)
{
    if (!isfinite(value))
        tri_panic("tr_put_float: %g is not a number that Erlang has", value);
    uint8_t *to = tri_out_take(out, 9);
    if (!to)
        return;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    to[0] = TRI_NEW_FLOAT;
    tri_store64(to + 1, bits);
}

void tr_put_bool(struct tr_out *out, bool value)
{
    static const uint8_t yes[] = {TRI_SMALL_ATOM_UTF8, 4, 't', 'r', 'u', 'e'};
    static const uint8_t no[] = {TRI_SMALL_ATOM_UTF8, 5, 'f', 'a', 'l', 's', 'e'};
    if (value)
        tri_out_append(out, yes, sizeof yes);
    else
        tri_out_append(out, no, sizeof no);
}

void tr_put_binary(struct tr_out *out, const void *data, size_t size_bytes)
{
    if (size_bytes > UINT32_MAX) {
        tri_out_fail(out, TR_TOO_LARGE);
        return;
    }
    uint8_t *to = tri_out_take(out, 5 + size_bytes);
    if (!to)
        return;
    to[0] = TRI_BINARY;
    tri_store32(to + 1, (uint32_t)size_bytes);
    if (size_bytes > 0)
        memcpy(to + 5, data, size_bytes);
}

void tr_put_text(struct tr_out *out, const char *utf8) { tr_put_binary(out, utf8, strlen(utf8)); }

static void put_header(struct tr_out *out, enum tri_tag tag, uint32_t count)
{
    uint8_t *to = tri_out_take(out, 5);
    if (!to)
        return;
    to[0] = (uint8_t)tag;
    tri_store32(to + 1, count);
}

void tr_put_tuple_of(struct tr_out *out, uint32_t arity)
{
    if (arity > UINT8_MAX) {
        put_header(out, TRI_LARGE_TUPLE, arity);
        return;
    }
    uint8_t *to = tri_out_take(out, 2);
    if (!to)
        return;
    to[0] = TRI_SMALL_TUPLE;
    to[1] = (uint8_t)arity;
}

void tr_put_list_of(struct tr_out *out, uint32_t length)
{
    if (length > 0)
        put_header(out, TRI_LIST, length);
}

void tr_put_nil(struct tr_out *out) { tri_out_append(out, tri_nil, sizeof tri_nil); }

void tr_put_map_of(struct tr_out *out, uint32_t pairs) { put_header(out, TRI_MAP, pairs); }

void tri_put_elements(struct tr_out *out, struct tr_iter *list)
{
    tr_term element;
    while (tr_next(list, &element))
        tri_out_append(out, element.data, element.size_bytes);
}

/* Gives the rest of a list the header that it lacks. */
static void put_rest(struct tr_out *out, tr_term rest)
{
    if (tri_out_holds(out, rest.data)) {
        struct tr_out copy = {0};
        put_rest(&copy, rest);
        tri_out_append(out, copy.data, copy.size_bytes);
        tri_out_fail(out, copy.fault);
        tr_out_deinit(&copy);
        return;
    }
    struct tr_iter list;
    tr_get_list(rest, &list);
    if (list.left > UINT32_MAX) {
        tri_out_fail(out, TR_TOO_LARGE);
        return;
    }
    tr_put_list_of(out, (uint32_t)list.left);
    tri_put_elements(out, &list);
    tr_put_term(out, tr_tail(&list));
}

void tr_put_term(struct tr_out *out, tr_term term)
{
    if (term.size_bytes == 0)
        tri_panic("tr_put_term: a view of nothing");
    if (tri_is_rest(term))
        put_rest(out, term);
    else
        tri_out_append(out, term.data, term.size_bytes);
}
