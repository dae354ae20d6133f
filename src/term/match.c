/* Matching: runs a pattern's program over a term's bytes, front to back.
 *
 * Terms and patterns are both written outside in, left to right, so that one position in the bytes suffices; only lists
 * and maps keep a frame. What is found for the holes is kept aside until the whole pattern has matched.
 */
#include <string.h>

#include "base/panic.h"
#include "term/atom.h"
#include "term/hole.h"
#include "term/list.h"
#include "term/pattern.h"
#include "term/pieces.h"
#include "term/scalar.h"

/* What waits to be stored through a pointer. */
union found {
    int64_t integer;
    uint64_t natural;
    double real;
    bool truth;
    tr_pid pid;
    tr_ref ref;
    tr_atom atom;
    tr_bin bin;
    tr_term term;
};

struct frame {
    const uint8_t *map;
    struct tri_list list;
};

struct match {
    const struct tri_pattern *pattern;
    const struct tr_hole *holes;
    const uint8_t *at; /* where the next term begins */
    tr_term term;      /* the whole */
    unsigned depth;
    struct frame frames[TRI_PATTERN_MAX_DEPTH];
    union found found[TRI_PATTERN_MAX_HOLES];
};

static bool find_integer(tr_term term, int64_t least, int64_t most, union found *found)
{
    return tr_get_integer(term, &found->integer) && found->integer >= least &&
           found->integer <= most;
}

static bool find_unsigned(tr_term term, uint64_t most, union found *found)
{
    return tr_get_unsigned(term, &found->natural) && found->natural <= most;
}

/* For a hole that is a pointer: has the term its type? */
static bool find(const struct tr_hole *hole, tr_term term, union found *found)
{
    switch (hole->kind) {
    case TRI_HOLE_TO_INT8:
        return find_integer(term, INT8_MIN, INT8_MAX, found);
    case TRI_HOLE_TO_INT16:
        return find_integer(term, INT16_MIN, INT16_MAX, found);
    case TRI_HOLE_TO_INT32:
        return find_integer(term, INT32_MIN, INT32_MAX, found);
    case TRI_HOLE_TO_INT64:
        return tr_get_integer(term, &found->integer);
    case TRI_HOLE_TO_UINT8:
        return find_unsigned(term, UINT8_MAX, found);
    case TRI_HOLE_TO_UINT16:
        return find_unsigned(term, UINT16_MAX, found);
    case TRI_HOLE_TO_UINT32:
        return find_unsigned(term, UINT32_MAX, found);
    case TRI_HOLE_TO_UINT64:
        return tr_get_unsigned(term, &found->natural);
    case TRI_HOLE_TO_FLOAT:
        return tr_get_float(term, &found->real);
    case TRI_HOLE_TO_BOOL:
        return tr_get_bool(term, &found->truth);
    case TRI_HOLE_TO_PID:
        return tr_get_pid(term, &found->pid);
    case TRI_HOLE_TO_REF:
        return tr_get_ref(term, &found->ref);
    case TRI_HOLE_TO_ATOM:
        return tr_get_atom(term, &found->atom);
    case TRI_HOLE_TO_BIN:
        return tr_get_binary(term, &found->bin);
    default:
        found->term = term;
        return true;
    }
}

static bool binary_is(tr_term term, const void *data, size_t size_bytes)
{
    tr_bin binary;
    return tr_get_binary(term, &binary) && binary.size_bytes == size_bytes &&
           (size_bytes == 0 || memcmp(binary.data, data, size_bytes) == 0);
}

