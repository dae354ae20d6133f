/* Reading terms by views: kinds, values, elements, keys. */

#include "term/atom.h"
#include "term/integer.h"
#include "term/list.h"
#include "term/real.h"
#include "term/scalar.h"

enum tr_kind tr_kind_of(tr_term term)
{
    if (tri_is_rest(term))
        return TR_KIND_LIST;
    enum tr_kind kind = tri_kind_of_tag(term.data[0]);
    if (kind == TR_KIND_INTEGER && term.data[0] != TRI_SMALL_INTEGER &&
        term.data[0] != TRI_INTEGER) {
        struct tri_integer integer;
        tri_integer_read(term.data, &integer);
        return tri_integer_is_small(&integer) ? TR_KIND_INTEGER : TR_KIND_BIGNUM;
    }
    if (kind == TR_KIND_BITSTRING && (term.data[5] == 8 || term.data[5] == 0))
        return TR_KIND_BINARY;
    return kind;
}

/* The kind by tag alone, which is enough for all but a number's size and a bitstring's. */
static inline bool is_kind(tr_term term, enum tr_kind kind)
{
    return !tri_is_rest(term) && tri_kind_of_tag(term.data[0]) == kind;
}

bool tr_get_integer(tr_term term, int64_t *ret_value)
{
    if (!is_kind(term, TR_KIND_INTEGER))
        return false;
    if (term.data[0] == TRI_SMALL_INTEGER || term.data[0] == TRI_INTEGER) {
        bool is_byte = term.data[0] == TRI_SMALL_INTEGER;
        *ret_value = is_byte ? term.data[1] : (int32_t)tri_load32(term.data + 1);
        return true;
    }
    struct tri_integer integer;
    tri_integer_read(term.data, &integer);
    if (!tri_integer_is_small(&integer) || (!integer.is_negative && integer.small > INT64_MAX))
        return false;
    *ret_value = (int64_t)(integer.is_negative ? 0 - integer.small : integer.small);
    return true;
}

bool tr_get_unsigned(tr_term term, uint64_t *ret_value)
{
    if (!is_kind(term, TR_KIND_INTEGER))
        return false;
    struct tri_integer integer;
    tri_integer_read(term.data, &integer);
    if (integer.is_negative || integer.length > 8)
        return false;
    *ret_value = integer.small;
    return true;
}

bool tr_get_float(tr_term term, double *ret_value)
{
    if (!is_kind(term, TR_KIND_FLOAT))
        return false;
    *ret_value = tri_real_at(term.data);
    return true;
}

bool tr_get_bool(tr_term term, bool *ret_value)
{
    tr_atom atom;
    if (!tr_get_atom(term, &atom))
        return false;
    bool is_true = tr_atom_is(atom, "true");
    if (!is_true && !tr_atom_is(atom, "false"))
        return false;
    *ret_value = is_true;
    return true;
}

bool tr_get_atom(tr_term term, tr_atom *ret_atom)
{
    if (!is_kind(term, TR_KIND_ATOM))
        return false;
    *ret_atom = tri_atom_at(term.data);
    return true;
}

bool tr_get_binary(tr_term term, tr_bin *ret_binary)
{
    if (tr_kind_of(term) != TR_KIND_BINARY)
        return false;
    unsigned ignored;
    *ret_binary = tri_bits_at(term.data, &ignored);
    return true;
}

bool tr_get_bitstring(tr_term term, tr_bin *ret_bytes, unsigned *ret_bits)
{
    enum tr_kind kind = tr_kind_of(term);
    if (kind != TR_KIND_BINARY && kind != TR_KIND_BITSTRING)
        return false;
    *ret_bytes = tri_bits_at(term.data, ret_bits);
    return true;
}

bool tr_get_tuple(tr_term term, struct tr_iter *ret_iter)
{
    if (!is_kind(term, TR_KIND_TUPLE))
        return false;
    bool is_small = term.data[0] == TRI_SMALL_TUPLE;
    size_t arity = is_small ? term.data[1] : tri_load32(term.data + 1);
    *ret_iter = (struct tr_iter){.at = term.data + (is_small ? 2 : 5),
                                 .end = term.data + term.size_bytes,
                                 .left = arity,
                                 .stretch = arity};
    return true;
}

