/* Fan-in: many actors send to one that measures, each its share, as fast as it takes them. */
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/side.h"

TR_ACTOR(sender)
{
    tr_pid client = side_begin(argument);
    tr_bin body;
    long count = 0;
    bool is_done = false;
    while (!is_done)
        tr_receive {
            tr_case("{send, Count, B}", &count, &body)
                for (long i = 0; i < count; i++)
                    tr_send(client, "B", body);
            tr_case("stop")
                is_done = true;
        }
}

struct fan {
    struct side *sides;
    long side_count;
    tr_bin body;
};

/* All send, and all that they sent is received. count is how many altogether, rounded up to one each. */
static int gather(void *context, long count)
{
    const struct fan *fan = context;
    tr_bin body;
    int result = 0;
    long each = (count + fan->side_count - 1) / fan->side_count;
    for (long i = 0; i < fan->side_count; i++)
        if (tr_send(fan->sides[i].pid, "{send, Count, B}", each, fan->body) != 0)
            return -1;
    for (long i = 0; i < each * fan->side_count && result == 0; i++)
        tr_receive {
            tr_case("B", &body)
                break;
            tr_after(ANSWER_MS)
                result = -1;
        }
    return result;
}

int troupe_fan_in(const struct load *load, const void *what, double *ret_figures)
{
    char *data = calloc(1, load->size_bytes);
    struct fan fan = {
        calloc((size_t)load->senders, sizeof *fan.sides), 0, {data, load->size_bytes}};
    double ns = 0;
    (void)what;
    int r = data && fan.sides ? 0 : -1;
    for (; r == 0 && fan.side_count < load->senders; fan.side_count++)
        if (side_start(&fan.sides[fan.side_count], "sender", load) < 0)
            r = -1;
    if (r == 0)
        r = steady(gather, &fan, load, &ns);
    for (long i = 0; r == 0 && i < fan.side_count; i++)
        tr_send(fan.sides[i].pid, "stop");
    for (long i = 0; r == 0 && i < fan.side_count; i++)
        r = await_down(fan.sides[i].monitor);
    free(fan.sides);
    free(data);
    *ret_figures = figure_of(load, ns);
    return r;
}
