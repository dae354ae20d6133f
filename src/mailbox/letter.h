/* Letter: a large term, in the parts that it lies in. */
#ifndef TRI_MAILBOX_LETTER_H
#define TRI_MAILBOX_LETTER_H

#include <sys/uio.h>

#include "mailbox/mailbox.h"
#include "term/pieces.h"

struct tri_letter {
    size_t size_bytes; /* of the whole */
    unsigned count;
    unsigned content;     /* the part that is the content of `blob` */
    struct tr_blob *blob; /* to be handed over (built.h), or NULL   */
    struct iovec parts[2 * TRI_PATTERN_MAX_HOLES + 1];
};

/* A letter of what tri_put_pieces made. Its largest blob that is a file is the one to be handed over. */
void tri_letter_of_pieces(struct tri_letter *letter, const struct tr_out *out,
                          const struct tri_pieces *pieces);

/* A letter of a term that lies in one part. */
void tri_letter_of_term(struct tri_letter *letter, tr_term term);

/* Writes all parts, one behind the other, to where there is room for size_bytes. */
void tri_letter_copy(const struct tri_letter *letter, void *to);

#endif