bool tr_get_map(tr_term term, struct tr_iter *ret_iter)
{
    if (!is_kind(term, TR_KIND_MAP))
        return false;
    size_t count = 2 * (size_t)tri_load32(term.data + 1);
    *ret_iter = (struct tr_iter){
        .at = term.data + 5, .end = term.data + term.size_bytes, .left = count, .stretch = count};
    return true;
}

/* Counts the elements from here on, over all headers. */
static size_t count_elements(const uint8_t *at)
{
    size_t count = 0;
    while (*at == TRI_LIST) {
        uint32_t stretch = tri_load32(at + 1);
        count += stretch;
        at = tri_skip_many(at + 5, stretch);
    }
    return *at == TRI_STRING ? count + tri_load16(at + 1) : count;
}

/* The rest of a LIST_EXT begins with a stretch whose length nobody wrote down. */
static void measure_rest(struct tr_iter *iter)
{
    const uint8_t *at = iter->at, *next = tri_skip(at);
    for (; next != iter->end; next = tri_skip(at)) {
        iter->stretch++;
        at = next;
    }
    iter->left = iter->stretch + count_elements(at);
}

bool tr_get_list(tr_term term, struct tr_iter *ret_iter)
{
    if (tr_kind_of(term) != TR_KIND_LIST)
        return false;
    *ret_iter = (struct tr_iter){.at = term.data, .end = tri_rest_end(term), .has_tail = true};
    if (term.size_bytes & TRI_REST_OF_STRING) {
        ret_iter->is_string = true;
        ret_iter->left = ret_iter->stretch = term.size_bytes & ~TRI_REST_BITS;
    } else if (term.size_bytes & TRI_REST_OF_LIST) {
        measure_rest(ret_iter);
    } else {
        ret_iter->left = count_elements(term.data);
    }
    return true;
}

/* Steps over the header where a list's next stretch begins. */
static void begin_stretch(struct tr_iter *iter)
{
    iter->is_string = *iter->at == TRI_STRING;
    iter->stretch = iter->is_string ? tri_load16(iter->at + 1) : tri_load32(iter->at + 1);
    iter->at += iter->is_string ? 3 : 5;
}

bool tr_next(struct tr_iter *iter, tr_term *ret_element)
{
    if (iter->left == 0)
        return false;
    if (iter->stretch == 0)
        begin_stretch(iter);
    iter->left--;
    iter->stretch--;
    if (iter->is_string) {
        ret_element->data = tri_small_integers[*iter->at++];
        ret_element->size_bytes = 2;
        return true;
    }
    *ret_element = tri_term_at(iter->at);
    iter->at += ret_element->size_bytes;
    return true;
}

tr_term tr_tail(const struct tr_iter *iter)
{
    tr_term nil = {tri_nil, sizeof tri_nil};
    if (iter->stretch > 0) {
        tr_term rest = {iter->at, (size_t)(iter->end - iter->at)};
        rest.size_bytes |= iter->is_string ? TRI_REST_OF_STRING : TRI_REST_OF_LIST;
        return rest;
    }
    if (!iter->has_tail || iter->is_string || tri_is_nil(iter->at))
        return nil;
    return tri_term_at(iter->at);
}

bool tr_map_get(tr_term map, tr_term key, tr_term *ret_value)
{
    struct tr_iter pairs;
    tr_term candidate, value;
    if (!tr_get_map(map, &pairs))
        return false;
    while (tr_next(&pairs, &candidate)) {
        tr_next(&pairs, &value);
        if (tr_equal(candidate, key)) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

bool tr_map_get_atom(tr_term map, const char *key, tr_term *ret_value)
{
    struct tr_iter pairs;
    tr_term candidate, value;
    if (!tr_get_map(map, &pairs))
        return false;
    while (tr_next(&pairs, &candidate)) {
        tr_next(&pairs, &value);
        if (tr_is_atom(candidate, key)) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}
