/* Text: a scanner that knows where tokens end, and nothing of what they mean. */
#include "config/text.h"

#include <string.h>

#include "base/auto.h"

/* libconfuse takes minutes for a word, a comment or a gap of some MB. */
enum { LONG_BYTES = 65536 };

struct scan {
    char *at, *end;
    unsigned line;
};

enum token_kind {
    TOKEN_END = 0,
    TOKEN_WORD = 'w', /* a string, too */
    TOKEN_COMMENT = 'c',
    TOKEN_CUT = '!',   /* a string or a comment without an end */
    TOKEN_STRAY = '?', /* what libconfuse leaves out without a word */
    /* and { } ( ) = , and + for += as they are */
};

struct token {
    int kind;
    char *begin, *end;
    unsigned line;
};

static char *find(const struct scan *scan, const char *from, char what)
{
    return from < scan->end ? memchr(from, what, (size_t)(scan->end - from)) : NULL;
}

/* "${NAME}", in which anything but } may stand: its end, or NULL. */
static char *end_of_variable(const struct scan *scan, const char *at)
{
    if (at + 1 >= scan->end || at[0] != '$' || at[1] != '{')
        return NULL;
    char *brace = find(scan, at, '}');
    return brace ? brace + 1 : NULL;
}

/* Behind the closing quote, or NULL. */
static char *end_of_string(const struct scan *scan, char *at)
{
    char quote = *at++;
    while (at < scan->end && *at != quote) {
        char *behind = quote == '"' ? end_of_variable(scan, at) : NULL;
        if (behind)
            at = behind;
        else
            at += *at == '\\' && at + 1 < scan->end ? 2 : 1;
    }
    return at < scan->end ? at + 1 : NULL;
}

static char *end_of_comment(const struct scan *scan, char *at)
{
    if (*at == '/' && at[1] == '*') {
        char *end = memmem(at + 2, (size_t)(scan->end - at - 2), "*/", 2);
        return end ? end + 2 : NULL;
    }
    char *newline = find(scan, at, '\n');
    return newline ? newline : scan->end;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static bool begins_comment(const struct scan *scan, const char *at)
{
    return *at == '#' || (*at == '/' && at + 1 < scan->end && (at[1] == '/' || at[1] == '*'));
}

static bool is_of_word(char c) { return c && !strchr(" #\"'\t\n\r={}()+,*", c); }

static char *end_of_word(const struct scan *scan, char *at)
{
    while (at < scan->end && is_of_word(*at))
        at++;
    return at;
}

static void take(struct scan *scan, struct token *token, int kind, char *end)
{
    token->kind = end ? kind : TOKEN_CUT;
    token->begin = scan->at;
    token->end = end ? end : scan->end;
    token->line = scan->line;
    for (char *at = token->begin; at < token->end; at++)
        scan->line += *at == '\n';
    scan->at = token->end;
}

static bool next(struct scan *scan, struct token *ret_token)
{
    for (; scan->at < scan->end && is_blank(*scan->at); scan->at++)
        scan->line += *scan->at == '\n';
    char *at = scan->at;
    if (at >= scan->end) {
        *ret_token = (struct token){TOKEN_END, at, at, scan->line};
        return false;
    }
    if (begins_comment(scan, at))
        take(scan, ret_token, TOKEN_COMMENT, end_of_comment(scan, at));
    else if (*at == '"' || *at == '\'')
        take(scan, ret_token, TOKEN_WORD, end_of_string(scan, at));
    else if (end_of_variable(scan, at))
        take(scan, ret_token, TOKEN_WORD, end_of_variable(scan, at));
    else if (*at == '+' && at + 1 < scan->end && at[1] == '=')
        take(scan, ret_token, '+', at + 2);
    else if (*at && strchr("{}()=,", *at))
        take(scan, ret_token, *at, at + 1);
    else if (!*at || *at == '+' || *at == '*')
        take(scan, ret_token, TOKEN_STRAY, at + 1);
    else
        take(scan, ret_token, TOKEN_WORD, end_of_word(scan, at));
    return true;
}

static void blank(char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != '\n')
            *from = ' ';
}

