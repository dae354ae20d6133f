/* Source: the input, cut into jobs. */
#ifndef TROUPE_MAP_SOURCE_H
#define TROUPE_MAP_SOURCE_H

#include "behaviour/framing.h"
#include "map/job.h"

struct map_source {
    int fd;
    struct tri_framer framer;
    uint64_t read_bytes;  /* of the input, so far */
    uint64_t total_bytes; /* of a file; 0: unknown */
    uint64_t number;      /* of the last job */
    bool is_at_end;       /* and nothing is left */
};

/* Reads from a descriptor, which is not closed. */
void map_source_init(struct map_source *source, int fd, const struct tri_framing *framing);
void map_source_deinit(struct map_source *source);

/* The next job, of what has been read; the caller's. NULL: more is to be read, or there is no more, or it failed.
 *   ret_fault   0; -ENOMEM; -EMSGSIZE: the next is longer than a job may be; -EPROTO: the input ends within a packet */
struct map_job *map_source_next(struct map_source *source, int *ret_fault);

/* Reads once, when poll says that there is something. 0 or a negative errno. */
int map_source_read(struct map_source *source);

#endif
