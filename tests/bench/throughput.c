/* One way: binaries go to an actor as fast as it takes them, and it says when it has the last. */
#include <stdlib.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/down.h"

TR_ACTOR(sink)
{
    tr_pid client;
    tr_bin body;
    bool is_done = false;
    if (tr_match(argument, "Client", &client) != 0)
        return;
    while (!is_done)
        tr_receive {
            tr_case("B", &body)
                break;
            tr_case("flush")
                tr_send(client, "flushed");
            tr_case("stop")
                is_done = true;
        }
}

/* Sends count messages and waits until the last has been received. 0 or -1. */
static int pour(tr_pid sink, tr_bin body, long count)
{
    int result = 0;
    for (long i = 0; i < count; i++)
        if (tr_send(sink, "B", body) != 0)
            return -1;
    tr_send(sink, "flush");
    tr_receive {
        tr_case("flushed")
            break;
        tr_after(ANSWER_MS)
            result = -1;
    }
    return result;
}

int troupe_throughput(const struct load *load, double *ret_figure)
{
    tr_pid sink;
    tr_ref monitor;
    char *data = calloc(1, load->size_bytes);
    tr_bin body = {data, load->size_bytes};
    int r = data ? tr_spawn_monitor(&sink, &monitor, "sink", "Client", tr_self()) : -1;
    if (r == 0) {
        r = pour(sink, body, load->count / 20 + 1);
        uint64_t begin_ns = tri_clock_ns();
        if (r == 0)
            r = pour(sink, body, load->count);
        *ret_figure = (double)load->count / ((double)(tri_clock_ns() - begin_ns) / 1e9);
        tr_send(sink, "stop");
        if (await_down(monitor) < 0)
            r = -1;
    }
    free(data);
    return r ? -1 : 0;
}
