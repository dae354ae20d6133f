/* Waiting for the end of an actor that a measurement has used, so that its death is not measured with what follows. */
#ifndef BENCH_DOWN_H
#define BENCH_DOWN_H

#include "troupe.h"

/* How long any answer may take before the measurement is given up. */
#define ANSWER_MS 30000

/* Receives the monitor's DOWN. 0 or -1. */
static inline int await_down(tr_ref monitor)
{
    int result = 0;
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, _}", monitor)
            break;
        tr_after(ANSWER_MS)
            result = -1;
    }
    return result;
}

#endif