/* For a hole that is a value: does the term equal it? */
static bool equals(const struct tr_hole *hole, tr_term term)
{
    union found found;
    switch (hole->kind) {
    case TRI_HOLE_INTEGER:
        return tr_get_integer(term, &found.integer) && found.integer == tri_hole_integer(hole);
    case TRI_HOLE_UNSIGNED:
        return tr_get_unsigned(term, &found.natural) && found.natural == hole->first;
    case TRI_HOLE_FLOAT:
        return tr_get_float(term, &found.real) && found.real == tri_hole_real(hole);
    case TRI_HOLE_BOOL:
        return tr_get_bool(term, &found.truth) && found.truth == (hole->first != 0);
    case TRI_HOLE_PID:
        return tr_get_pid(term, &found.pid) && tr_pid_equal(found.pid, tri_hole_pid_of(hole));
    case TRI_HOLE_REF:
        return tr_get_ref(term, &found.ref) && tr_ref_equal(found.ref, tri_hole_ref_of(hole));
    case TRI_HOLE_ATOM:
        return tr_get_atom(term, &found.atom) && tri_atom_equal(found.atom, tri_hole_atom_of(hole));
    case TRI_HOLE_BIN:
        return binary_is(term, tri_hole_bin_of(hole).data, tri_hole_bin_of(hole).size_bytes);
    case TRI_HOLE_BLOB:
        return binary_is(term, tri_loan_of(hole).data, tri_loan_of(hole).size_bytes);
    case TRI_HOLE_TEXT:
        return binary_is(term, tri_hole_pointer(hole), strlen(tri_hole_pointer(hole)));
    default:
        return tr_equal(term, tri_hole_term_of(hole));
    }
}

static void store(const struct tr_hole *hole, const union found *found)
{
    void *to = tri_hole_to(hole);
    uint8_t in_8 = (uint8_t)found->natural;
    uint16_t in_16 = (uint16_t)found->natural;
    uint32_t in_32 = (uint32_t)found->natural;
    switch (hole->kind) {
    /* long and long long are the same in memory but not to the compiler; memcpy serves both. */
    case TRI_HOLE_TO_INT8:
    case TRI_HOLE_TO_UINT8:
        memcpy(to, &in_8, sizeof in_8);
        break;
    case TRI_HOLE_TO_INT16:
    case TRI_HOLE_TO_UINT16:
        memcpy(to, &in_16, sizeof in_16);
        break;
    case TRI_HOLE_TO_INT32:
    case TRI_HOLE_TO_UINT32:
        memcpy(to, &in_32, sizeof in_32);
        break;
    case TRI_HOLE_TO_INT64:
    case TRI_HOLE_TO_UINT64:
        memcpy(to, &found->natural, sizeof found->natural);
        break;
    case TRI_HOLE_TO_FLOAT:
        *(double *)to = found->real;
        break;
    case TRI_HOLE_TO_BOOL:
        *(bool *)to = found->truth;
        break;
    case TRI_HOLE_TO_PID:
        *(tr_pid *)to = found->pid;
        break;
    case TRI_HOLE_TO_REF:
        *(tr_ref *)to = found->ref;
        break;
    case TRI_HOLE_TO_ATOM:
        *(tr_atom *)to = found->atom;
        break;
    case TRI_HOLE_TO_BIN: /* by word, as it was written: a copy of both at once would wait for that */
        ((tr_bin *)to)->data = *(const void *const volatile *)&found->bin.data;
        ((tr_bin *)to)->size_bytes = found->bin.size_bytes;
        break;
    case TRI_HOLE_TO_TERM:
        *(tr_term *)to = found->term;
        break;
    default: /* a value was compared, nothing is stored */
        break;
    }
}

static inline bool fill(struct match *match, uint32_t index, tr_term term)
{
    const struct tr_hole *hole = &match->holes[index];
    return tri_hole_is_pointer(hole) ? find(hole, term, &match->found[index]) : equals(hole, term);
}

/* Is the term at `at` the constant? Nearly always both are written alike, as OTP 26 and we write them. */
static inline bool is_constant(const uint8_t *at, const uint8_t *constant)
{
    if (at[0] == constant[0]) {
        if (at[0] == TRI_SMALL_ATOM_UTF8)
            return at[1] == constant[1] && memcmp(at + 2, constant + 2, at[1]) == 0;
        if (at[0] == TRI_SMALL_INTEGER)
            return at[1] == constant[1];
    }
    return tri_scalar_equal(at, constant);
}

