/* Round trip: a binary goes to an actor, which sends it back; at once again, or after both have slept. */
#include <stdlib.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/side.h"

TR_ACTOR(echo)
{
    tr_pid client = side_begin(argument);
    tr_bin body;
    bool is_done = false;
    while (!is_done)
        tr_receive {
            tr_case("B", &body)
                tr_send(client, "B", body);
            tr_case("stop")
                is_done = true;
        }
}

struct trips {
    tr_pid echo;
    tr_bin body;
};

static int trip(const struct trips *trips)
{
    tr_bin answer;
    int result = 0;
    if (tr_send(trips->echo, "B", trips->body) != 0)
        return -1;
    tr_receive {
        tr_case("B", &answer)
            break;
        tr_after(ANSWER_MS)
            result = -1;
    }
    return result;
}

static int repeat_trips(void *context, long count)
{
    int r = 0;
    for (long i = 0; i < count && r == 0; i++)
        r = trip(context);
    return r;
}

/* As an actor sleeps: in a receive that nothing comes to. */
static void sleep_idle(void)
{
    tr_receive {
        tr_case("never")
            break;
        tr_after(IDLE_MS)
            break;
    }
}

/* Each trip is timed; the median's time. */
static int idle_trips(struct trips *trips, const struct load *load, double *ret_ns)
{
    long count = load->time_ms / IDLE_MS + 1;
    double *times = calloc((size_t)count, sizeof *times);
    int r = times ? repeat_trips(trips, 50) : -1;
    for (long i = 0; i < count && r == 0; i++) {
        sleep_idle();
        uint64_t begin_ns = tri_clock_ns();
        r = trip(trips);
        times[i] = (double)(tri_clock_ns() - begin_ns);
    }
    if (r == 0)
        *ret_ns = median(times, (size_t)count);
    free(times);
    return r;
}

int troupe_round_trip(const struct load *load, const void *what, double *ret_figures)
{
    struct side side;
    char *data = calloc(1, load->size_bytes);
    double ns = 0;
    (void)what;
    int r = data ? side_start(&side, "echo", load) : -1;
    if (r == 0) {
        struct trips trips = {side.pid, {data, load->size_bytes}};
        place(load->placement, 0);
        r = load->shape == SHAPE_IDLE_TRIP ? idle_trips(&trips, load, &ns)
                                           : steady(repeat_trips, &trips, load, &ns);
        if (r == 0)
            r = side_stop(&side);
    }
    free(data);
    *ret_figures = figure_of(load, ns);
    return r;
}
