/* Readable: a term of which the text can be read again, by anybody. */
#ifndef TRI_CORONER_READABLE_H
#define TRI_CORONER_READABLE_H

#include "troupe/term.h"

/* Terms that are nested deeper, or larger, or of which the text could not be read again, are put as a binary with the
 * beginning of their text. */
#define TRI_READABLE_DEPTH 100
#define TRI_READABLE_BYTES (16 * 1024)

/* Appends a checked term; pids, references, ports and funs in it become binaries with their text. */
void tri_put_readable(struct tr_out *out, tr_term term);

#endif
