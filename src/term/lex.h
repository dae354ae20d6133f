/* Words of Erlang's text syntax, for terms (parse.c) and for patterns (pattern.c).
 *
 * The lexer copies nothing: a token points into the text, and what stands between quotes is decoded when it is written.
 */
#ifndef TRI_TERM_LEX_H
#define TRI_TERM_LEX_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"

enum tri_token_kind { /* a sign of one character is its own kind */
                      TRI_TOKEN_END = 0,
                      TRI_TOKEN_INTEGER = 256,
                      TRI_TOKEN_FLOAT,
                      TRI_TOKEN_ATOM,
                      TRI_TOKEN_NAME,   /* Capitalised */
                      TRI_TOKEN_ANY,    /* _ and _Name */
                      TRI_TOKEN_STRING, /* "…" */
                      TRI_TOKEN_PID,    /* <0.3.1> */
                      TRI_TOKEN_ARROW,  /* => and := */
                      TRI_TOKEN_OPEN_MAP,
                      TRI_TOKEN_OPEN_BITS,
                      TRI_TOKEN_CLOSE_BITS,
};

struct tri_token {
    int kind;
    const char *start;      /* where it begins, for messages */
    const char *text, *end; /* digits, or characters without their quotes */
    bool is_negative;
    bool is_big;        /* an integer whose magnitude does not fit in 64 bits */
    unsigned base;      /* of an integer */
    uint64_t magnitude; /* of an integer */
    double real;
    tr_pid pid;
};

struct tri_lexer {
    const char *text, *end;
    const char *at; /* what comes after the token */
    struct tri_token token;
    const char *error_at, *message; /* set once, by whoever finds the mistake */
};

/* Begins with the first token of a text. False: the message is set. */
bool tri_lex_begin(struct tri_lexer *lexer, const char *text);

/* Goes on to the next token. */
bool tri_lex_next(struct tri_lexer *lexer);

/* Says what was expected in place of the present token. Returns false. */
bool tri_lex_expected(struct tri_lexer *lexer, const char *what);

/* The place of the mistake, counted in characters from 1. */
size_t tri_lex_error_at(const struct tri_lexer *lexer);

/* Takes the next character of what stood between quotes, escapes decoded. False at the end. */
bool tri_lex_character(const char **at, const char *end, uint32_t *ret_character);

/* Writes the token as a term: a number, an atom, a pid. False when it is an atom that is too long (message set). */
bool tri_lex_put(struct tri_lexer *lexer, struct tr_out *out);

/* Writes a string's characters as a binary in UTF-8. */
void tri_lex_put_text(struct tr_out *out, const struct tri_token *string);

/* Reads a binary from its << to its >>, writes it, and goes on to the token after it. */
bool tri_lex_put_bits(struct tri_lexer *lexer, struct tr_out *out);

#endif
