/* Nannies: supervisors that are not troupe's. */
#ifndef BENCH_NANNY_H
#define BENCH_NANNY_H

#include "bench/bench.h"

struct nanny {
    const char *program;
    /* it makes the next one wait for a second, or the next one has to live that long first */
    bool is_slow;
    bool lives_long; /* the program lives for more than a second before it is killed */
    bool says_ready; /* the program tells its supervisor that it is ready            */
};

enum { NANNY_RUNIT, NANNY_RUNIT_LONG_LIFE, NANNY_S6, NANNY_S6_READY, NANNY_ERLANG, NANNIES };
extern const struct nanny nannies[NANNIES];

#endif
