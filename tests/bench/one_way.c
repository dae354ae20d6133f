/* One way: binaries go to an actor as fast as it takes them, and it says when it has the last. */
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/side.h"

TR_ACTOR(sink)
{
    tr_pid client = side_begin(argument);
    tr_bin body;
    bool is_done = false;
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

struct pour {
    tr_pid sink;
    tr_bin body;
};

/* Sends count messages and waits until the last has been received. 0 or -1. */
static int pour(void *context, long count)
{
    const struct pour *pour = context;
    int result = 0;
    for (long i = 0; i < count; i++)
        if (tr_send(pour->sink, "B", pour->body) != 0)
            return -1;
    tr_send(pour->sink, "flush");
    tr_receive {
        tr_case("flushed")
            break;
        tr_after(ANSWER_MS)
            result = -1;
    }
    return result;
}

int troupe_one_way(const struct load *load, const void *what, double *ret_figures)
{
    struct side side;
    char *data = calloc(1, load->size_bytes);
    double ns = 0;
    (void)what;
    int r = data ? side_start(&side, "sink", load) : -1;
    if (r == 0) {
        struct pour poured = {side.pid, {data, load->size_bytes}};
        place(load->placement, 0);
        r = steady(pour, &poured, load, &ns);
        if (r == 0)
            r = side_stop(&side);
    }
    free(data);
    *ret_figures = figure_of(load, ns);
    return r;
}
