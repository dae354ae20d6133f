/* Mistakes: a list. */
#include "config/mistakes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void config_mistakes_deinit(struct config_mistakes *mistakes)
{
    for (size_t i = 0; i < mistakes->count; i++)
        free(mistakes->at[i].text);
    free(mistakes->at);
    *mistakes = (struct config_mistakes){.at = NULL};
}

static bool make_room(struct config_mistakes *mistakes)
{
    if (mistakes->count < mistakes->capacity)
        return true;
    size_t capacity = mistakes->capacity ? 2 * mistakes->capacity : 8;
    struct config_mistake *at = realloc(mistakes->at, capacity * sizeof *at);
    if (!at)
        return false;
    mistakes->at = at;
    mistakes->capacity = capacity;
    return true;
}

static bool is_known(const struct config_mistakes *mistakes, unsigned line, const char *text)
{
    for (size_t i = 0; i < mistakes->count; i++)
        if (mistakes->at[i].line == line && strcmp(mistakes->at[i].text, text) == 0)
            return true;
    return false;
}

void config_mistake(struct config_mistakes *mistakes, unsigned line, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length >= 0 && is_known(mistakes, line, text)) {
        free(text);
        return;
    }
    if (length < 0 || mistakes->count >= CONFIG_MISTAKES_MAX || !make_room(mistakes)) {
        mistakes->is_full = true;
        if (length >= 0)
            free(text);
        return;
    }
    mistakes->at[mistakes->count] = (struct config_mistake){line, (unsigned)mistakes->count, text};
    mistakes->count++;
}

static int compare(const void *a, const void *b)
{
    const struct config_mistake *one = a, *other = b;
    if (one->line != other->line)
        return one->line < other->line ? -1 : 1;
    return one->order < other->order ? -1 : one->order > other->order;
}

/* What stands in a file may be anything; on a terminal it must not act. */
static void put_harmless(const char *text, FILE *to)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == 0x7f)
            fprintf(to, "\\x%02x", byte);
        else
            fputc(byte, to);
    }
}

void config_mistakes_print(struct config_mistakes *mistakes, const char *file, FILE *to)
{
    if (mistakes->count > 0)
        qsort(mistakes->at, mistakes->count, sizeof *mistakes->at, compare);
    for (size_t i = 0; i < mistakes->count; i++) {
        if (mistakes->at[i].line)
            fprintf(to, "%s:%u: ", file, mistakes->at[i].line);
        else
            fprintf(to, "%s: ", file);
        put_harmless(mistakes->at[i].text, to);
        fputc('\n', to);
    }
    if (mistakes->is_full)
        fprintf(to, "%s: there is more that is wrong\n", file);
}
