/* Erlang's text of a term, as people type it, into the encoding.
 *
 * Words that Erlang reserves are ordinary atoms here, because nothing but terms can stand in the text.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "term/hash.h"
#include "term/lex.h"
#include "term/nest.h"
#include "term/out.h"
#include "term/tags.h"

struct frame {
    char closing; /* ] or } */
    bool is_map;
    bool is_tail;      /* the | of a list has been passed */
    size_t header;     /* where its header lies in out */
    uint32_t count;    /* terms so far */
    const char *start; /* in the text */
};

struct parse {
    struct tri_lexer lexer;
    struct tr_out *out;
    bool is_too_deep;
    size_t depth;
    struct frame frames[TR_DEFAULT_DEPTH];
};

static bool next(struct parse *parse) { return tri_lex_next(&parse->lexer); }

static bool expected(struct parse *parse, const char *what)
{
    return tri_lex_expected(&parse->lexer, what);
}

static bool is_at(const struct parse *parse, int kind) { return parse->lexer.token.kind == kind; }

/* A string is a list of its characters: STRING_EXT where that can hold it, as OTP writes it. */
static void put_string(struct tr_out *out, const struct tri_token *string)
{
    uint32_t character, largest = 0, count = 0;
    for (const char *at = string->text; tri_lex_character(&at, string->end, &character); count++)
        largest = character > largest ? character : largest;
    bool is_short = largest <= UINT8_MAX && count <= TRI_STRING_MAX_BYTES;
    if (is_short && count > 0) {
        uint8_t header[3] = {TRI_STRING};
        tri_store16(header + 1, (uint16_t)count);
        tri_out_append(out, header, sizeof header);
    } else {
        tr_put_list_of(out, count);
    }
    for (const char *at = string->text; tri_lex_character(&at, string->end, &character);) {
        uint8_t byte = (uint8_t)character;
        if (is_short)
            tri_out_append(out, &byte, 1);
        else
            tr_put_unsigned(out, character);
    }
    if (!is_short || count == 0)
        tr_put_nil(out);
}

static bool push(struct parse *parse, char closing, bool is_map)
{
    if (parse->depth == TR_DEFAULT_DEPTH) {
        parse->is_too_deep = true;
        return expected(parse, "less nesting");
    }
    parse->frames[parse->depth++] = (struct frame){.closing = closing,
                                                   .is_map = is_map,
                                                   .header = parse->out->size_bytes,
                                                   .start = parse->lexer.token.start};
    return true;
}

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct tri_hash));
}

/* 0, TR_SYNTAX if a key occurs twice, or -ENOMEM. */
static int check_keys(tr_term map, uint32_t pairs)
{
    struct tr_iter iter;
    tr_term key, value;
    TRI_AUTO(tri_freep) struct tri_hash *hashes = malloc(pairs * sizeof *hashes);
    if (!hashes)
        return -ENOMEM;
    tr_get_map(map, &iter);
    for (uint32_t i = 0; i < pairs; i++) {
        tr_next(&iter, &key);
        tr_next(&iter, &value);
        hashes[i] = tri_hash_of(key);
    }
    qsort(hashes, pairs, sizeof *hashes, compare_hashes);
    for (uint32_t i = 1; i < pairs; i++)
        if (tri_hash_equal(hashes[i - 1], hashes[i]))
            return TR_SYNTAX;
    return 0;
}

static bool close_map(struct parse *parse, const struct frame *frame)
{
    struct tr_out *out = parse->out;
    uint32_t pairs = frame->count / 2;
    if (out->fault)
        return true;
    tri_store32(out->data + frame->header + 1, pairs);
    if (pairs < 2)
        return true;
    tr_term map = {out->data + frame->header, out->size_bytes - frame->header};
    int r = check_keys(map, pairs);
    if (r < 0)
        tri_out_fail(out, r);
    if (r <= 0)
        return true;
    parse->lexer.token.start = frame->start;
    return expected(parse, "a map whose keys differ");
}

/* Writes the count that is known now. A tuple's header was a guess that it is small. */
static bool close(struct parse *parse)
{
    const struct frame *frame = &parse->frames[--parse->depth];
    struct tr_out *out = parse->out;
    if (frame->is_map)
        return close_map(parse, frame);
    if (frame->closing == ']' && !frame->is_tail)
        tr_put_nil(out);
    bool is_large = frame->closing == '}' && frame->count > UINT8_MAX;
    if (is_large)
        tri_out_append(out, "\0\0", 3);
    if (out->fault)
        return true;
    uint8_t *header = out->data + frame->header;
    if (is_large)
        memmove(header + 5, header + 2, out->size_bytes - frame->header - 5);
    if (frame->closing == ']' || is_large) {
        header[0] = is_large ? TRI_LARGE_TUPLE : TRI_LIST;
        tri_store32(header + 1, frame->count - (frame->is_tail ? 1 : 0));
    } else {
        header[1] = (uint8_t)frame->count;
    }
    return true;
}

