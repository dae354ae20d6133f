/* Terms as Erlang's text: what io_lib:format("~0tp", [Term]) of OTP 25 with `erl +pc unicode` prints.
 *
 * It differs where Erlang's text depends on a node's state: a pid or reference of another node begins with the node's
 * name instead of a local number; and where it would take too long: integers of more than 1 KiB are printed in base 16.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "term/atom.h"
#include "term/identifier.h"
#include "term/integer.h"
#include "term/list.h"
#include "term/nest.h"
#include "term/print.h"
#include "term/real.h"
#include "term/scalar.h"
#include "term/utf8.h"
#include "term/walk.h"

enum {
    DECIMAL_MAX_BYTES = 1024,
    CHUNK_DIGITS = 19, /* of a bignum at a time: the most that fit in 64 bits */
    CHUNKS = DECIMAL_MAX_BYTES * 241 / 100 / CHUNK_DIGITS + 2,
};

struct frame {
    enum { FRAME_LIST, FRAME_TUPLE, FRAME_MAP, FRAME_TAIL } kind;
    bool has_begun;
    uint64_t left;
    struct tri_list list;
};

struct print {
    char *buffer;
    size_t size_bytes; /* of the buffer */
    size_t length;     /* of the whole text */
    bool is_start;     /* what does not fit is of no interest, and is not looked at */
    const uint8_t *at;
    struct tri_nest nest;
    struct frame frames[TRI_NEST_FRAMES];
};

static void put(struct print *print, const char *text, size_t length)
{
    if (print->length < print->size_bytes) {
        size_t room = print->size_bytes - print->length;
        memcpy(print->buffer + print->length, text, length < room ? length : room);
    }
    print->length += length;
}

static bool is_enough(const struct print *print)
{
    return print->is_start && print->length >= print->size_bytes;
}

static void put_text(struct print *print, const char *text) { put(print, text, strlen(text)); }

__attribute__((format(printf, 2, 3))) static void put_format(struct print *print,
                                                             const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put(print, text, (size_t)length);
}

static void put_character(struct print *print, uint32_t character)
{
    uint8_t encoded[TRI_UTF8_MAX_BYTES];
    put(print, (const char *)encoded, tri_utf8_encode(character, encoded));
}

/* Between quotes: what cannot be shown is escaped. */
static void put_quoted(struct print *print, uint32_t character, char quote)
{
    static const char controls[] = "\b\177\033\f\n\r\t\v", letters[] = "bdefnrtv";
    const char *control = character && character < 0x80 ? strchr(controls, (int)character) : NULL;
    if (character == (uint8_t)quote || character == '\\')
        put_format(print, "\\%c", (char)character);
    else if (control)
        put_format(print, "\\%c", letters[control - controls]);
    else if (character < ' ' || (character >= 0x7F && character < 0xA0))
        put_format(print, "\\%03o", character);
    else
        put_character(print, character);
}

/* io_lib:printable_unicode_list/1 of one character. */
static bool is_printable(uint32_t c)
{
    if (c < 0x80)
        return (c >= ' ' && c < 0x7F) || (c >= '\b' && c <= '\r') || c == 27;
    return c >= 0xA0 && tri_utf8_is_character(c) && c != 0xFFFE && c != 0xFFFF;
}

/* ---------------------------------------------------------------- atoms */

static bool is_reserved(tr_atom atom)
{
    static const char *const words[] = {
        "after", "and",  "andalso", "band",   "begin",   "bnot", "bor", "bsl",  "bsr",
        "bxor",  "case", "catch",   "cond",   "div",     "end",  "fun", "if",   "let",
        "not",   "of",   "or",      "orelse", "receive", "rem",  "try", "when", "xor"};
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(words); i++)
        if (tr_atom_is(atom, words[i]))
            return true;
    return false;
}

static bool is_small_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7);
}

