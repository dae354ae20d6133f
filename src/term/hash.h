/* A hash of a term's value: equal terms have equal hashes, whichever encodings and orders of pairs they use.
 *
 * It is 128 bits wide and keyed with secrets that each process family draws for itself, so that unequal terms have
 * equal hashes never in practice, also when somebody tries. tr_equal relies on that for maps whose orders differ.
 * The value means nothing outside of the process family, nor after it.
 */
#ifndef TRI_TERM_HASH_H
#define TRI_TERM_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"

struct tri_hash {
    uint64_t lanes[2];
};

struct tri_hash tri_hash_of(tr_term term);

static inline bool tri_hash_equal(struct tri_hash a, struct tri_hash b)
{
    return a.lanes[0] == b.lanes[0] && a.lanes[1] == b.lanes[1];
}

#endif
