/* Tokens as terms: numbers of any size, atoms, pids, binaries. */
#include <endian.h>
#include <string.h>

#include "term/lex.h"
#include "term/out.h"
#include "term/tags.h"
#include "term/utf8.h"

/* A binary under construction, bit by bit. */
struct bits {
    struct tr_out *out;
    uint8_t last;    /* the byte that is not full yet, from its high bits down */
    unsigned filled; /* how many of its bits are there, 0 to 7 */
};

static int digit_value(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

/* number = number × factor + addend, in 64-bit parts, the lowest first. */
static void multiply_add(uint8_t *number, size_t *parts, uint64_t factor, uint64_t addend)
{
    unsigned __int128 carry = addend;
    for (size_t i = 0; i < *parts || carry; i++) {
        uint64_t part = 0;
        if (i < *parts)
            memcpy(&part, number + 8 * i, sizeof part);
        else
            *parts = i + 1;
        carry += (unsigned __int128)le64toh(part) * factor;
        part = htole64((uint64_t)carry);
        memcpy(number + 8 * i, &part, sizeof part);
        carry >>= 64;
    }
}

/* Takes as many digits as fit into a factor of 56 bits, and gives them and their weight. */
static const char *take_chunk(const struct tri_token *token, const char *at, uint64_t *ret_factor,
                              uint64_t *ret_value)
{
    *ret_factor = 1;
    *ret_value = 0;
    for (; at < token->end && *ret_factor < (uint64_t)1 << 50; at++) {
        if (*at == '_')
            continue;
        *ret_factor *= token->base;
        *ret_value = *ret_value * token->base + (uint64_t)digit_value(*at);
    }
    return at;
}

static void put_big(struct tr_out *out, const struct tri_token *token)
{
    /* 5.17 bits of base 36 are the most that one digit is worth. */
    size_t digits = (size_t)(token->end - token->text);
    size_t room = digits / 8 * 6 + 24, parts = 0;
    size_t start = out->size_bytes;
    uint8_t *to = tri_out_take(out, 6 + room);
    if (!to)
        return;
    for (const char *at = token->text; at < token->end;) {
        uint64_t factor, value;
        at = take_chunk(token, at, &factor, &value);
        multiply_add(to + 6, &parts, factor, value);
    }
    size_t header = 6, length = 8 * parts;
    while (length > 0 && to[6 + length - 1] == 0)
        length--;
    if (length <= UINT8_MAX) {
        header = 3;
        memmove(to + 3, to + 6, length);
        to[0] = TRI_SMALL_BIG;
        to[1] = (uint8_t)length;
    } else {
        to[0] = TRI_LARGE_BIG;
        tri_store32(to + 1, (uint32_t)length);
    }
    to[header - 1] = token->is_negative;
    out->size_bytes = start + header + length;
}

static void put_integer(struct tr_out *out, const struct tri_token *token)
{
    if (token->is_big || (token->is_negative && token->magnitude > (uint64_t)INT64_MAX + 1))
        put_big(out, token);
    else if (token->is_negative)
        tr_put_integer(out, (int64_t)(0 - token->magnitude));
    else
        tr_put_unsigned(out, token->magnitude);
}

static bool put_atom(struct tri_lexer *lexer, struct tr_out *out)
{
    char text[TR_ATOM_MAX_BYTES + 1];
    size_t length = 0, characters = 0;
    uint32_t character;
    for (const char *at = lexer->token.text; tri_lex_character(&at, lexer->token.end, &character);
         characters++) {
        if (characters == TR_ATOM_MAX_CHARACTERS)
            return tri_lex_expected(lexer, "an atom of at most 255 characters");
        length += tri_utf8_encode(character, (uint8_t *)text + length);
    }
    tr_atom atom = {text, (uint16_t)length, false};
    tr_put_atom_view(out, atom);
    return true;
}

bool tri_lex_put(struct tri_lexer *lexer, struct tr_out *out)
{
    switch (lexer->token.kind) {
    case TRI_TOKEN_INTEGER:
        put_integer(out, &lexer->token);
        return true;
    case TRI_TOKEN_FLOAT:
        tr_put_float(out, lexer->token.real);
        return true;
    case TRI_TOKEN_PID:
        tr_put_pid(out, lexer->token.pid);
        return true;
    default:
        return put_atom(lexer, out);
    }
}

void tri_lex_put_text(struct tr_out *out, const struct tri_token *string)
{
    size_t start = out->size_bytes;
    uint32_t character;
    tr_put_binary(out, NULL, 0);
    for (const char *at = string->text; tri_lex_character(&at, string->end, &character);) {
        uint8_t encoded[TRI_UTF8_MAX_BYTES];
        tri_out_append(out, encoded, tri_utf8_encode(character, encoded));
    }
    if (out->fault == 0)
        tri_store32(out->data + start + 1, (uint32_t)(out->size_bytes - start - 5));
}

static void add_bits(struct bits *bits, uint64_t value, unsigned count)
{
    while (count > 0) {
        unsigned room = 8 - bits->filled;
        unsigned now = count < room ? count : room;
        uint8_t part = (uint8_t)(value >> (count - now) & ((1u << now) - 1));
        bits->last = (uint8_t)(bits->last | part << (room - now));
        bits->filled += now;
        count -= now;
        if (bits->filled == 8) {
            tri_out_append(bits->out, &bits->last, 1);
            bits->last = 0;
            bits->filled = 0;
        }
    }
}

/* "…" gives a byte for each character up to 255, "…"/utf8 any. */
static bool add_string(struct tri_lexer *lexer, struct bits *bits)
{
    struct tri_token string = lexer->token;
    uint32_t character;
    if (!tri_lex_next(lexer))
        return false;
    bool is_utf8 = lexer->token.kind == '/';
    if (is_utf8) {
        if (!tri_lex_next(lexer))
            return false;
        if (lexer->token.kind != TRI_TOKEN_ATOM || lexer->token.end - lexer->token.text != 4 ||
            memcmp(lexer->token.text, "utf8", 4) != 0)
            return tri_lex_expected(lexer, "utf8");
        if (!tri_lex_next(lexer))
            return false;
    }
    for (const char *at = string.text; tri_lex_character(&at, string.end, &character);) {
        uint8_t encoded[TRI_UTF8_MAX_BYTES] = {(uint8_t)character};
        unsigned size = is_utf8 ? tri_utf8_encode(character, encoded) : 1;
        if (!is_utf8 && character > UINT8_MAX)
            return tri_lex_expected(lexer, "/utf8");
        for (unsigned i = 0; i < size; i++)
            add_bits(bits, encoded[i], 8);
    }
    return true;
}

static bool add_integer(struct tri_lexer *lexer, struct bits *bits)
{
    struct tri_token *token = &lexer->token;
    uint64_t size = 8;
    if (token->is_big)
        return tri_lex_expected(lexer, "an integer of 64 bits");
    uint64_t value = token->is_negative ? 0 - token->magnitude : token->magnitude;
    if (!tri_lex_next(lexer))
        return false;
    if (token->kind == ':') {
        if (!tri_lex_next(lexer))
            return false;
        if (token->kind != TRI_TOKEN_INTEGER || token->is_negative || token->is_big ||
            token->magnitude > 64)
            return tri_lex_expected(lexer, "a size of at most 64 bits");
        size = token->magnitude;
        if (!tri_lex_next(lexer))
            return false;
    }
    add_bits(bits, value, (unsigned)size);
    return true;
}

static bool add_segments(struct tri_lexer *lexer, struct bits *bits)
{
    if (!tri_lex_next(lexer))
        return false;
    if (lexer->token.kind == TRI_TOKEN_CLOSE_BITS)
        return true;
    for (;;) {
        bool is_added;
        if (lexer->token.kind == TRI_TOKEN_STRING)
            is_added = add_string(lexer, bits);
        else if (lexer->token.kind == TRI_TOKEN_INTEGER)
            is_added = add_integer(lexer, bits);
        else
            is_added = tri_lex_expected(lexer, "an integer or a string");
        if (!is_added)
            return false;
        if (lexer->token.kind == TRI_TOKEN_CLOSE_BITS)
            return true;
        if (lexer->token.kind != ',')
            return tri_lex_expected(lexer, "',' or '>>'");
        if (!tri_lex_next(lexer))
            return false;
    }
}

bool tri_lex_put_bits(struct tri_lexer *lexer, struct tr_out *out)
{
    size_t start = out->size_bytes;
    struct bits bits = {.out = out};
    /* The header of a bitstring; an ordinary binary's has one byte less. */
    tri_out_append(out, "\0\0\0\0\0", 6);
    if (!add_segments(lexer, &bits))
        return false;
    unsigned filled = bits.filled;
    if (filled > 0)
        tri_out_append(out, &bits.last, 1);
    if (out->fault == 0) {
        uint8_t *header = out->data + start;
        size_t size = out->size_bytes - start - 6;
        header[0] = filled > 0 ? TRI_BIT_BINARY : TRI_BINARY;
        tri_store32(header + 1, (uint32_t)size);
        header[5] = (uint8_t)filled;
        if (filled == 0) {
            memmove(header + 5, header + 6, size);
            out->size_bytes--;
        }
    }
    return tri_lex_next(lexer);
}
