/* The lexer: where words begin and end. */
#include "term/lex.h"

#include <string.h>

#include "term/real.h"
#include "term/utf8.h"

static bool fail(struct tri_lexer *lexer, const char *at, const char *message)
{
    lexer->error_at = at;
    lexer->message = message;
    return false;
}

bool tri_lex_expected(struct tri_lexer *lexer, const char *what)
{
    return fail(lexer, lexer->token.start, what);
}

size_t tri_lex_error_at(const struct tri_lexer *lexer)
{
    size_t characters = 1;
    for (const char *at = lexer->text; at < lexer->error_at; at++)
        if (((uint8_t)*at & 0xC0) != 0x80)
            characters++;
    return characters;
}

/* The character at `at`, 0 at the end of the text; *ret_size is 0 when it is not UTF-8. */
static uint32_t peek(const char *at, unsigned *ret_size)
{
    uint32_t character = 0;
    *ret_size = 1;
    if ((uint8_t)*at < 0x80)
        return (uint8_t)*at;
    /* No continuation byte is NUL, so that the decoder stops at the end of the text. */
    const uint8_t *bytes = (const uint8_t *)at;
    *ret_size = tri_utf8_decode(bytes, bytes + TRI_UTF8_MAX_BYTES, &character);
    return character;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : -1;
}

static bool is_digit(char c, unsigned base)
{
    int value = digit_value(c);
    return value >= 0 && (unsigned)value < base;
}

/* Letters are those of Latin-1, as in Erlang's unquoted atoms. */
static bool is_small_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7);
}

static bool is_large_letter(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7);
}

static bool is_inside_word(uint32_t c)
{
    return is_small_letter(c) || is_large_letter(c) || (c >= '0' && c <= '9') || c == '_' ||
           c == '@';
}

static const char *end_of_word(const char *at)
{
    unsigned size;
    while (is_inside_word(peek(at, &size)))
        at += size;
    return at;
}

/* Digits with underscores between them. */
static const char *end_of_digits(const char *at, unsigned base)
{
    while (is_digit(*at, base) || (*at == '_' && is_digit(at[1], base) && is_digit(at[-1], base)))
        at++;
    return at;
}

static void sum_digits(struct tri_token *token)
{
    token->magnitude = 0;
    token->is_big = false;
    for (const char *at = token->text; at < token->end; at++) {
        if (*at == '_')
            continue;
        uint64_t digit = (uint64_t)digit_value(*at);
        token->is_big |= __builtin_mul_overflow(token->magnitude, token->base, &token->magnitude);
        token->is_big |= __builtin_add_overflow(token->magnitude, digit, &token->magnitude);
    }
}

static bool lex_float(struct tri_lexer *lexer, const char *end)
{
    struct tri_token *token = &lexer->token;
    end = end_of_digits(end + 1, 10);
    if (*end == 'e' || *end == 'E') {
        end++;
        if (*end == '-' || *end == '+')
            end++;
        if (!is_digit(*end, 10))
            return fail(lexer, end, "the digits of an exponent");
        end = end_of_digits(end, 10);
    }
    token->kind = TRI_TOKEN_FLOAT;
    if (memchr(token->text, '_', (size_t)(end - token->text)))
        return fail(lexer, token->start, "a float without _");
    if (!tri_real_parse(token->text, (size_t)(end - token->text), &token->real))
        return fail(lexer, token->start, "a float that is not too large");
    if (token->is_negative)
        token->real = -token->real;
    lexer->at = end;
    return true;
}

static bool lex_number(struct tri_lexer *lexer)
{
    struct tri_token *token = &lexer->token;
    token->is_negative = *lexer->at == '-';
    if (*lexer->at == '-' || *lexer->at == '+')
        lexer->at++;
    token->kind = TRI_TOKEN_INTEGER;
    token->base = 10;
    token->text = lexer->at;
    const char *end = end_of_digits(lexer->at, 10);
    if (*end == '.' && is_digit(end[1], 10))
        return lex_float(lexer, end);
    token->end = end;
    sum_digits(token);
    lexer->at = end;
    if (*end != '#')
        return true;
    if (token->is_big || token->magnitude < 2 || token->magnitude > 36)
        return fail(lexer, token->text, "a base from 2 to 36");
    token->base = (unsigned)token->magnitude;
    token->text = end + 1;
    token->end = end_of_digits(end + 1, token->base);
    if (token->end == token->text)
        return fail(lexer, token->text, "a digit of that base");
    sum_digits(token);
    lexer->at = token->end;
    return true;
}

/* Decodes what follows a backslash. */
static bool escape(const char **at, const char *end, uint32_t *ret_character)
{
    static const char letters[] = "bdefnrstv";
    static const char meant[] = {8, 127, 27, 12, 10, 13, 32, 9, 11};
    unsigned base = 8, most = 3;
    const char *digits = *at;
    const char *letter = **at ? strchr(letters, **at) : NULL;
    if (letter) {
        *ret_character = (uint8_t)meant[letter - letters];
        ++*at;
        return true;
    }
    if (**at == '^' && *at + 1 < end && (uint8_t)(*at)[1] >= '@' && (uint8_t)(*at)[1] < 0x80) {
        *ret_character = (*at)[1] & 31;
        *at += 2;
        return true;
    }
    bool is_braced = digits[0] == 'x' && digits[1] == '{';
    if (digits[0] == 'x') {
        base = 16;
        most = is_braced ? 6 : 2;
        digits += is_braced ? 2 : 1;
    } else if (!is_digit(digits[0], 8)) {
        unsigned size;
        *ret_character = peek(*at, &size);
        *at += size;
        return size > 0;
    }
    unsigned count = 0;
    uint32_t value = 0;
    for (; count < most && digits < end && is_digit(*digits, base); count++)
        value = value * base + (uint32_t)digit_value(*digits++);
    if (count == 0 || (is_braced && *digits++ != '}') || !tri_utf8_is_character(value))
        return false;
    *ret_character = value;
    *at = digits;
    return true;
}

