/* Crash to DOWN: from the instruction that faults until who monitors the actor has received its DOWN.
 *
 * The actor announces the instant at which it is going to crash and spins until then, so that no message of its own is
 * under way when it dies and both sides know the same time.
 */
#include <stdlib.h>
#include <sys/prctl.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/side.h"

#define NOTICE_NS (3 * TRI_NS_PER_MS)

TR_ACTOR(crasher)
{
    tr_pid client;
    volatile int *volatile nowhere = (volatile int *)16; /* NULL would be UBSan's */
    if (tr_match(argument, "Client", &client) != 0)
        return;
    /* A core file costs what the machine's operator wants it to cost: that is not ours to measure. */
    prctl(PR_SET_DUMPABLE, 0);
    uint64_t when_ns = tri_clock_ns() + NOTICE_NS;
    tr_send(client, "{crashing, When}", when_ns);
    while (tri_clock_ns() < when_ns)
        ;
    *nowhere = 1;
}

static int crash_once(double *ret_ms)
{
    tr_pid pid;
    tr_ref monitor;
    uint64_t when_ns = 0;
    int r = tr_spawn_monitor(&pid, &monitor, "crasher", "Client", tr_self());
    if (r)
        return r;
    tr_receive {
        tr_case("{crashing, When}", &when_ns)
            break;
        tr_after(ANSWER_MS)
            r = -1;
    }
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, _}", monitor)
            *ret_ms = (double)(int64_t)(tri_clock_ns() - when_ns) / 1e6;
        tr_after(ANSWER_MS)
            r = -1;
    }
    return r;
}

int troupe_crash(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    double *times = calloc((size_t)load->count, sizeof *times);
    int r = times ? 0 : -1;
    for (long i = 0; i < load->count && r == 0; i++)
        r = crash_once(&times[i]);
    if (r == 0)
        *ret_figures = median(times, (size_t)load->count);
    free(times);
    return r ? -1 : 0;
}
