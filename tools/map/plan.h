/* Plan: which job a worker is given next, and which one is to blame when it dies. Pure.
 *
 * A worker that answers in microseconds would wait most of its life if it had to be given its jobs one by one. So it is given
 * as many at once as it does in some two milliseconds. When it dies then, it cannot be told which of them has killed it: it may
 * have read on, and have kept answers back. So none is blamed; all become suspects, and a suspect is given to a worker that has
 * nothing else in hand. What dies with a single job in hand has died of it.
 *
 * A job that was written to a worker and that it has not read is not in hand, whatever the worker has died of. One that has
 * answered nothing either may have died for want of something, as others may not; or it is what always becomes of the
 * command, and then its jobs must end all the same. */
#ifndef TROUPE_MAP_PLAN_H
#define TROUPE_MAP_PLAN_H

#include "map/job.h"

/* What a worker has been given and has not answered, in the order in which it will. Zeroed by map_hand_init. */
struct map_hand {
    struct map_jobs jobs;
    unsigned count;
    unsigned window;   /* how many it may have */
    uint64_t since_ns; /* when it may have begun with the first of them */
    uint64_t mean_ns;  /* how long it takes for one, of late */
    uint64_t answers;  /* how many it has given in its life */
};

struct map_plan {
    struct map_jobs waiting; /* by their numbers */
    size_t count, size_bytes;
    size_t suspects;     /* of those that wait, how many are */
    unsigned retries;    /* how often a job that has killed its worker is tried again */
    unsigned max_window; /* 1: nothing is begun twice unless it has killed its worker */
};

void map_plan_init(struct map_plan *plan, unsigned retries, unsigned max_window);
void map_hand_init(struct map_hand *hand);

/* A job is there to be done. It belongs to the plan until it is given, and then to the hand. */
void map_plan_add(struct map_plan *plan, struct map_job *job);

/* The next job for a worker, which is in its hand from now on; NULL: none that it may be given now. */
struct map_job *map_plan_give(struct map_plan *plan, struct map_hand *hand, uint64_t now_ns);

/* The worker has answered: the job that it has done, which is the caller's from now on; NULL: it had none. */
struct map_job *map_plan_answered(const struct map_plan *plan, struct map_hand *hand,
                                  uint64_t now_ns);

/* The worker has died. Those that it had in hand wait again; the one that is to blame and may not be tried again is the
 * caller's, or NULL.
 *   is_blamed   false: it has never begun, and nobody is to blame
 *   unread      so many of them, the last ones, it has not read a byte of */
struct map_job *map_plan_died(struct map_plan *plan, struct map_hand *hand, bool is_blamed,
                              unsigned unread);

#endif
