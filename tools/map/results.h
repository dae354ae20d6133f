/* Results: what has come of the jobs and is not printed yet, in the order in which it will be. */
#ifndef TROUPE_MAP_RESULTS_H
#define TROUPE_MAP_RESULTS_H

#include "map/job.h"
#include "map/spill.h"

/* How many results may wait to be printed: for an older job, or for who reads the output. A power of two. */
#define MAP_AHEAD_JOBS 65536u
/* … and how many bytes in them. */
#define MAP_AHEAD_BYTES ((size_t)64 << 20)

/* How a job ended, its answer behind it. */
struct map_result {
    STAILQ_ENTRY(map_result) of_queue;
    struct map_job *job;
    char why[64]; /* "": it is done; else why it has failed, for people */
    uint64_t took_ns;
    size_t size_bytes;
    uint8_t bytes[];
};

struct map_results {
    bool is_ordered;
    uint64_t next; /* the number that is printed next, in order */
    size_t held, held_bytes, held_spills;
    STAILQ_HEAD(, map_result) ready; /* as they came, when there is no order */
    struct map_result **ring;        /* by number; NULL: not there yet; &map_result_skipped */
};

extern struct map_result map_result_skipped;

/* 0 or -ENOMEM. */
int map_results_init(struct map_results *results, bool is_ordered);
void map_results_deinit(struct map_results *results);

/* A result with a copy of an answer; NULL when there is no memory. Takes over the job when it succeeds. */
struct map_result *map_result_new(struct map_job *job, const void *bytes, size_t size_bytes);
void map_result_free(struct map_result *result);

/* Takes over a result. In order, its number must be less than next + MAP_AHEAD_JOBS. */
void map_results_put(struct map_results *results, struct map_result *result);
/* Nothing will come of that number: it was done earlier. */
void map_results_skip(struct map_results *results, uint64_t number);
/* May the job of that number be begun, without running too far ahead? The one that is printed next always may. */
bool map_results_has_room(const struct map_results *results, uint64_t number);
/* The next to be printed, the caller's; NULL: it is not there yet. */
struct map_result *map_results_take(struct map_results *results);

#endif
