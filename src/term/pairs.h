/* Pairs: a map that is written before it is known how many pairs it will have: each of them may be missing. */
#ifndef TRI_TERM_PAIRS_H
#define TRI_TERM_PAIRS_H

#include "troupe/term.h"

/* Zeroed, there are none. */
struct tri_pairs {
    struct tr_out body; /* keys and values, one behind the other */
    uint32_t count;
};

/* Begins a pair: appends its key, an atom. The caller appends its value, one term, to what is returned. */
struct tr_out *tri_pairs_key(struct tri_pairs *pairs, const char *key);

/* Appends them all as a map, or their fault. Then there are none. */
void tri_pairs_put(struct tr_out *out, struct tri_pairs *pairs);

#endif
