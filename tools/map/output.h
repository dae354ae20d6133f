/* Output: what is printed, on standard output, in whole answers. */
#ifndef TROUPE_MAP_OUTPUT_H
#define TROUPE_MAP_OUTPUT_H

#include "behaviour/framing.h"

struct map_output {
    int fd;
    struct tri_framing framing;
    int64_t end; /* of a file, where the next answer goes; -1: it is none */
    uint8_t *bytes;
    size_t size_bytes, capacity;
};

/* Looks at standard output.
 *   past_end   where an earlier run's answers end; -1: nothing is known. What stands behind that goes.
 * 0; -ESPIPE: the output is shorter than that; or another negative errno. */
int map_output_init(struct map_output *output, int fd, const struct tri_framing *framing,
                    int64_t past_end);
void map_output_deinit(struct map_output *output);

/* Puts an answer behind the others, framed unless it is raw. 0, TR_TOO_LARGE, -ENOMEM. */
int map_output_put(struct map_output *output, const void *bytes, size_t size_bytes, bool is_raw);
/* Writes what has been put; waits as long as who reads it takes. 0 or a negative errno (-EPIPE, -ENOSPC …). */
int map_output_flush(struct map_output *output);

#endif
