/* Crowds, and what many actors at once cost: ten thousand of them are started, asked, counted and killed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/crowd.h"
#include "bench/side.h"

TR_ACTOR(idle)
{
    tr_pid from;
    bool is_done = false;
    while (!is_done)
        tr_receive {
            tr_case("{From, ping}", &from)
                tr_send(from, "pong");
            tr_case("stop")
                is_done = true;
        }
}

int crowd_gather(struct crowd *crowd, long count)
{
    *crowd = (struct crowd){calloc((size_t)count, sizeof *crowd->pids),
                            calloc((size_t)count, sizeof *crowd->monitors), 0};
    if (!crowd->pids || !crowd->monitors)
        return complain("memory");
    for (; crowd->count < count; crowd->count++) {
        int r = tr_spawn_monitor(&crowd->pids[crowd->count], &crowd->monitors[crowd->count], "idle",
                                 "[]");
        if (r != 0) {
            fprintf(stderr, "bench: spawn %ld: %s\n", crowd->count, tr_strerror(r));
            return -1;
        }
    }
    return 0;
}

long crowd_ping(const struct crowd *crowd)
{
    long answered = 0;
    bool is_late = false;
    for (long i = 0; i < crowd->count; i++)
        tr_send(crowd->pids[i], "{From, ping}", tr_self());
    while (answered < crowd->count && !is_late)
        tr_receive {
            tr_case("pong")
                answered++;
            tr_after(ANSWER_MS)
                is_late = true;
        }
    return answered;
}

int crowd_dismiss(struct crowd *crowd)
{
    int r = 0;
    for (long i = 0; i < crowd->count; i++)
        tr_exit_process(crowd->pids[i], "kill");
    for (long i = 0; i < crowd->count && r == 0; i++)
        r = await_down(crowd->monitors[i]);
    free(crowd->pids);
    free(crowd->monitors);
    return r;
}

static double seconds_since(uint64_t *when_ns)
{
    uint64_t begin_ns = *when_ns;
    *when_ns = tri_clock_ns();
    return (double)(*when_ns - begin_ns) / 1e9;
}

/* Figures: seconds to start, how many answered, kB of the machine each, seconds until all are dead. */
int troupe_crowd(const struct load *load, const void *what, double *ret_figures)
{
    struct crowd crowd;
    double before = used_bytes();
    uint64_t when_ns = tri_clock_ns();
    (void)what;
    int r = crowd_gather(&crowd, load->count);
    ret_figures[0] = seconds_since(&when_ns);
    ret_figures[1] = r == 0 ? (double)crowd_ping(&crowd) : 0;
    ret_figures[2] = (used_bytes() - before) / (double)load->count / 1024;
    seconds_since(&when_ns);
    if (crowd_dismiss(&crowd) < 0)
        r = -1;
    ret_figures[3] = seconds_since(&when_ns);
    return r;
}
