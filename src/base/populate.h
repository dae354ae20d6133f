/* Populate: memory that is taken before it is touched. */
#ifndef TRI_BASE_POPULATE_H
#define TRI_BASE_POPULATE_H

#include <stddef.h>

/* Does for each page of a mapped file what its page fault would do, but for SIGBUS when the disk is full. Needs no descriptor,
 * and no right to write to the file but the mapping's. Async-signal-safe.
 *   from   the beginning of a page
 * 0; -ENOSPC; or another negative errno. */
int tri_populate(const void *from, size_t size_bytes);

#endif
