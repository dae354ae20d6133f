/* Room in a struct tr_out: what everything that writes terms is made of. */
#ifndef TRI_TERM_OUT_H
#define TRI_TERM_OUT_H

#include "troupe/term.h"

/* Makes room for size_bytes more, or sets the fault. */
bool tri_out_grow(struct tr_out *out, size_t size_bytes);

/* Lengthens the content by at least a byte and returns the new part for the caller to fill, or NULL when out has a fault. */
static inline uint8_t *tri_out_take(struct tr_out *out, size_t size_bytes)
{
    if (__builtin_expect(out->fault != 0 || out->capacity_bytes - out->size_bytes < size_bytes, 0))
        if (!tri_out_grow(out, size_bytes))
            return NULL;
    uint8_t *part = out->data + out->size_bytes;
    out->size_bytes += size_bytes;
    return part;
}

/* Does this address lie in the memory of out, which the next write may move? */
static inline bool tri_out_holds(const struct tr_out *out, const void *address)
{
    const uint8_t *at = address;
    return out->data && at >= out->data && at < out->data + out->capacity_bytes;
}

/* Appends bytes, which may be part of out itself. */
void tri_out_append(struct tr_out *out, const void *data, size_t size_bytes);

/* Appends what was put apart, or its fault, and frees that. */
void tri_out_move(struct tr_out *out, struct tr_out *part);

/* For a term that a caller has handed in and that is to be sent as bytes: the rest of a list ([H | T]) lacks a header,
 * so it is copied into *scratch, which was zeroed, and *term becomes a view of that; any other term stays as it is.
 * 0, -ENOMEM or TR_TOO_LARGE. */
int tri_term_whole(tr_term *term, struct tr_out *scratch);

/* Keeps the first fault; 0 is none. */
static inline void tri_out_fail(struct tr_out *out, int fault)
{
    if (out->fault == 0)
        out->fault = fault;
}

/* Appends the elements of a list without header and tail, each as a term. */
void tri_put_elements(struct tr_out *out, struct tr_iter *list);

#endif
