/* Spawn: how long from the call until the new actor's mailbox can be sent to, and how many a second in a row. */
#include <stdlib.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/crowd.h"
#include "bench/side.h"

/* Ends an actor and waits until nothing is left of it, so that the next birth is not measured with this death. */
static int bury(tr_pid pid)
{
    tr_ref monitor;
    int r = tr_monitor(pid, &monitor);
    if (r == 0)
        r = tr_exit_process(pid, "kill");
    return r ? r : await_down(monitor);
}

int troupe_spawn(const struct load *load, const void *what, double *ret_figures)
{
    double *times = calloc((size_t)load->count, sizeof *times);
    int r = times ? 0 : -1;
    (void)what;
    for (long i = 0; i < load->count && r == 0; i++) {
        tr_pid pid;
        uint64_t begin_ns = tri_clock_ns();
        r = tr_spawn(&pid, "idle", "[]");
        times[i] = (double)(tri_clock_ns() - begin_ns) / 1e6;
        if (r == 0)
            r = bury(pid);
    }
    if (r == 0)
        *ret_figures = median(times, (size_t)load->count);
    free(times);
    return r ? -1 : 0;
}

int troupe_spawn_rate(const struct load *load, const void *what, double *ret_figures)
{
    struct crowd crowd;
    uint64_t begin_ns = tri_clock_ns();
    (void)what;
    int r = crowd_gather(&crowd, load->count);
    *ret_figures = (double)load->count / ((double)(tri_clock_ns() - begin_ns) / 1e9);
    return crowd_dismiss(&crowd) < 0 ? -1 : r;
}
