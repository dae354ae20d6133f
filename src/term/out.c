/* The growing buffer beneath tr_put. Its size is bounded like a term's, so that a runaway loop ends in a fault. */
#include "term/out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "term/tags.h"

enum { FIRST_CAPACITY_BYTES = 128 };

bool tri_out_grow(struct tr_out *out, size_t size_bytes)
{
    if (out->fault)
        return false;
    if (size_bytes > TR_DEFAULT_SIZE_BYTES - out->size_bytes) {
        out->fault = TR_TOO_LARGE;
        return false;
    }
    size_t needed = out->size_bytes + size_bytes;
    size_t capacity = out->capacity_bytes ? out->capacity_bytes : FIRST_CAPACITY_BYTES;
    while (capacity < needed)
        capacity *= 2;
    uint8_t *data = realloc(out->data, capacity);
    if (!data) {
        out->fault = -ENOMEM;
        return false;
    }
    out->data = data;
    out->capacity_bytes = capacity;
    return true;
}

void tri_out_append(struct tr_out *out, const void *data, size_t size_bytes)
{
    const uint8_t *from = data;
    if (size_bytes == 0)
        return;
    bool is_inside = tri_out_holds(out, data);
    size_t offset = is_inside ? (size_t)(from - out->data) : 0;
    uint8_t *to = tri_out_take(out, size_bytes);
    if (to)
        memcpy(to, is_inside ? out->data + offset : from, size_bytes);
}

void tr_out_deinit(struct tr_out *out)
{
    free(out->data);
    *out = (struct tr_out){0};
}

void tri_out_move(struct tr_out *out, struct tr_out *part)
{
    tri_out_fail(out, part->fault);
    tri_out_append(out, part->data, part->size_bytes);
    tr_out_deinit(part);
}

void tr_out_reset(struct tr_out *out)
{
    out->size_bytes = 0;
    out->fault = 0;
}

tr_term tr_out_term(const struct tr_out *out)
{
    tr_term term = {out->data, out->size_bytes};
    return term;
}

int tr_out_copy(struct tr_out *out, tr_term term)
{
    if (tri_out_holds(out, term.data)) {
        struct tr_out other = {0};
        tr_put_term(&other, term);
        tr_out_deinit(out);
        *out = other;
        return out->fault;
    }
    tr_out_reset(out);
    tr_put_term(out, term);
    return out->fault;
}

int tri_term_whole(tr_term *term, struct tr_out *scratch)
{
    if (!tri_is_rest(*term))
        return 0;
    tr_put_term(scratch, *term);
    *term = tr_out_term(scratch);
    return scratch->fault;
}
