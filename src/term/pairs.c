/* Pairs: they are put apart, and counted, and then appended behind the header that tells how many they are. */
#include "term/pairs.h"

#include "term/out.h"

struct tr_out *tri_pairs_key(struct tri_pairs *pairs, const char *key)
{
    pairs->count++;
    tr_put_atom(&pairs->body, key);
    return &pairs->body;
}

void tri_pairs_put(struct tr_out *out, struct tri_pairs *pairs)
{
    tr_put_map_of(out, pairs->count);
    tri_out_move(out, &pairs->body);
    pairs->count = 0;
}
