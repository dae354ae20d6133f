/* Patterns: the text of tr_put and tr_match, parsed once into a short program that both run.
 *
 *     {add, [N | _]}      TUPLE 2 · CONST add · LIST 1 · ELEMENT · HOLE 0 · TAIL_ANY · END
 */
#ifndef TRI_TERM_PATTERN_H
#define TRI_TERM_PATTERN_H

#include "troupe/term.h"

enum {
    TRI_PATTERN_MAX_HOLES = 16,
    TRI_PATTERN_MAX_DEPTH = 32,
    TRI_PREFIX_BYTES = 16,
};

enum tri_op_code {
    TRI_OP_END,
    TRI_OP_ANY,
    TRI_OP_HOLE,  /* a: which                                                       */
    TRI_OP_CONST, /* a, b: place and size of a term without parts among the constants */
    TRI_OP_TUPLE, /* a: arity; the elements follow                                  */
    TRI_OP_LIST,  /* a: elements, b: the hole that is its tail, plus 1, or 0; each element follows
                   * behind an ELEMENT, then comes a TAIL_… */
    TRI_OP_ELEMENT,
    TRI_OP_TAIL_NIL,
    TRI_OP_TAIL_ANY,
    TRI_OP_TAIL_HOLE, /* a: which                                                    */
    TRI_OP_TAIL,      /* what follows is no list; then comes LIST_END               */
    TRI_OP_LIST_END,
    TRI_OP_MAP,      /* a: pairs; each is a KEY_… and its value; then comes MAP_END */
    TRI_OP_KEY,      /* a, b: as CONST                                              */
    TRI_OP_KEY_HOLE, /* a: which                                                    */
    TRI_OP_MAP_END,
};

struct tri_op {
    enum tri_op_code code;
    uint32_t a, b;
};

/* What a pattern begins with before its first hole, written out: the heads of tuples and the atoms that most messages begin
 * with. Writing copies it, matching compares it, instead of running the operations one by one. */
struct tri_prefix {
    uint8_t bytes[TRI_PREFIX_BYTES],
        mask[TRI_PREFIX_BYTES]; /* the mask has all bits of the bytes that there are */
    uint32_t size_bytes;
    uint32_t op_count; /* how many operations it stands for; 0: there is none */
};

struct tri_pattern {
    struct tri_op *ops;
    size_t op_count, op_capacity;
    struct tri_prefix prefix;
    struct tr_out constants;
    unsigned hole_count;
    uint32_t key_holes; /* bit i: hole i is a key and must be known before the match */
    bool has_one_hole;  /* and nothing else behind its prefix */
    bool has_any;       /* there is a _ in it, which cannot be written */
    char *text;
};

/* Parses a pattern. The caller frees it.
 *   ret_error_at, ret_message   as for tr_parse
 * Outcomes: 0, TR_SYNTAX, -ENOMEM. */
int tri_pattern_parse(const char *text, struct tri_pattern **ret_pattern, size_t *ret_error_at,
                      const char **ret_message);
void tri_pattern_free(struct tri_pattern *pattern);

/* Parses the pattern of a place in the source, and leaves it in *cache. A text that is none is a bug. */
const struct tri_pattern *tri_pattern_parse_at(struct tri_pattern **cache, const char *text);

/* The pattern of a place in the source: parsed now, or in *cache already. */
static inline const struct tri_pattern *tri_pattern_at(struct tri_pattern **cache, const char *text)
{
    const struct tri_pattern *pattern = __atomic_load_n(cache, __ATOMIC_ACQUIRE);
    return __builtin_expect(pattern != NULL, 1) ? pattern : tri_pattern_parse_at(cache, text);
}

/* Ends the process: the number of holes is wrong. */
TR_NORETURN void tri_pattern_miscounted(const struct tri_pattern *pattern, struct tr_holes holes);

/* Ends the process if the number of holes is wrong. */
static inline void tri_pattern_count(const struct tri_pattern *pattern, struct tr_holes holes)
{
    if (__builtin_expect(holes.count != pattern->hole_count, 0))
        tri_pattern_miscounted(pattern, holes);
}

static inline bool tri_hole_is_pointer(const struct tr_hole *hole)
{
    return hole->kind >= TRI_HOLE_TO_INT8;
}

#endif
