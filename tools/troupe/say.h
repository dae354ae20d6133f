/* Say: what the tool tells people on standard error: one clear line each, which says what to do next. */
#ifndef TROUPE_TOOL_SAY_H
#define TROUPE_TOOL_SAY_H

#include <stdbool.h>
#include <stddef.h>

/* Prints "troupe: <text>" and a line's end. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Nothing is printed any more. What was counts only if it got where it should: a full disk, or a standard output that was
 * closed, must not look like success. Returns the answer, or ANSWER_NOTHING and has said why. */
int say_finished(int answer);

/* Says that a term's text is wrong at a character (counted from 1); on a terminal with the text and a caret. */
void say_syntax(const char *text, size_t error_at, const char *message);

/* May colours be used on standard output? Only on a terminal, and not when NO_COLOR is set. */
bool may_colour(void);

#endif