/* Each of these leaves the lexer behind what it opened; *ret_is_open tells whether terms are to follow. */
static bool open_list(struct parse *parse, bool *ret_is_open)
{
    if (!next(parse))
        return false;
    if (is_at(parse, ']')) {
        tr_put_nil(parse->out);
        return next(parse);
    }
    if (!push(parse, ']', false))
        return false;
    tr_put_list_of(parse->out, 1);
    *ret_is_open = true;
    return true;
}

static bool open_braces(struct parse *parse, bool is_map, bool *ret_is_open)
{
    if (!push(parse, '}', is_map))
        return false;
    if (is_map)
        tr_put_map_of(parse->out, 0);
    else
        tr_put_tuple_of(parse->out, 0);
    if (!next(parse))
        return false;
    *ret_is_open = !is_at(parse, '}');
    return *ret_is_open || (close(parse) && next(parse));
}

static bool parse_term(struct parse *parse, bool *ret_is_open)
{
    *ret_is_open = false;
    switch (parse->lexer.token.kind) {
    case TRI_TOKEN_INTEGER:
    case TRI_TOKEN_FLOAT:
    case TRI_TOKEN_ATOM:
    case TRI_TOKEN_PID:
        return tri_lex_put(&parse->lexer, parse->out) && next(parse);
    case TRI_TOKEN_STRING:
        put_string(parse->out, &parse->lexer.token);
        return next(parse);
    case TRI_TOKEN_OPEN_BITS:
        return tri_lex_put_bits(&parse->lexer, parse->out);
    case '[':
        return open_list(parse, ret_is_open);
    case '{':
    case TRI_TOKEN_OPEN_MAP:
        return open_braces(parse, is_at(parse, TRI_TOKEN_OPEN_MAP), ret_is_open);
    default:
        return expected(parse, "a term");
    }
}

static const char *what_may_follow(const struct frame *frame)
{
    if (frame->closing == '}')
        return "',' or '}'";
    return frame->is_tail ? "']'" : "',', '|' or ']'";
}

/* After a term: closes what ends here, and tells whether another term is to follow. */
static bool parse_after(struct parse *parse, bool *ret_goes_on)
{
    *ret_goes_on = false;
    while (parse->depth > 0) {
        struct frame *frame = &parse->frames[parse->depth - 1];
        frame->count++;
        if (frame->is_map && frame->count % 2 == 1) {
            *ret_goes_on = true;
            return is_at(parse, TRI_TOKEN_ARROW) ? next(parse) : expected(parse, "'=>'");
        }
        bool is_bar = is_at(parse, '|') && frame->closing == ']';
        if ((is_at(parse, ',') || is_bar) && !frame->is_tail) {
            frame->is_tail = is_bar;
            *ret_goes_on = true;
            return next(parse);
        }
        if (!is_at(parse, frame->closing))
            return expected(parse, what_may_follow(frame));
        if (!close(parse) || !next(parse))
            return false;
    }
    return true;
}

static bool parse_text(struct parse *parse, const char *text)
{
    bool goes_on = true;
    if (!tri_lex_begin(&parse->lexer, text))
        return false;
    while (goes_on) {
        bool is_open;
        if (!parse_term(parse, &is_open))
            return false;
        if (!is_open && !parse_after(parse, &goes_on))
            return false;
    }
    if (is_at(parse, '.') && !next(parse))
        return false;
    return is_at(parse, TRI_TOKEN_END) || expected(parse, "the end of the text");
}

int tr_parse(const char *text, struct tr_out *out, size_t *ret_error_at, const char **ret_message)
{
    struct parse parse;
    size_t before = out->size_bytes;
    if (out->fault)
        return out->fault;
    parse.out = out;
    parse.depth = 0;
    parse.is_too_deep = false;
    bool is_fine = parse_text(&parse, text);
    if (is_fine && out->fault == 0)
        return 0;
    int fault = out->fault;
    out->fault = 0;
    out->size_bytes = before;
    if (is_fine)
        return fault;
    if (ret_error_at)
        *ret_error_at = tri_lex_error_at(&parse.lexer);
    if (ret_message)
        *ret_message = parse.lexer.message;
    return parse.is_too_deep ? TR_TOO_DEEP : TR_SYNTAX;
}
