/* Spawn to ready: from the call of spawn until the new actor's mailbox can be sent to. */
#include <stdlib.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/down.h"

TR_ACTOR(idle)
{
    tr_receive {
        tr_case("stop")
            break;
    }
}

/* Ends an actor and waits until nothing is left of it, so that the next birth is not measured with this death. */
static int bury(tr_pid pid)
{
    tr_ref monitor;
    int r = tr_monitor(pid, &monitor);
    if (r == 0)
        r = tr_exit_process(pid, "kill");
    return r ? r : await_down(monitor);
}

int troupe_spawn(const struct load *load, double *ret_figure)
{
    double *times = calloc((size_t)load->count, sizeof *times);
    int r = times ? 0 : -1;
    for (long i = 0; i < load->count && r == 0; i++) {
        tr_pid pid;
        uint64_t begin_ns = tri_clock_ns();
        r = tr_spawn(&pid, "idle", "[]");
        times[i] = (double)(tri_clock_ns() - begin_ns) / 1e6;
        if (r == 0)
            r = bury(pid);
    }
    if (r == 0)
        *ret_figure = median(times, (size_t)load->count);
    free(times);
    return r ? -1 : 0;
}
