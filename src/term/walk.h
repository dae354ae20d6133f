/* A walk through a term that meets the same things in the same order whichever encodings it is written in.
 *
 * Equality is two walks in step, a hash is one. Only the order of a map's pairs is that of the bytes.
 */
#ifndef TRI_TERM_WALK_H
#define TRI_TERM_WALK_H

#include "term/list.h"
#include "term/nest.h"

enum tri_step_kind {
    TRI_STEP_SCALAR, /* `at` is a number, an atom, nil, a binary, an identifier, an exported fun */
    TRI_STEP_TUPLE,  /* `count` elements follow                                            */
    TRI_STEP_MAP,    /* `count` pairs follow, each with a step before it, then a map's end */
    TRI_STEP_PAIR,
    TRI_STEP_MAP_END,
    TRI_STEP_FUN, /* `at` is a NEW_FUN_EXT, `count` captured values follow */
    TRI_STEP_END,
};

struct tri_step {
    enum tri_step_kind kind;
    /* How many lists' elements begin here: [a] is a cell with a, then nil without one. */
    unsigned cells;
    const uint8_t *at;
    uint64_t count;
};

enum tri_walk_kind { TRI_WALK_PLAIN, TRI_WALK_MAP, TRI_WALK_LIST };

struct tri_walk_frame {
    enum tri_walk_kind kind;
    const uint8_t *start; /* of the term */
    uint64_t left;        /* terms still to come inside it */
    struct tri_list list;
};

struct tri_walk {
    const uint8_t *at;
    tr_term term;
    bool has_begun, pair_has_begun;
    struct tri_nest nest;
    struct tri_walk_frame frames[TRI_NEST_FRAMES];
};

void tri_walk_init(struct tri_walk *walk, tr_term term);
void tri_walk_deinit(struct tri_walk *walk);

void tri_walk_next(struct tri_walk *walk, struct tri_step *ret_step);

static inline struct tri_walk_frame *tri_walk_frame(const struct tri_walk *walk, size_t depth)
{
    return (struct tri_walk_frame *)(void *)walk->nest.frames + depth;
}

/* Is the walk inside a key of the map at this depth? */
static inline bool tri_walk_is_in_key(const struct tri_walk *walk, size_t depth)
{
    const struct tri_walk_frame *frame = tri_walk_frame(walk, depth);
    return frame->kind == TRI_WALK_MAP && (frame->left & 1);
}

/* Goes on after the map at this depth. */
void tri_walk_leave(struct tri_walk *walk, size_t depth);

/* Step over a NEW_FUN_EXT's header to what it has captured. */
const uint8_t *tri_fun_captured(const uint8_t *fun, uint32_t *ret_count);

#endif
