/* Exact equality: two walks in step.
 *
 * Maps are compared in the order in which their pairs lie, which is the same for most. Where keys differ, the maps may
 * still be equal in another order; then the outermost map that has these keys among its keys is compared by its hash,
 * once, and left behind. So the cost stays proportional to the size, whatever the terms are.
 */
#include <string.h>

#include "base/auto.h"
#include "term/atom.h"
#include "term/hash.h"
#include "term/integer.h"
#include "term/scalar.h"
#include "term/walk.h"

/* Equal if made in the same place of the same version of a module; the captured values follow. OTP looks at fewer of
 * these numbers, different ones in each version, but none of them differs alone. */
static bool funs_equal(const uint8_t *a, const uint8_t *b)
{
    if (memcmp(a + 5, b + 5, TRI_FUN_HEADER_BYTES - 4) != 0)
        return false;
    a += 1 + TRI_FUN_HEADER_BYTES;
    b += 1 + TRI_FUN_HEADER_BYTES;
    if (!tri_atom_equal(tri_atom_at(a), tri_atom_at(b)))
        return false;
    a = tri_skip(a);
    b = tri_skip(b);
    return tri_integer_equal(a, b) && tri_integer_equal(tri_skip(a), tri_skip(b));
}

static bool steps_equal(const struct tri_step *a, const struct tri_step *b)
{
    if (a->kind != b->kind || a->cells != b->cells || a->count != b->count)
        return false;
    if (a->kind == TRI_STEP_SCALAR)
        return tri_scalar_equal(a->at, b->at);
    return a->kind != TRI_STEP_FUN || funs_equal(a->at, b->at);
}

/* After a difference: is it only one of order? Then both walks go on after the maps that are equal. */
static bool leave_reordered_map(struct tri_walk *a, struct tri_walk *b)
{
    size_t depth = a->nest.depth < b->nest.depth ? a->nest.depth : b->nest.depth;
    for (size_t i = 0; i < depth; i++) {
        if (!tri_walk_is_in_key(a, i))
            continue;
        tr_term left = tri_term_at(tri_walk_frame(a, i)->start);
        tr_term right = tri_term_at(tri_walk_frame(b, i)->start);
        if (!tri_hash_equal(tri_hash_of(left), tri_hash_of(right)))
            return false;
        tri_walk_leave(a, i);
        tri_walk_leave(b, i);
        return true;
    }
    return false;
}

static bool equal_by_walking(tr_term a, tr_term b)
{
    TRI_AUTO(tri_walk_deinit) struct tri_walk left;
    TRI_AUTO(tri_walk_deinit) struct tri_walk right;
    tri_walk_init(&left, a);
    tri_walk_init(&right, b);
    for (;;) {
        struct tri_step left_step, right_step;
        tri_walk_next(&left, &left_step);
        tri_walk_next(&right, &right_step);
        if (!steps_equal(&left_step, &right_step)) {
            if (!leave_reordered_map(&left, &right))
                return false;
        } else if (left_step.kind == TRI_STEP_END) {
            return true;
        }
    }
}

bool tr_equal(tr_term a, tr_term b)
{
    if (a.size_bytes == b.size_bytes) {
        size_t size = a.size_bytes & ~TRI_REST_BITS;
        if (a.data == b.data || memcmp(a.data, b.data, size) == 0)
            return true;
    }
    return equal_by_walking(a, b);
}
