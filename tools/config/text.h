/* Text: what is done to a configuration's text before libconfuse reads it.
 *
 * libconfuse stops at the first word that it does not know, counts the lines of C comments wrong, takes comments within
 * lists for mistakes, and takes a section that is never closed for a whole one. So comments are made blanks, what has no
 * end is found here, and a statement that is told to be unknown is made blanks, for the rest to be read. No line moves. */
#ifndef TROUPE_CONFIG_TEXT_H
#define TROUPE_CONFIG_TEXT_H

#include "config/mistakes.h"

/* Makes blanks of comments, in place, and finds strings, comments and braces without an end, bytes that libconfuse would
 * silently leave out, and words that are too long for it. The text is ended by a NUL, and may become shorter, but not by a
 * line. False: a string has no end, so that nothing behind it can be read. */
bool config_text_clean(char *text, size_t size_bytes, struct config_mistakes *mistakes);

/* Makes blanks of the first statement in this line that begins with this word: up to the end of its value, or of its block.
 * False: there is none. */
bool config_text_blank(char *text, unsigned line, const char *word);

/* The line of the first statement that begins with an empty word, at which libconfuse stops without a message; 0: none. */
unsigned config_text_empty(char *text);

#endif
