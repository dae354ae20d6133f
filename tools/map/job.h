/* Job: one piece of the input, on its way to a worker and back. */
#ifndef TROUPE_MAP_JOB_H
#define TROUPE_MAP_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/queue.h>

struct map_job {
    TAILQ_ENTRY(map_job) of_queue;
    uint64_t number; /* its place in the input, from 1 */
    size_t size_bytes;
    unsigned tries;  /* how often it was given to a worker */
    unsigned deaths; /* how many workers died while they had this one, and nothing else */
    /* How many died who had it first in hand, and had read nothing and answered nothing in all their lives. */
    unsigned unread;
    /* A worker has died that had it in hand among others: it is given to one that has nothing else, to see who is to blame. */
    bool is_suspect;
    uint64_t began_wall_ns; /* its last try */
    /* What its process has printed, when that is too much for memory; else NULL. Its own. */
    struct map_spill *spill;
    uint8_t bytes[];
};

TAILQ_HEAD(map_jobs, map_job);

#endif
