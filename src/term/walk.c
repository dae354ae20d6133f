/* The walk: one loop over the bytes and a stack of what is open. */
#include "term/walk.h"

void tri_walk_init(struct tri_walk *walk, tr_term term)
{
    walk->at = term.data;
    walk->term = term;
    walk->has_begun = walk->pair_has_begun = false;
    walk->nest = TRI_NEST_IN(walk->frames);
}

void tri_walk_deinit(struct tri_walk *walk) { tri_nest_deinit(&walk->nest); }

const uint8_t *tri_fun_captured(const uint8_t *fun, uint32_t *ret_count)
{
    *ret_count = tri_load32(fun + TRI_FUN_HEADER_BYTES - 3);
    /* Module, index and number of its old kind, and the pid of its maker. */
    return tri_skip_many(fun + 1 + TRI_FUN_HEADER_BYTES, 4);
}

static struct tri_walk_frame *push(struct tri_walk *walk, enum tri_walk_kind kind, uint64_t left)
{
    struct tri_walk_frame *frame = tri_nest_push(&walk->nest);
    frame->kind = kind;
    frame->start = walk->at;
    frame->left = left;
    return frame;
}

/* Takes the first element of a list that begins here: the walk then stands on it. */
static void enter_list(struct tri_walk *walk, tr_term list)
{
    struct tri_walk_frame *frame = push(walk, TRI_WALK_LIST, 0);
    walk->at = tri_list_begin(&frame->list, list);
    tri_list_next(&frame->list, &walk->at);
}

/* Finds the next term. False when the step is already known: the end of something, or a pair's beginning. */
static bool find_term(struct tri_walk *walk, struct tri_step *step)
{
    while (walk->nest.depth > 0) {
        struct tri_walk_frame *frame = tri_nest_top(&walk->nest);
        if (frame->kind == TRI_WALK_LIST) {
            if (tri_list_next(&frame->list, &walk->at)) {
                step->cells++;
                return true;
            }
            walk->nest.depth--;
            if (!frame->list.characters)
                return true;
            walk->at = frame->list.string_end;
            step->kind = TRI_STEP_SCALAR;
            step->at = tri_nil;
            return false;
        }
        bool is_map = frame->kind == TRI_WALK_MAP;
        if (frame->left == 0) {
            walk->nest.depth--;
            step->kind = TRI_STEP_MAP_END;
            if (is_map)
                return false;
            continue;
        }
        if (is_map && !(frame->left & 1) && !walk->pair_has_begun) {
            walk->pair_has_begun = true;
            step->kind = TRI_STEP_PAIR;
            return false;
        }
        walk->pair_has_begun = false;
        frame->left--;
        return true;
    }
    step->kind = TRI_STEP_END;
    return !walk->has_begun;
}

static void open(struct tri_walk *walk, struct tri_step *step, enum tri_step_kind kind,
                 uint64_t count, size_t header)
{
    bool is_map = kind == TRI_STEP_MAP;
    step->kind = kind;
    step->count = count;
    push(walk, is_map ? TRI_WALK_MAP : TRI_WALK_PLAIN, is_map ? 2 * count : count);
    walk->at += header;
}

/* Steps on the term where the walk stands. */
static void step_on(struct tri_walk *walk, struct tri_step *step)
{
    uint32_t captured;
    const uint8_t *at = step->at = walk->at;
    switch (*at) {
    case TRI_SMALL_TUPLE:
        open(walk, step, TRI_STEP_TUPLE, at[1], 2);
        break;
    case TRI_LARGE_TUPLE:
        open(walk, step, TRI_STEP_TUPLE, tri_load32(at + 1), 5);
        break;
    case TRI_MAP:
        open(walk, step, TRI_STEP_MAP, tri_load32(at + 1), 5);
        break;
    case TRI_NEW_FUN:
        at = tri_fun_captured(at, &captured);
        open(walk, step, TRI_STEP_FUN, captured, (size_t)(at - walk->at));
        break;
    default:
        step->kind = TRI_STEP_SCALAR;
        walk->at = tri_skip(at);
        if (tri_is_nil(at))
            step->at = tri_nil;
    }
}

void tri_walk_next(struct tri_walk *walk, struct tri_step *ret_step)
{
    ret_step->cells = 0;
    ret_step->at = NULL;
    ret_step->count = 0;
    if (!find_term(walk, ret_step))
        return;
    bool is_rest = !walk->has_begun && tri_is_rest(walk->term);
    walk->has_begun = true;
    while (is_rest || *walk->at == TRI_LIST || (*walk->at == TRI_STRING && !tri_is_nil(walk->at))) {
        tr_term list = {walk->at, 0};
        enter_list(walk, is_rest ? walk->term : list);
        ret_step->cells++;
        is_rest = false;
    }
    step_on(walk, ret_step);
}

void tri_walk_leave(struct tri_walk *walk, size_t depth)
{
    walk->at = tri_skip(tri_walk_frame(walk, depth)->start);
    walk->nest.depth = depth;
    walk->pair_has_begun = false;
}
