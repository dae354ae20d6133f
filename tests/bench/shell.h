/* Shell: lines of shell that do many short jobs. */
#ifndef BENCH_SHELL_H
#define BENCH_SHELL_H

#include "bench/bench.h"

struct shell_way {
    const char *line; /* %ld: how many jobs */
    long part; /* a slow one is given one in so many of the jobs: it is a rate that is measured */
};

enum { SHELL_TROUPE, SHELL_TROUPE_EACH, SHELL_XARGS, SHELL_PARALLEL, SHELL_WAYS };

extern const struct shell_way shell_ways[SHELL_WAYS];

#endif
