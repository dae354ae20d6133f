/* Parsing patterns. They are the program's own text, so that a mistake in one is a bug; recursion is limited. */
#include "term/pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/panic.h"
#include "term/lex.h"
#include "term/tags.h"

struct parser {
    struct tri_lexer lexer;
    struct tri_pattern *pattern;
    unsigned depth;
    bool has_no_memory;
};

static bool parse_pattern(struct parser *parser);

static bool next(struct parser *parser) { return tri_lex_next(&parser->lexer); }

static bool expected(struct parser *parser, const char *what)
{
    return tri_lex_expected(&parser->lexer, what);
}

static bool is_at(const struct parser *parser, int kind)
{
    return parser->lexer.token.kind == kind;
}

/* Appends an operation and returns its place. After a lack of memory the rest is parsed for nothing. */
static size_t emit(struct parser *parser, enum tri_op_code code, uint32_t a, uint32_t b)
{
    struct tri_pattern *pattern = parser->pattern;
    if (pattern->op_count == pattern->op_capacity) {
        size_t capacity = pattern->op_capacity ? 2 * pattern->op_capacity : 16;
        struct tri_op *ops = realloc(pattern->ops, capacity * sizeof *ops);
        if (!ops) {
            parser->has_no_memory = true;
            return 0;
        }
        pattern->ops = ops;
        pattern->op_capacity = capacity;
    }
    pattern->ops[pattern->op_count] = (struct tri_op){code, a, b};
    return pattern->op_count++;
}

static void set_count(struct parser *parser, size_t op, uint32_t count)
{
    if (!parser->has_no_memory)
        parser->pattern->ops[op].a = count;
}

static bool emit_hole(struct parser *parser, enum tri_op_code code)
{
    struct tri_pattern *pattern = parser->pattern;
    if (pattern->hole_count == TRI_PATTERN_MAX_HOLES)
        return expected(parser, "at most 16 holes");
    if (code == TRI_OP_KEY_HOLE)
        pattern->key_holes |= 1u << pattern->hole_count;
    emit(parser, code, pattern->hole_count++, 0);
    return next(parser);
}

static bool emit_any(struct parser *parser, enum tri_op_code code)
{
    parser->pattern->has_any = true;
    emit(parser, code, 0, 0);
    return next(parser);
}

/* Writes the constant at hand and goes on. */
static bool put_constant(struct parser *parser, struct tr_out *out)
{
    if (is_at(parser, TRI_TOKEN_OPEN_BITS))
        return tri_lex_put_bits(&parser->lexer, out);
    if (is_at(parser, TRI_TOKEN_STRING))
        tri_lex_put_text(out, &parser->lexer.token);
    else if (!tri_lex_put(&parser->lexer, out))
        return false;
    return next(parser);
}

static bool emit_constant(struct parser *parser, enum tri_op_code code)
{
    struct tr_out *constants = &parser->pattern->constants;
    size_t start = constants->size_bytes;
    if (!put_constant(parser, constants))
        return false;
    emit(parser, code, (uint32_t)start, (uint32_t)(constants->size_bytes - start));
    return true;
}

static bool is_at_constant(const struct parser *parser)
{
    switch (parser->lexer.token.kind) {
    case TRI_TOKEN_INTEGER:
    case TRI_TOKEN_FLOAT:
    case TRI_TOKEN_ATOM:
    case TRI_TOKEN_PID:
    case TRI_TOKEN_STRING:
    case TRI_TOKEN_OPEN_BITS:
        return true;
    default:
        return false;
    }
}

static bool parse_tuple(struct parser *parser)
{
    size_t op = emit(parser, TRI_OP_TUPLE, 0, 0);
    uint32_t arity = 0;
    if (!next(parser))
        return false;
    if (is_at(parser, '}'))
        return next(parser);
    for (;;) {
        if (!parse_pattern(parser))
            return false;
        set_count(parser, op, ++arity);
        if (is_at(parser, '}'))
            return next(parser);
        if (!is_at(parser, ','))
            return expected(parser, "',' or '}'");
        if (!next(parser))
            return false;
    }
}

static bool parse_elements(struct parser *parser, size_t list, uint32_t *count);