static bool match_tuple(struct match *match, uint32_t arity)
{
    const uint8_t *at = match->at;
    if (at[0] == TRI_SMALL_TUPLE) {
        match->at += 2;
        return at[1] == arity;
    }
    match->at += 5;
    return at[0] == TRI_LARGE_TUPLE && tri_load32(at + 1) == arity;
}

static bool begin_list(struct match *match)
{
    bool is_rest = match->depth == 0 && match->at == match->term.data && tri_is_rest(match->term);
    if (!is_rest && *match->at != TRI_LIST && *match->at != TRI_STRING)
        return false;
    tr_term list = {match->at, 0};
    struct frame *frame = &match->frames[match->depth++];
    match->at = tri_list_begin(&frame->list, is_rest ? match->term : list);
    return true;
}

static bool match_nil_tail(struct match *match)
{
    struct tri_list *list = &match->frames[--match->depth].list;
    if (tri_list_next(list, &match->at) || !tri_is_nil(match->at))
        return false;
    match->at = tri_list_end(list, match->at + 1);
    return true;
}

/* Takes what is left of the innermost list and goes on after it. */
static tr_term take_tail(struct match *match)
{
    const struct tri_list *list = &match->frames[--match->depth].list;
    tr_term rest = tri_list_rest(list, match->at);
    if (list->characters)
        match->at = list->string_end;
    else
        match->at = tri_is_rest(rest) ? tri_rest_end(rest) : tri_skip(match->at);
    return rest;
}

static bool begin_improper_tail(struct match *match)
{
    return !tri_list_next(&match->frames[match->depth - 1].list, &match->at);
}

static bool begin_map(struct match *match)
{
    if (*match->at != TRI_MAP)
        return false;
    match->frames[match->depth++].map = match->at;
    return true;
}

/* Goes to the value of a key. The search begins at the first pair, whatever the order of the pattern is. */
static bool match_key(struct match *match, const struct tri_op *op)
{
    const uint8_t *map = match->frames[match->depth - 1].map;
    const uint8_t *at = map + 5;
    for (uint32_t left = tri_load32(map + 1); left > 0; left--) {
        const uint8_t *value = tri_skip(at);
        tr_term key = {at, (size_t)(value - at)};
        match->at = value;
        if (op->code == TRI_OP_KEY ? is_constant(at, match->pattern->constants.data + op->a)
                                   : equals(&match->holes[op->a], key))
            return true;
        at = tri_skip(value);
    }
    return false;
}

/* Where the term at `at` ends: with the whole, when the pattern ends with it. */
static inline const uint8_t *behind(const struct match *match, const struct tri_op *op)
{
    if (op[1].code == TRI_OP_END && !tri_is_rest(match->term))
        return (const uint8_t *)match->term.data + match->term.size_bytes;
    return tri_skip(match->at);
}

static inline bool run_op(struct match *match, const struct tri_op *op)
{
    const uint8_t *at = match->at;
    switch (op->code) {
    case TRI_OP_CONST:
        if (!is_constant(at, match->pattern->constants.data + op->a))
            return false;
        match->at = tri_skip(at);
        return true;
    case TRI_OP_HOLE:
        match->at = behind(match, op);
        return fill(match, op->a, (tr_term){at, (size_t)(match->at - at)});
    case TRI_OP_ANY:
        match->at = behind(match, op);
        return true;
    case TRI_OP_TUPLE:
        return match_tuple(match, op->a);
    case TRI_OP_LIST:
        return begin_list(match);
    case TRI_OP_ELEMENT:
        return tri_list_next(&match->frames[match->depth - 1].list, &match->at);
    case TRI_OP_TAIL_NIL:
        return match_nil_tail(match);
    case TRI_OP_TAIL_ANY:
        if (op[1].code != TRI_OP_END)
            take_tail(match);
        return true;
    case TRI_OP_TAIL_HOLE:
        return fill(match, op->a, take_tail(match));
    case TRI_OP_TAIL:
        return begin_improper_tail(match);
    case TRI_OP_LIST_END:
        match->at = tri_list_end(&match->frames[--match->depth].list, at);
        return true;
    case TRI_OP_MAP:
        return begin_map(match);
    case TRI_OP_KEY:
    case TRI_OP_KEY_HOLE:
        return match_key(match, op);
    default: /* TRI_OP_MAP_END */
        if (op[1].code != TRI_OP_END)
            match->at = tri_skip(match->frames[--match->depth].map);
        return true;
    }
}