/* ---------------------------------------------------------------- cleaning */

/* The lines of the braces that are open. The deepest ones of a file that has more are not told. */
struct open_braces {
    unsigned lines[64];
    size_t count;
};

static void check_brace(struct open_braces *open, struct token *token,
                        struct config_mistakes *mistakes)
{
    if (token->kind == '{') {
        if (open->count < TRI_ARRAY_LENGTH(open->lines))
            open->lines[open->count] = token->line;
        open->count++;
    } else if (token->kind == '}' && open->count > 0) {
        open->count--;
    } else if (token->kind == '}') {
        config_mistake(mistakes, token->line, "this } closes nothing");
        blank(token->begin, token->end);
    }
}

/* Tells of a byte that libconfuse would leave out, and puts one in its place that makes no second mistake of it. before is
 * the token in front. */
static void replace_stray(const struct scan *scan, const struct token *token, int before,
                          struct config_mistakes *mistakes)
{
    char *at = token->begin;
    if (*at)
        config_mistake(mistakes, token->line, "a %c belongs in quotes", *at);
    else
        config_mistake(mistakes, token->line, "a NUL byte");
    bool is_value = before == '=' || before == '+' || before == ',';
    bool is_in_word = (before == TOKEN_WORD && is_of_word(at[-1])) ||
                      (token->end < scan->end && is_of_word(*token->end));
    *at = *at && (is_value || is_in_word) ? '_' : ' ';
}

/* A NUL byte ends the text for libconfuse. */
static void replace_nul(const struct token *token, struct config_mistakes *mistakes)
{
    char *at;
    while ((at = memchr(token->begin, '\0', (size_t)(token->end - token->begin)))) {
        config_mistake(mistakes, token->line, "a NUL byte");
        *at = '_';
    }
}

/* Takes a stretch out of the text, but for the ends of its lines; what has been scanned ends with it, or behind it. Returns by
 * how much all behind it has moved. */
static size_t cut(struct scan *scan, char *from, const char *to)
{
    char *at = from;
    for (const char *each = from; each < to; each++)
        if (*each == '\n')
            *at++ = '\n';
    size_t gone = (size_t)(to - at);
    memmove(at, to, (size_t)(scan->end - to) + 1);
    scan->end -= gone;
    scan->at -= gone;
    return gone;
}

/* The blanks in front of a token. */
static void cut_gap(struct scan *scan, char *from, struct token *token)
{
    if ((size_t)(token->begin - from) <= LONG_BYTES)
        return;
    size_t gone = cut(scan, from, token->begin);
    token->begin -= gone;
    token->end -= gone;
}

/* A comment goes; of a word that is far too long a short one is left, so that it is one mistake. */
static void shorten(struct scan *scan, struct token *token, struct config_mistakes *mistakes)
{
    char *begin = token->begin, quote = *begin;
    size_t length = (size_t)(token->end - begin);
    if (length <= LONG_BYTES)
        return;
    if (token->kind == TOKEN_WORD) {
        config_mistake(mistakes, token->line, "a word of %zu bytes; at most %d are taken", length,
                       LONG_BYTES);
        bool is_quoted = quote == '"' || quote == '\'';
        begin[0] = is_quoted ? quote : 'x';
        begin[1] = is_quoted ? 'x' : ' ';
        begin[2] = is_quoted ? quote : ' ';
        begin += 3;
    }
    token->end -= cut(scan, begin, token->end);
}

static void say_unclosed(const struct open_braces *open, struct config_mistakes *mistakes)
{
    for (size_t i = 0; i < open->count && i < TRI_ARRAY_LENGTH(open->lines); i++)
        config_mistake(mistakes, open->lines[i], "this { is never closed");
}

