/* Steady: warming up and finding out how often something must be repeated to last a given time.
 *
 * Contestants differ by a factor of a thousand: a fixed number would give the fast ones a few milliseconds, in which
 * one interruption decides, and the slow ones minutes. What was needed to find the number out is the warm-up.
 */
#include "base/clock.h"
#include "bench/bench.h"

/* Of the time, how much one warm-up run must last for its rate to be believed. */
#define WARM_PART 8
/* How often the number is corrected at most. */
#define SCALINGS 6

const char *const shape_names[SHAPES] = {[SHAPE_NONE] = "none",
                                         [SHAPE_TRIP] = "trip",
                                         [SHAPE_IDLE_TRIP] = "idle_trip",
                                         [SHAPE_ONE_WAY] = "one_way",
                                         [SHAPE_FAN_IN] = "fan_in"};

static int timed(repeat_fn *repeat, void *context, long count, double *ret_ns)
{
    uint64_t begin_ns = tri_clock_ns();
    int r = repeat(context, count);
    *ret_ns = (double)(tri_clock_ns() - begin_ns);
    return r;
}

int steady(repeat_fn *repeat, void *context, const struct load *load, double *ret_ns_each)
{
    double ns = 0, again_ns = 0, wanted_ns = (double)load->time_ms * TRI_NS_PER_MS;
    long count = load->senders; /* nobody can send less than one */
    for (;; count *= 2) {
        if (timed(repeat, context, count, &ns) < 0)
            return -1;
        if (ns < wanted_ns / WARM_PART)
            continue;
        /* Once more: if only an interruption made it long, what follows would be far too short. */
        if (timed(repeat, context, count, &again_ns) < 0)
            return -1;
        if (again_ns >= wanted_ns / WARM_PART)
            break;
    }
    /* Until one run lasts about as long as wanted: where each begins with something that costs the same however long it is,
     * such as waking 256 senders, a rate says too little. */
    ns = again_ns < ns ? again_ns : ns;
    for (int i = 0; i < SCALINGS && ns < wanted_ns / 2; i++) {
        count = (long)((double)count * (wanted_ns / ns)) + 1;
        if (timed(repeat, context, count, &ns) < 0)
            return -1;
    }
    *ret_ns_each = ns / (double)count;
    return 0;
}

double figure_of(const struct load *load, double ns_each)
{
    if (load->shape == SHAPE_TRIP || load->shape == SHAPE_IDLE_TRIP)
        return ns_each / 1e3;
    if (load->size_bytes >= LARGE_BYTES)
        return (double)load->size_bytes * 1e3 / ns_each;
    return 1e9 / ns_each;
}
