/* Pieces: a term on its way out whose large parts stay where they are.
 *
 * A message of 64 MiB is not first gathered in one buffer and then copied to where it leaves from: what a hole holds by
 * the megabyte is only noted here, with the place in the written bytes where it belongs. */
#ifndef TRI_TERM_PIECES_H
#define TRI_TERM_PIECES_H

#include "term/hole.h"
#include "term/pattern.h"

/* What a term's writer and matcher know of a struct tr_blob: whoever makes one begins it with this. */
struct tri_loan {
    tr_bin content;
};

static inline tr_bin tri_loan_of(const struct tr_hole *hole)
{
    return ((const struct tri_loan *)tri_hole_pointer(hole))->content;
}

struct tri_piece {
    size_t after_bytes; /* how many of the written bytes come before it */
    const void *data;
    size_t size_bytes;
    struct tr_blob *blob; /* that it is the content of, or NULL */
};

struct tri_pieces {
    size_t least_bytes; /* what is smaller is copied as usual */
    size_t size_bytes;  /* of all pieces                       */
    unsigned count;
    bool has_blobs; /* among the holes, small ones too     */
    struct tri_piece list[TRI_PATTERN_MAX_HOLES];
};

/* As tri_put, but large binaries and terms are noted in *pieces, which has least_bytes set and is zero otherwise. They
 * must stay as they are until the pieces have been used. The fault of out, TR_TOO_LARGE above all for the whole. */
int tri_put_pieces(struct tr_out *out, struct tri_pieces *pieces, struct tri_pattern **cache,
                   const char *pattern, struct tr_holes holes);

#endif