bool config_text_clean(char *text, size_t size_bytes, struct config_mistakes *mistakes)
{
    struct scan scan = {text, text + size_bytes, 1};
    struct open_braces open = {.count = 0};
    struct token token;
    char *behind = text;
    for (int before = 0; next(&scan, &token); before = token.kind, behind = token.end) {
        cut_gap(&scan, behind, &token);
        if (token.kind == TOKEN_CUT) {
            bool is_comment = *token.begin == '/';
            config_mistake(mistakes, token.line, "this %s never ends",
                           is_comment ? "comment" : "string");
            blank(token.begin, token.end);
            return false;
        }
        if (token.kind == TOKEN_STRAY) {
            replace_stray(&scan, &token, before, mistakes);
            token.kind = TOKEN_WORD;
        } else if (token.kind == TOKEN_COMMENT) {
            blank(token.begin, token.end);
            shorten(&scan, &token, mistakes);
            token.kind = before;
        } else {
            replace_nul(&token, mistakes);
            check_brace(&open, &token, mistakes);
            shorten(&scan, &token, mistakes);
        }
    }
    cut_gap(&scan, behind, &token);
    say_unclosed(&open, mistakes);
    return true;
}

/* ---------------------------------------------------------------- blanking a statement */

/* The braces that begin here, and what is in them. Returns where they end. */
static char *skip_block(struct scan *scan)
{
    struct token token;
    int depth = 0;
    while (next(scan, &token)) {
        depth +=
            (token.kind == '{' || token.kind == '(') - (token.kind == '}' || token.kind == ')');
        if (depth <= 0)
            return token.end;
    }
    return scan->at;
}

/* Where what stands behind a statement's first word ends. */
static char *end_of_statement(struct scan scan, char *end_of_first)
{
    struct scan before = scan;
    struct token token;
    if (!next(&scan, &token))
        return end_of_first;
    if (token.kind == '{' || token.kind == '(')
        return skip_block(&before);
    bool is_value = token.kind == '=' || token.kind == '+';
    if (!is_value && token.kind != TOKEN_WORD)
        return end_of_first;
    char *end = is_value ? token.end : end_of_first;
    before = scan;
    if (!next(&scan, &token))
        return end;
    if (token.kind == '{')
        return skip_block(&before);
    return is_value && token.kind == TOKEN_WORD ? token.end : end;
}

static bool is_word(const struct token *token, const char *word)
{
    const char *begin = token->begin;
    size_t length = (size_t)(token->end - begin);
    if (token->kind != TOKEN_WORD)
        return false;
    if (length >= 2 && (*begin == '"' || *begin == '\'')) {
        begin++;
        length -= 2;
    }
    return length == strlen(word) && memcmp(begin, word, length) == 0;
}

/* Passes over a value, which may have the same word in it. */
static void skip_value(struct scan *scan)
{
    struct scan before = *scan;
    struct token token;
    if (next(scan, &token) && token.kind == '{')
        skip_block(&before);
    if (token.kind == '{')
        *scan = before;
}

bool config_text_blank(char *text, unsigned line, const char *word)
{
    struct scan scan = {text, text + strlen(text), 1};
    struct token token;
    while (next(&scan, &token) && token.line <= line) {
        if (token.kind == '=' || token.kind == '+') {
            skip_value(&scan);
        } else if (token.line == line && is_word(&token, word)) {
            blank(token.begin, end_of_statement(scan, token.end));
            return true;
        }
    }
    return false;
}

unsigned config_text_empty(char *text)
{
    struct scan scan = {text, text + strlen(text), 1};
    struct token token;
    while (next(&scan, &token)) {
        if (token.kind == '=' || token.kind == '+')
            skip_value(&scan);
        else if (is_word(&token, "") || (token.kind == TOKEN_WORD && *token.begin == '$'))
            return token.line;
    }
    return 0;
}
