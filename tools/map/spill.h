/* Spill: what one process has printed for its job, on disk: more than is to be kept in memory, and not to be printed before the
 * job has ended. In a file without a name in $TMPDIR, or /tmp, which goes with its descriptor. */
#ifndef TROUPE_MAP_SPILL_H
#define TROUPE_MAP_SPILL_H

#include <stddef.h>
#include <stdint.h>

/* So much of what one process prints is kept in memory. */
#define MAP_SPILL_BYTES ((size_t)1 << 20)
/* So many of these may wait to be printed, before no other job is begun: each has a descriptor. */
#define MAP_AHEAD_SPILLS 128

struct map_spill {
    int fd;
    int64_t size_bytes, read_bytes; /* what was read of it, from its beginning */
};

/* Puts bytes behind the others; makes it when *spill is NULL, for the caller to free. 0; -ENOSPC, -EMFILE, -ENOMEM, or another
 * negative errno. Blocks on the disk, as reading does. */
int map_spill_put(struct map_spill **spill, const void *bytes, size_t size_bytes);
/* Reads on: up to so many bytes, and no fewer while there are any.
 *   ret_bytes   how many; 0: all have been read
 * 0 or a negative errno. */
int map_spill_read(struct map_spill *spill, void *bytes, size_t size_bytes, size_t *ret_bytes);
/* Closes the file, which is gone then. */
void map_spill_free(struct map_spill *spill);

#endif
