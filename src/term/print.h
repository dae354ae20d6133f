/* The beginning of a term's text, for who has no room for more: a term may be gigabytes, and a process that is about to end
 * has no time for them. */
#ifndef TRI_TERM_PRINT_H
#define TRI_TERM_PRINT_H

#include <stdbool.h>

#include "troupe/term.h"

/* As tr_print, but looks at no more of the term than what fits. Whether a binary or a list is text is told by what is seen of
 * it. False when the text was cut. */
bool tri_print_start(tr_term term, char *buffer, size_t size_bytes);

#endif