/* Remembers at the innermost list's beginning which hole is its tail, because writing needs to know its length there. */
static bool emit_tail_hole(struct parser *parser, size_t list)
{
    if (!parser->has_no_memory)
        parser->pattern->ops[list].b = parser->pattern->hole_count + 1;
    return emit_hole(parser, TRI_OP_TAIL_HOLE);
}

/* What stands behind the | of a list. A list there makes one list of both. */
static bool parse_tail(struct parser *parser, size_t list, uint32_t *count)
{
    if (is_at(parser, TRI_TOKEN_ANY))
        return emit_any(parser, TRI_OP_TAIL_ANY);
    if (is_at(parser, TRI_TOKEN_NAME))
        return emit_tail_hole(parser, list);
    if (is_at(parser, '['))
        return next(parser) && parse_elements(parser, list, count);
    emit(parser, TRI_OP_TAIL, 0, 0);
    if (!parse_pattern(parser))
        return false;
    emit(parser, TRI_OP_LIST_END, 0, 0);
    return true;
}

/* From behind a [ to behind its ]. */
static bool parse_elements(struct parser *parser, size_t list, uint32_t *count)
{
    if (is_at(parser, ']')) {
        emit(parser, TRI_OP_TAIL_NIL, 0, 0);
        return next(parser);
    }
    for (;;) {
        emit(parser, TRI_OP_ELEMENT, 0, 0);
        ++*count;
        if (!parse_pattern(parser))
            return false;
        if (is_at(parser, ']')) {
            emit(parser, TRI_OP_TAIL_NIL, 0, 0);
            return next(parser);
        }
        bool is_bar = is_at(parser, '|');
        if (!is_bar && !is_at(parser, ','))
            return expected(parser, "',', '|' or ']'");
        if (!next(parser))
            return false;
        if (is_bar) {
            if (++parser->depth > TRI_PATTERN_MAX_DEPTH)
                return expected(parser, "less nesting");
            bool is_parsed = parse_tail(parser, list, count);
            parser->depth--;
            if (is_parsed && !is_at(parser, ']'))
                return expected(parser, "']'");
            return is_parsed && next(parser);
        }
    }
}

static bool parse_list(struct parser *parser)
{
    struct tr_out *constants = &parser->pattern->constants;
    uint32_t count = 0;
    if (!next(parser))
        return false;
    if (is_at(parser, ']')) {
        emit(parser, TRI_OP_CONST, (uint32_t)constants->size_bytes, 1);
        tr_put_nil(constants);
        return next(parser);
    }
    size_t op = emit(parser, TRI_OP_LIST, 0, 0);
    if (!parse_elements(parser, op, &count))
        return false;
    set_count(parser, op, count);
    return true;
}

static bool parse_key(struct parser *parser)
{
    if (is_at(parser, TRI_TOKEN_NAME))
        return emit_hole(parser, TRI_OP_KEY_HOLE);
    if (is_at_constant(parser))
        return emit_constant(parser, TRI_OP_KEY);
    return expected(parser, "a key: an atom, a number, a binary or a hole");
}

static bool parse_map(struct parser *parser)
{
    size_t op = emit(parser, TRI_OP_MAP, 0, 0);
    uint32_t pairs = 0;
    if (!next(parser))
        return false;
    while (!is_at(parser, '}')) {
        if (!parse_key(parser))
            return false;
        if (!is_at(parser, TRI_TOKEN_ARROW))
            return expected(parser, "'=>' or ':='");
        if (!next(parser) || !parse_pattern(parser))
            return false;
        set_count(parser, op, ++pairs);
        if (is_at(parser, '}'))
            break;
        if (!is_at(parser, ','))
            return expected(parser, "',' or '}'");
        if (!next(parser))
            return false;
        if (is_at(parser, '}'))
            return expected(parser, "a key: an atom, a number, a binary or a hole");
    }
    emit(parser, TRI_OP_MAP_END, 0, 0);
    return next(parser);
}

static bool parse_by_kind(struct parser *parser)
{
    if (is_at_constant(parser))
        return emit_constant(parser, TRI_OP_CONST);
    switch (parser->lexer.token.kind) {
    case TRI_TOKEN_NAME:
        return emit_hole(parser, TRI_OP_HOLE);
    case TRI_TOKEN_ANY:
        return emit_any(parser, TRI_OP_ANY);
    case '{':
        return parse_tuple(parser);
    case '[':
        return parse_list(parser);
    case TRI_TOKEN_OPEN_MAP:
        return parse_map(parser);
    default:
        return expected(parser, "a pattern");
    }
}

