/* Output: what is printed, on standard output, in whole answers. */
#ifndef TROUPE_MAP_OUTPUT_H
#define TROUPE_MAP_OUTPUT_H

#include "map/pending.h"
#include "map/spill.h"

struct map_output {
    int fd;
    struct tri_framing framing;
    int64_t end;    /* of a file, where the next answer goes; -1: it is none */
    uint32_t check; /* tells files apart; 0: it is none */
    struct map_pending pending;
    struct map_spill *spill; /* comes behind that; nothing is put behind it; or NULL */
};

/* Looks at standard output.
 *   past_end, past_check   where an earlier run's answers end, and in which file; past_end -1: in none
 *   cuts                   what stands behind that in the same file goes
 * 0; -ESPIPE: the file is shorter than that; -EBADF: nothing can be written; or another negative errno. */
int map_output_init(struct map_output *output, int fd, const struct tri_framing *framing,
                    int64_t past_end, uint32_t past_check, bool cuts);
void map_output_deinit(struct map_output *output);

/* Puts an answer behind the others, framed unless it is raw. 0, TR_TOO_LARGE, -ENOMEM. */
int map_output_put(struct map_output *output, const void *bytes, size_t size_bytes, bool is_raw);
/* Puts what was spilled behind the others, and takes it over. Nothing else may be put until all is written. */
void map_output_put_spill(struct map_output *output, struct map_spill *spill);
/* Writes of what has been put as much as can be without waiting for who reads it. 0 or a negative errno (-EPIPE, -ENOSPC …). */
int map_output_write(struct map_output *output);
/* How much has been put and is not written; MAP_SPILL_BYTES or more while any of a spill is not. */
size_t map_output_pending_bytes(const struct map_output *output);

#endif