/* The rest of a list is matched as a whole by a hole or by _, and by a list's pattern; the bytes that it begins with
 * are not its header. */
static bool match_rest(struct match *match, const struct tri_op *op)
{
    if (op->code == TRI_OP_HOLE)
        return fill(match, op->a, match->term);
    return op->code == TRI_OP_ANY;
}

/* Does the term begin with the bytes that the pattern begins with? Else it may be written in another way. */
static inline bool has_prefix(tr_term term, const struct tri_prefix *prefix)
{
    uint64_t term_words[2], words[2], masks[2];
    if (term.size_bytes < sizeof term_words)
        return prefix->size_bytes <= term.size_bytes &&
               memcmp(term.data, prefix->bytes, prefix->size_bytes) == 0;
    memcpy(term_words, term.data, sizeof term_words);
    memcpy(words, prefix->bytes, sizeof words);
    memcpy(masks, prefix->mask, sizeof masks);
    return (((term_words[0] & masks[0]) ^ words[0]) | ((term_words[1] & masks[1]) ^ words[1])) == 0;
}

static bool run(struct match *match)
{
    const struct tri_prefix *prefix = &match->pattern->prefix;
    const struct tri_op *op = match->pattern->ops;
    if (tri_is_rest(match->term) && op->code != TRI_OP_LIST)
        return match_rest(match, op);
    if (prefix->op_count > 0 && has_prefix(match->term, prefix)) {
        match->at += prefix->size_bytes;
        op += prefix->op_count;
    }
    for (; op->code != TRI_OP_END; op++)
        if (!run_op(match, op))
            return false;
    return true;
}

/* Does nothing follow the prefix but a hole, as in {add, N}? Most patterns are such, and need no program to be run, unless the
 * term is a rest, or its beginning may be written in another way. */
static bool is_one_hole(const struct tri_pattern *pattern, tr_term term)
{
    const struct tri_prefix *prefix = &pattern->prefix;
    return pattern->has_one_hole && !tri_is_rest(term) &&
           (prefix->op_count == 0 || has_prefix(term, prefix));
}

static bool match_one_hole(const struct tri_pattern *pattern, const struct tr_hole *hole,
                           tr_term term)
{
    union found found;
    size_t prefix_bytes = pattern->prefix.size_bytes;
    term.data = (const uint8_t *)term.data + prefix_bytes;
    term.size_bytes -= prefix_bytes;
    if (!tri_hole_is_pointer(hole))
        return equals(hole, term);
    if (!find(hole, term, &found))
        return false;
    store(hole, &found);
    return true;
}

static void check_keys(const struct match *match)
{
    for (uint32_t left = match->pattern->key_holes; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        if (tri_hole_is_pointer(&match->holes[i]))
            tri_panic("pattern \"%s\": argument %u is a key and must be a value, not a pointer",
                      match->pattern->text, i + 1);
    }
}

/* Needs much room on the stack, and many registers: so it is not a part of its caller. */
static __attribute__((noinline)) int match_program(const struct tri_pattern *pattern,
                                                   struct tr_holes holes, tr_term term)
{
    struct match match;
    match.pattern = pattern;
    match.holes = holes.at;
    match.term = term;
    match.at = term.data;
    match.depth = 0;
    check_keys(&match);
    if (!run(&match))
        return TR_NO_MATCH;
    for (size_t i = 0; i < holes.count; i++)
        store(&holes.at[i], &match.found[i]);
    return 0;
}

int tri_match(tr_term term, struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    const struct tri_pattern *parsed = tri_pattern_at(cache, pattern);
    tri_pattern_count(parsed, holes);
    if (is_one_hole(parsed, term))
        return match_one_hole(parsed, holes.at, term) ? 0 : TR_NO_MATCH;
    return match_program(parsed, holes, term);
}