static bool parse_pattern(struct parser *parser)
{
    if (parser->depth == TRI_PATTERN_MAX_DEPTH)
        return expected(parser, "less nesting");
    parser->depth++;
    bool is_parsed = parse_by_kind(parser);
    parser->depth--;
    return is_parsed;
}

static bool parse_whole(struct parser *parser, const char *text)
{
    if (!tri_lex_begin(&parser->lexer, text) || !parse_pattern(parser))
        return false;
    if (!is_at(parser, TRI_TOKEN_END))
        return expected(parser, "the end of the pattern");
    emit(parser, TRI_OP_END, 0, 0);
    return true;
}

void tri_pattern_free(struct tri_pattern *pattern)
{
    if (!pattern)
        return;
    free(pattern->ops);
    tr_out_deinit(&pattern->constants);
    free(pattern->text);
    free(pattern);
}

static void pattern_freep(struct tri_pattern **pattern) { tri_pattern_free(*pattern); }

/* Appends to the prefix what a tuple's head or a constant writes. False when it has no room, or when it is neither. */
static bool lengthen(struct tri_prefix *prefix, const struct tri_op *op, const uint8_t *constants)
{
    const uint8_t head[] = {TRI_SMALL_TUPLE, (uint8_t)op->a};
    const uint8_t *bytes = head;
    size_t size = sizeof head;
    if (op->code == TRI_OP_CONST) {
        bytes = constants + op->a;
        size = op->b;
    } else if (op->code != TRI_OP_TUPLE || op->a > UINT8_MAX) {
        return false;
    }
    if (prefix->size_bytes + size > sizeof prefix->bytes)
        return false;
    memcpy(prefix->bytes + prefix->size_bytes, bytes, size);
    memset(prefix->mask + prefix->size_bytes, 0xff, size);
    prefix->size_bytes += (uint32_t)size;
    prefix->op_count++;
    return true;
}

static void write_prefix(struct tri_pattern *pattern)
{
    const struct tri_op *op = pattern->ops;
    while (lengthen(&pattern->prefix, op, pattern->constants.data))
        op++;
    pattern->has_one_hole = op[0].code == TRI_OP_HOLE && op[1].code == TRI_OP_END;
}

int tri_pattern_parse(const char *text, struct tri_pattern **ret_pattern, size_t *ret_error_at,
                      const char **ret_message)
{
    TRI_AUTO(pattern_freep) struct tri_pattern *pattern = calloc(1, sizeof *pattern);
    if (!pattern)
        return -ENOMEM;
    struct parser parser = {.pattern = pattern};
    pattern->text = strdup(text);
    bool is_parsed = parse_whole(&parser, text);
    if (!pattern->text || parser.has_no_memory || pattern->constants.fault)
        return -ENOMEM;
    if (!is_parsed) {
        *ret_error_at = tri_lex_error_at(&parser.lexer);
        *ret_message = parser.lexer.message;
        return TR_SYNTAX;
    }
    write_prefix(pattern);
    *ret_pattern = TRI_TAKE(pattern);
    return 0;
}

const struct tri_pattern *tri_pattern_parse_at(struct tri_pattern **cache, const char *text)
{
    struct tri_pattern *pattern;
    size_t error_at;
    const char *message;
    int r = tri_pattern_parse(text, &pattern, &error_at, &message);
    if (r == TR_SYNTAX)
        tri_panic("pattern \"%s\": character %zu: expected %s", text, error_at, message);
    if (r)
        tri_panic("pattern \"%s\": no memory", text);
    /* Another thread may have been faster; its pattern is the same. */
    struct tri_pattern *other = NULL;
    if (__atomic_compare_exchange_n(cache, &other, pattern, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return pattern;
    tri_pattern_free(pattern);
    return other;
}

void tri_pattern_miscounted(const struct tri_pattern *pattern, struct tr_holes holes)
{
    tri_panic("pattern \"%s\": %u hole%s, %zu argument%s", pattern->text, pattern->hole_count,
              pattern->hole_count == 1 ? "" : "s", holes.count, holes.count == 1 ? "" : "s");
}
