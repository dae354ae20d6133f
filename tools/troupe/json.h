/* JSON: a term as JSON, for what libsmartcols' tables cannot hold because it is nested. */
#ifndef TROUPE_TOOL_JSON_H
#define TROUPE_TOOL_JSON_H

#include <stdio.h>

#include "troupe/term.h"

/* Writes a checked term of moderate depth. Atoms and binaries become strings, but for true, false and undefined; bytes that are
 * not UTF-8 become U+FFFD; lists and tuples become arrays, maps objects; anything else becomes a string with its text. */
void json_put(FILE *to, tr_term term, int indent);

/* Writes a string. */
void json_put_text(FILE *to, const char *text, size_t size_bytes);

#endif
