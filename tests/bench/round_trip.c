/* Round trip: a binary goes to an actor, which sends it back. */
#include <stdlib.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/down.h"

#define WARM_UP 50

TR_ACTOR(echo)
{
    tr_pid client;
    long placement;
    tr_bin body;
    bool is_done = false;
    if (tr_match(argument, "{Client, Placement}", &client, &placement) != 0)
        return;
    place((enum placement)placement, 1);
    while (!is_done)
        tr_receive {
            tr_case("B", &body)
                tr_send(client, "B", body);
            tr_case("stop")
                is_done = true;
        }
}

/* count trips. 0 or -1. */
static int trips(tr_pid echo, tr_bin body, long count)
{
    tr_bin answer;
    int result = 0;
    for (long i = 0; i < count && result == 0; i++) {
        tr_send(echo, "B", body);
        tr_receive {
            tr_case("B", &answer)
                break;
            tr_after(ANSWER_MS)
                result = -1;
        }
    }
    return result;
}

int troupe_round_trip(const struct load *load, double *ret_figure)
{
    tr_pid echo;
    tr_ref monitor;
    char *data = calloc(1, load->size_bytes);
    tr_bin body = {data, load->size_bytes};
    int r = data ? tr_spawn_monitor(&echo, &monitor, "echo", "{Client, Placement}", tr_self(),
                                    (int)load->placement)
                 : -1;
    if (r == 0) {
        place(load->placement, 0);
        r = trips(echo, body, WARM_UP);
        uint64_t begin_ns = tri_clock_ns();
        if (r == 0)
            r = trips(echo, body, load->count);
        *ret_figure = (double)(tri_clock_ns() - begin_ns) / (double)load->count / 1e3;
        place(PLACEMENT_FREE, 0);
        tr_send(echo, "stop");
        if (await_down(monitor) < 0)
            r = -1;
    }
    free(data);
    return r ? -1 : 0;
}