bool tri_lex_character(const char **at, const char *end, uint32_t *ret_character)
{
    if (*at >= end)
        return false;
    if (**at == '\\') {
        ++*at;
        return escape(at, end, ret_character);
    }
    unsigned size;
    *ret_character = peek(*at, &size);
    *at += size;
    return size > 0;
}

static bool lex_quoted(struct tri_lexer *lexer, enum tri_token_kind kind, const char *missing)
{
    char quote = *lexer->at;
    const char *at = lexer->at + 1;
    lexer->token.kind = (int)kind;
    lexer->token.text = at;
    while (*at != quote) {
        uint32_t ignored;
        const char *start = at;
        if (*at == '\0' || (*at == '\\' && at[1] == '\0'))
            return fail(lexer, lexer->end, missing);
        if (!tri_lex_character(&at, lexer->end, &ignored))
            return fail(lexer, start, *start == '\\' ? "an escape sequence" : "UTF-8");
    }
    lexer->token.end = at;
    lexer->at = at + 1;
    return true;
}

/* $a and $\n: an integer. */
static bool lex_character(struct tri_lexer *lexer)
{
    const char *at = lexer->at + 1;
    uint32_t character;
    if (*at == '\0' || (*at == '\\' && at[1] == '\0'))
        return fail(lexer, at, "a character");
    if (!tri_lex_character(&at, lexer->end, &character))
        return fail(lexer, at, "a character");
    lexer->token.kind = TRI_TOKEN_INTEGER;
    lexer->token.magnitude = character;
    lexer->token.is_big = lexer->token.is_negative = false;
    lexer->at = at;
    return true;
}

static bool lex_word(struct tri_lexer *lexer, uint32_t first)
{
    struct tri_token *token = &lexer->token;
    token->text = lexer->at;
    token->end = lexer->at = end_of_word(lexer->at);
    token->kind =
        first == '_' ? TRI_TOKEN_ANY : (is_small_letter(first) ? TRI_TOKEN_ATOM : TRI_TOKEN_NAME);
    return true;
}

static bool lex_pid(struct tri_lexer *lexer)
{
    char text[TR_PID_TEXT_BYTES];
    const char *end = strchr(lexer->at, '>');
    size_t length = end ? (size_t)(end + 1 - lexer->at) : 0;
    if (length == 0 || length >= sizeof text)
        return fail(lexer, lexer->at, "a pid such as <0.3.1>, or <<");
    memcpy(text, lexer->at, length);
    text[length] = '\0';
    if (!tr_pid_parse(text, &lexer->token.pid))
        return fail(lexer, lexer->at, "a pid such as <0.3.1>, or <<");
    lexer->token.kind = TRI_TOKEN_PID;
    lexer->at += length;
    return true;
}

static bool lex_sign(struct tri_lexer *lexer)
{
    static const struct {
        char text[3];
        int kind;
    } pairs[] = {{"=>", TRI_TOKEN_ARROW},
                 {":=", TRI_TOKEN_ARROW},
                 {"#{", TRI_TOKEN_OPEN_MAP},
                 {"<<", TRI_TOKEN_OPEN_BITS},
                 {">>", TRI_TOKEN_CLOSE_BITS}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strncmp(lexer->at, pairs[i].text, 2) == 0) {
            lexer->token.kind = pairs[i].kind;
            lexer->at += 2;
            return true;
        }
    }
    if (*lexer->at == '<')
        return lex_pid(lexer);
    lexer->token.kind = (uint8_t)*lexer->at++;
    return true;
}

/* Space of all kinds, and comments up to the end of their line. */
static const char *skip_space(const char *at)
{
    for (;; at++) {
        if (*at == '%')
            at += strcspn(at, "\n");
        if (*at == '\0' || (uint8_t)*at > ' ')
            return at;
    }
}

bool tri_lex_next(struct tri_lexer *lexer)
{
    const char *at = lexer->at = skip_space(lexer->at);
    unsigned size;
    uint32_t first = peek(at, &size);
    lexer->token = (struct tri_token){.kind = TRI_TOKEN_END, .start = at};
    if (size == 0)
        return fail(lexer, at, "UTF-8");
    if (first == 0)
        return true;
    if (is_small_letter(first) || is_large_letter(first) || first == '_')
        return lex_word(lexer, first);
    if (is_digit(*at, 10) || ((*at == '-' || *at == '+') && is_digit(at[1], 10)))
        return lex_number(lexer);
    if (first == '\'')
        return lex_quoted(lexer, TRI_TOKEN_ATOM, "' at the end of an atom");
    if (first == '"')
        return lex_quoted(lexer, TRI_TOKEN_STRING, "\" at the end of a string");
    if (first == '$')
        return lex_character(lexer);
    if (first >= 0x80)
        return fail(lexer, at, "a term");
    return lex_sign(lexer);
}

bool tri_lex_begin(struct tri_lexer *lexer, const char *text)
{
    *lexer = (struct tri_lexer){.text = text, .end = text + strlen(text), .at = text};
    return tri_lex_next(lexer);
}
