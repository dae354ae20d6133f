/* Say: lines for people, and the caret under the character at which a term's text went wrong. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "command.h"

/* How much of a long text is shown on either side of its mistake, in characters. */
#define SHOWN_CHARACTERS 30

void say(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    fputs("troupe: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

int say_finished(int answer)
{
    /* A network's file system may tell at the end only. */
    if (fflush(stdout) == 0 && !ferror(stdout) && close(STDOUT_FILENO) == 0)
        return answer;
    say("standard output cannot be written: %m");
    return ANSWER_NOTHING;
}

/* The byte at which character `count` (from 0) of a UTF-8 text begins, or the text's end. */
static const char *skip_characters(const char *text, size_t count)
{
    while (*text && count > 0) {
        text++;
        if ((*text & 0xc0) != 0x80)
            count--;
    }
    return text;
}

/* How many places characters take on a terminal; what cannot be printed is shown as one place. */
static int width_of(const char *from, const char *to)
{
    int width = 0;
    mbstate_t state = {0};
    while (from < to) {
        wchar_t character;
        size_t n = mbrtowc(&character, from, (size_t)(to - from), &state);
        int places = n == 0 || n > (size_t)(to - from) ? -1 : wcwidth(character);
        width += places < 0 ? 1 : places;
        from += places < 0 && n > (size_t)(to - from) ? 1 : n ? n : 1;
    }
    return width;
}

/* Control characters would move the caret away, or worse. */
static void put_harmless(const char *from, const char *to)
{
    for (; from < to; from++)
        fputc((unsigned char)*from < 0x20 || *from == 0x7f ? ' ' : *from, stderr);
}

void say_syntax(const char *text, size_t error_at, const char *message)
{
    say("not a term, character %zu: %s", error_at, message);
    if (!isatty(STDERR_FILENO))
        return;
    size_t before = error_at > 0 ? error_at - 1 : 0;
    size_t skipped = before > SHOWN_CHARACTERS ? before - SHOWN_CHARACTERS : 0;
    const char *from = skip_characters(text, skipped);
    const char *at = skip_characters(text, before);
    const char *to = skip_characters(at, SHOWN_CHARACTERS);
    const char *more = skipped ? "… " : "";
    fprintf(stderr, "  %s", more);
    put_harmless(from, to);
    fprintf(stderr, "%s\n  %*s%*s^\n", *to ? " …" : "", skipped ? 2 : 0, "", width_of(from, at),
            "");
}

bool may_colour(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
           !(term && strcmp(term, "dumb") == 0);
}