static bool is_inside_name(uint32_t c)
{
    return is_small_letter(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '@' || (c >= 0xC0 && c <= 0xDE && c != 0xD7);
}

static bool needs_quotes(tr_atom atom)
{
    size_t at = 0;
    uint32_t character;
    if (!tri_atom_next(atom, &at, &character) || !is_small_letter(character))
        return true;
    while (tri_atom_next(atom, &at, &character))
        if (!is_inside_name(character))
            return true;
    return is_reserved(atom);
}

static void put_atom(struct print *print, tr_atom atom)
{
    size_t at = 0;
    uint32_t character;
    bool is_quoted = needs_quotes(atom);
    if (is_quoted)
        put_text(print, "'");
    while (tri_atom_next(atom, &at, &character)) {
        if (is_quoted)
            put_quoted(print, character, '\'');
        else
            put_character(print, character);
    }
    if (is_quoted)
        put_text(print, "'");
}

/* ---------------------------------------------------------------- numbers */

/* Divides the magnitude, highest part first, and returns the remainder. */
static uint64_t divide(uint32_t *parts, size_t count, uint64_t divisor)
{
    unsigned __int128 remainder = 0;
    for (size_t i = 0; i < count; i++) {
        remainder = remainder << 32 | parts[i];
        parts[i] = (uint32_t)(remainder / divisor);
        remainder %= divisor;
    }
    return (uint64_t)remainder;
}

static void put_decimal(struct print *print, const struct tri_integer *integer)
{
    uint32_t parts[DECIMAL_MAX_BYTES / 4] = {0};
    uint64_t chunks[CHUNKS];
    size_t count = (integer->length + 3) / 4, first = 0, found = 0;
    for (size_t i = 0; i < integer->length; i++)
        parts[count - 1 - i / 4] |= (uint32_t)integer->magnitude[i] << 8 * (i % 4);
    while (first < count) {
        chunks[found++] = divide(parts + first, count - first, 10000000000000000000u);
        while (first < count && parts[first] == 0)
            first++;
    }
    put_format(print, "%" PRIu64, chunks[--found]);
    while (found > 0)
        put_format(print, "%0*" PRIu64, CHUNK_DIGITS, chunks[--found]);
}

static void put_integer(struct print *print, const uint8_t *at)
{
    struct tri_integer integer;
    tri_integer_read(at, &integer);
    if (integer.is_negative)
        put_text(print, "-");
    if (integer.length <= 8) {
        put_format(print, "%" PRIu64, integer.small);
    } else if (integer.length <= DECIMAL_MAX_BYTES) {
        put_decimal(print, &integer);
    } else {
        put_format(print, "16#%X", integer.magnitude[integer.length - 1]);
        for (size_t i = integer.length - 1; i > 0; i--)
            put_format(print, "%02X", integer.magnitude[i - 1]);
    }
}

/* ---------------------------------------------------------------- binaries */

/* Decodes all of it, as UTF-8 or as Latin-1, and tells whether every character is printable. */
static bool is_printable_text(const uint8_t *at, size_t size, bool is_utf8)
{
    const uint8_t *end = at + size;
    while (at < end) {
        uint32_t character = *at;
        unsigned length = is_utf8 ? tri_utf8_decode(at, end, &character) : 1;
        if (length == 0 || !is_printable(character))
            return false;
        at += length;
    }
    return true;
}

static void put_binary_text(struct print *print, const uint8_t *at, size_t size, bool is_utf8)
{
    const uint8_t *end = at + size;
    put_text(print, "<<\"");
    while (at < end) {
        uint32_t character = *at;
        at += is_utf8 ? tri_utf8_decode(at, end, &character) : 1;
        put_quoted(print, character, '"');
    }
    put_text(print, "\"");
}

static void put_bytes(struct print *print, const uint8_t *bytes, size_t size, unsigned last_bits)
{
    put_text(print, "<<");
    for (size_t i = 0; i < size; i++) {
        bool is_last = i == size - 1;
        unsigned value = is_last && last_bits < 8 ? bytes[i] >> (8 - last_bits) : bytes[i];
        put_format(print, "%s%u", i ? "," : "", value);
        if (is_last && last_bits < 8)
            put_format(print, ":%u", last_bits);
    }
    put_text(print, ">>");
}

/* So many bytes of a binary as can be seen, and whole characters: each byte takes one at least in the text. */
static size_t visible_bytes(const struct print *print, const uint8_t *bytes, size_t size)
{
    size_t seen = print->size_bytes > print->length ? print->size_bytes - print->length : 0;
    if (!print->is_start || seen >= size)
        return size;
    for (unsigned i = 1; i < TRI_UTF8_MAX_BYTES && seen < size && (bytes[seen] & 0xC0) == 0x80; i++)
        seen++;
    return seen;
}

/* Text if all of it is: in UTF-8, which is marked unless it is plain ASCII, or else in Latin-1. */
static void put_binary(struct print *print, const uint8_t *at)
{
    unsigned bits;
    size_t characters;
    tr_bin binary = tri_bits_at(at, &bits);
    const uint8_t *bytes = binary.data;
    size_t size = visible_bytes(print, bytes, binary.size_bytes);
    bool is_utf8 = tri_utf8_count(bytes, size, &characters);
    if (size == 0 || bits != 8 || !is_printable_text(bytes, size, is_utf8)) {
        put_bytes(print, bytes, size, bits);
        return;
    }
    put_binary_text(print, bytes, size, is_utf8);
    put_text(print, is_utf8 && characters != size ? "/utf8>>" : ">>");
}

/* ---------------------------------------------------------------- identifiers and funs */

/* 0 stands for this node, as in Erlang's own text. */
static void put_node(struct print *print, const struct tri_identifier *identifier)
{
    if (tri_identifier_is_own(identifier))
        put_text(print, "0");
    else
        put_atom(print, tri_atom_at(identifier->node));
}

static void put_identifier(struct print *print, const uint8_t *at)
{
    struct tri_identifier identifier;
    tri_identifier_read(at, &identifier);
    const uint32_t *words = identifier.words;
    switch (identifier.kind) {
    case TR_KIND_PID:
        put_text(print, "<");
        put_node(print, &identifier);
        put_format(print, ".%" PRIu32 ".%" PRIu32 ">", words[0], words[1]);
        break;
    case TR_KIND_PORT:
        put_text(print, "#Port<");
        put_node(print, &identifier);
        put_format(print, ".%" PRIu64 ">", (uint64_t)words[0] << 32 | words[1]);
        break;
    default:
        put_text(print, "#Ref<");
        put_node(print, &identifier);
        for (unsigned i = identifier.count; i > 0; i--)
            put_format(print, ".%" PRIu32, words[i - 1]);
        put_text(print, ">");
    }
}

/* In a fun's mark Erlang prints the module without quotes. */
static void put_bare_atom(struct print *print, tr_atom atom)
{
    size_t at = 0;
    uint32_t character;
    while (tri_atom_next(atom, &at, &character))
        put_quoted(print, character, '\\');
}

static void put_fun(struct print *print, const uint8_t *at)
{
    bool is_exported = at[0] == TRI_EXPORT;
    const uint8_t *module = is_exported ? at + 1 : at + 1 + TRI_FUN_HEADER_BYTES;
    const uint8_t *second = tri_skip(module), *third = tri_skip(second);
    if (is_exported) {
        put_text(print, "fun ");
        put_atom(print, tri_atom_at(module));
        put_text(print, ":");
        put_atom(print, tri_atom_at(second));
        put_text(print, "/");
        put_integer(print, third);
    } else {
        put_text(print, "#Fun<");
        put_bare_atom(print, tri_atom_at(module));
        put_text(print, ".");
        put_integer(print, second);
        put_text(print, ".");
        put_integer(print, third);
        put_text(print, ">");
    }
}

/* ---------------------------------------------------------------- terms with others inside */

static bool read_character(const uint8_t *at, uint32_t *ret_character)
{
    struct tri_integer integer;
    if (tri_kind_of_tag(*at) != TR_KIND_INTEGER)
        return false;
    tri_integer_read(at, &integer);
    if (integer.is_negative || integer.length > 4)
        return false;
    *ret_character = (uint32_t)integer.small;
    return is_printable(*ret_character);
}

/* Is the list one of printable characters? Looks no further than the first that is not. */
static bool is_text(tr_term term)
{
    struct tri_list list;
    const uint8_t *at = tri_list_begin(&list, term);
    uint32_t ignored;
    while (tri_list_next(&list, &at)) {
        if (!read_character(at, &ignored))
            return false;
        at = tri_skip(at);
    }
    return tri_is_nil(at);
}

/* Returns the byte after the list. */
static const uint8_t *put_string(struct print *print, tr_term term)
{
    struct tri_list list;
    const uint8_t *at = tri_list_begin(&list, term);
    put_text(print, "\"");
    while (tri_list_next(&list, &at)) {
        uint32_t character = 0;
        read_character(at, &character);
        put_quoted(print, character, '"');
        at = tri_skip(at);
        if (is_enough(print))
            return at;
    }
    put_text(print, "\"");
    return tri_list_end(&list, at + 1);
}

static struct frame *push(struct print *print, const char *opening, uint64_t left)
{
    struct frame *frame = tri_nest_push(&print->nest);
    put_text(print, opening);
    frame->has_begun = false;
    frame->left = left;
    return frame;
}

static void begin_list(struct print *print, tr_term list)
{
    if (is_text(list)) {
        print->at = put_string(print, list);
        return;
    }
    struct frame *frame = push(print, "[", 0);
    frame->kind = FRAME_LIST;
    print->at = tri_list_begin(&frame->list, list);
}

static void put_scalar(struct print *print, const uint8_t *at)
{
    char text[TRI_REAL_TEXT_BYTES];
    switch (tri_kind_of_tag(*at)) {
    case TR_KIND_INTEGER:
        put_integer(print, at);
        break;
    case TR_KIND_FLOAT:
        put(print, text, tri_real_print(tri_real_at(at), text));
        break;
    case TR_KIND_ATOM:
        put_atom(print, tri_atom_at(at));
        break;
    case TR_KIND_BINARY:
    case TR_KIND_BITSTRING:
        put_binary(print, at);
        break;
    case TR_KIND_FUN:
        put_fun(print, at);
        break;
    case TR_KIND_LIST: /* nil */
        put_text(print, "[]");
        break;
    default:
        put_identifier(print, at);
    }
    print->at = tri_skip(at);
}

/* Prints the term where print->at stands, or the beginning of it. */
static void begin_term(struct print *print)
{
    const uint8_t *at = print->at;
    struct tr_iter iter;
    switch (*at) {
    case TRI_SMALL_TUPLE:
    case TRI_LARGE_TUPLE:
        tr_get_tuple((tr_term){at, 0}, &iter);
        push(print, "{", iter.left)->kind = FRAME_TUPLE;
        print->at = iter.at;
        break;
    case TRI_MAP:
        tr_get_map((tr_term){at, 0}, &iter);
        push(print, "#{", iter.left)->kind = FRAME_MAP;
        print->at = iter.at;
        break;
    case TRI_STRING:
    case TRI_LIST:
        if (!tri_is_nil(at)) {
            begin_list(print, (tr_term){at, 0});
            break;
        }
        /* fall through */
    default:
        put_scalar(print, at);
    }
}

static void pop(struct print *print, const char *closing)
{
    put_text(print, closing);
    print->nest.depth--;
}

/* Goes on inside a list: its next element, its tail, or its end. */
static void continue_list(struct print *print, struct frame *frame)
{
    bool has_begun = frame->has_begun;
    frame->has_begun = true;
    if (tri_list_next(&frame->list, &print->at)) {
        put_text(print, has_begun ? "," : "");
        begin_term(print);
        return;
    }
    if (tri_is_nil(print->at)) {
        print->at = tri_list_end(&frame->list, tri_skip(print->at));
        pop(print, "]");
        return;
    }
    put_text(print, "|");
    frame->kind = FRAME_TAIL;
    begin_term(print);
}

static void continue_counted(struct print *print, struct frame *frame)
{
    bool is_value = frame->kind == FRAME_MAP && (frame->left & 1);
    if (frame->left == 0) {
        pop(print, "}");
        return;
    }
    if (frame->has_begun)
        put_text(print, is_value ? " => " : ",");
    frame->has_begun = true;
    frame->left--;
    begin_term(print);
}

static void print_all(struct print *print, tr_term term)
{
    print->at = term.data;
    if (tri_is_rest(term))
        begin_list(print, term);
    else
        begin_term(print);
    while (print->nest.depth > 0 && !is_enough(print)) {
        struct frame *frame = tri_nest_top(&print->nest);
        if (frame->kind == FRAME_LIST)
            continue_list(print, frame);
        else if (frame->kind == FRAME_TAIL)
            pop(print, "]");
        else
            continue_counted(print, frame);
    }
}

/* Ends the text behind its last whole character that fits. */
static void terminate(struct print *print)
{
    size_t end = print->length;
    if (print->size_bytes == 0)
        return;
    if (end >= print->size_bytes) {
        end = print->size_bytes - 1;
        while (end > 0 && ((uint8_t)print->buffer[end] & 0xC0) == 0x80)
            end--;
    }
    print->buffer[end] = '\0';
}

static size_t print_into(tr_term term, char *buffer, size_t size_bytes, bool is_start)
{
    struct print print;
    print.buffer = buffer;
    print.size_bytes = size_bytes;
    print.length = 0;
    print.is_start = is_start;
    print.nest = TRI_NEST_IN(print.frames);
    print_all(&print, term);
    tri_nest_deinit(&print.nest);
    terminate(&print);
    return print.length;
}

size_t tr_print(tr_term term, char *buffer, size_t size_bytes)
{
    return print_into(term, buffer, size_bytes, false);
}

bool tri_print_start(tr_term term, char *buffer, size_t size_bytes)
{
    return print_into(term, buffer, size_bytes, true) < size_bytes;
}

char *tr_print_new(tr_term term)
{
    char first[256];
    size_t length = tr_print(term, first, sizeof first);
    char *text = malloc(length + 1);
    if (!text)
        return NULL;
    if (length < sizeof first)
        memcpy(text, first, length + 1);
    else
        tr_print(term, text, length + 1);
    return text;
}
