/* The other side of a measurement of troupe: an actor that the measuring actor starts, and whose end it awaits, so that
 * a death is not measured with what follows it.
 */
#ifndef BENCH_SIDE_H
#define BENCH_SIDE_H

#include "bench/bench.h"
#include "troupe.h"

/* How long any answer may take before the measurement is given up. */
#define ANSWER_MS 60000

struct side {
    tr_pid pid;
    tr_ref monitor;
};

/* Starts an entry of this binary with the argument {Client, Placement}, linked: it does not outlive a failure.
 * 0 or -1. */
int side_start(struct side *side, const char *entry, const struct load *load);
/* What such an entry does first: takes its argument apart and goes to its place. Ends the actor when it is not that. */
tr_pid side_begin(tr_term argument);
/* Tells it to stop, and waits for its end. 0 or -1. */
int side_stop(const struct side *side);

/* Receives the monitor's DOWN. 0 or -1. */
int await_down(tr_ref monitor);

#endif
