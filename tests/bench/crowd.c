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

/* Takes in the answer to one of the births under way. 0 or -1. */
static int take_birth(struct crowd *crowd)
{
    tr_ref ref;
    tr_pid pid;
    int error = 0;
    bool is_late = false;
    tr_receive {
        tr_case("{spawn_reply, Ref, ok, Pid}", &ref, &pid) {
            crowd->pids[crowd->count] = pid;
            crowd->monitors[crowd->count++] = ref;
        }
        tr_case("{spawn_reply, _, error, R}", &error)
            break;
        tr_after(ANSWER_MS)
            is_late = true;
    }
    if (error)
        fprintf(stderr, "bench: spawn %ld: %s\n", crowd->count, tr_strerror(error));
    return error || is_late ? -1 : 0;
}

int crowd_gather(struct crowd *crowd, long count)
{
    const struct tr_spawn_options options = {.flags = TR_SPAWN_MONITOR};
    struct tr_out nothing = {0};
    *crowd = (struct crowd){calloc((size_t)count, sizeof *crowd->pids),
                            calloc((size_t)count, sizeof *crowd->monitors), 0};
    int r = crowd->pids && crowd->monitors ? tr_put(&nothing, "[]") : -1;
    for (long asked = 0; crowd->count < count && r == 0;)
        if (asked < count && asked - crowd->count < BIRTHS_UNDER_WAY) {
            r = tr_spawn_request_term("idle", &options, tr_out_term(&nothing), NULL);
            asked++;
        } else {
            r = take_birth(crowd);
        }
    tr_out_deinit(&nothing);
    return r ? -1 : 0;
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
