/* Crowds: many idle actors at once, and their end. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "troupe.h"

struct crowd {
    tr_pid *pids;
    tr_ref *monitors;
    long count;
};

/* Starts count actors, several births being under way at once. 0 or -1; crowd_dismiss in either case. */
int crowd_gather(struct crowd *crowd, long count);
/* Each one answers a ping. How many did. */
long crowd_ping(const struct crowd *crowd);
/* Kills them all and waits for the last end: the next measurement starts from nothing. 0 or -1. */
int crowd_dismiss(struct crowd *crowd);

#endif
