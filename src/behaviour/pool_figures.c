/* Figures of a pool: what it has done, how fast, and how long jobs took. */
#include "base/auto.h"
#include "base/clock.h"
#include "behaviour/pool.h"

/* ---------------------------------------------------------------- times */

/* The step of the histogram: the position of the highest bit, and the three bits behind it. */
static unsigned step_of(uint64_t us)
{
    if (us < 8)
        return (unsigned)us;
    unsigned power = 63u - (unsigned)__builtin_clzll(us);
    return (power - 2) * 8 + (unsigned)(us >> (power - 3) & 7);
}

/* The least time of a step. */
static uint64_t time_of(unsigned step)
{
    if (step < 8)
        return step;
    return (8ull + step % 8) << (step / 8 - 1);
}

static uint64_t quantile_us(const struct tri_pool_figures *figures, unsigned percent)
{
    uint64_t before = figures->runs * percent / 100, seen = 0;
    for (unsigned step = 0; step < TRI_POOL_STEPS; step++) {
        seen += figures->run_times[step];
        if (seen > before)
            return time_of(step);
    }
    return 0;
}

void tri_figures_begin(struct tri_pool_figures *figures, uint64_t now_ns)
{
    figures->began_ns = now_ns;
    figures->second = now_ns / TRI_NS_PER_S;
}

void tri_figures_begun(struct tri_pool_figures *figures, uint64_t waited_ns)
{
    figures->waits++;
    figures->wait_us += waited_ns / 1000;
}

void tri_figures_done(struct tri_pool_figures *figures, uint64_t ran_ns)
{
    figures->runs++;
    figures->run_us += ran_ns / 1000;
    figures->run_times[step_of(ran_ns / 1000)]++;
}

/* ---------------------------------------------------------------- rate */

/* Seconds in which nothing ended are empty. */
static void come_to(struct tri_pool_figures *figures, uint64_t now_ns)
{
    uint64_t second = now_ns / TRI_NS_PER_S;
    for (int i = 0; figures->second < second && i < TRI_POOL_SECONDS; i++)
        figures->ended_in[++figures->second % TRI_POOL_SECONDS] = 0;
    figures->second = second;
}

void tri_figures_ended(struct tri_pool_figures *figures, uint64_t now_ns)
{
    come_to(figures, now_ns);
    figures->ended_in[figures->second % TRI_POOL_SECONDS]++;
}

static double rate(struct tri_pool_figures *figures, uint64_t now_ns)
{
    uint64_t ended = 0, whole_ns = (TRI_POOL_SECONDS - 1) * TRI_NS_PER_S + now_ns % TRI_NS_PER_S;
    come_to(figures, now_ns);
    for (int i = 0; i < TRI_POOL_SECONDS; i++)
        ended += figures->ended_in[i];
    if (now_ns - figures->began_ns < whole_ns)
        whole_ns = now_ns - figures->began_ns;
    return whole_ns > 0 ? (double)ended * (double)TRI_NS_PER_S / (double)whole_ns : 0;
}

/* ---------------------------------------------------------------- as a map */

static uint64_t mean(uint64_t sum, uint64_t count) { return count > 0 ? sum / count : 0; }

void tri_pool_put_figures(struct tr_out *out, struct tri_pool_server *pool)
{
    const struct tri_crew *crew = &pool->crew;
    const uint64_t *ends = crew->counts.ends;
    struct tri_pool_figures *figures = &pool->figures;
    uint64_t failed = 0;
    for (int end = TRI_JOB_DONE + 1; end < TRI_JOB_ENDS; end++)
        failed += ends[end];
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {
        {"submitted", crew->counts.submitted},
        {"done", ends[TRI_JOB_DONE]},
        {"failed", failed},
        {"quarantined", ends[TRI_JOB_QUARANTINED]},
        {"dropped", ends[TRI_JOB_DROPPED]},
        {"refused", ends[TRI_JOB_REFUSED]},
        {"cancelled", ends[TRI_JOB_CANCELLED]},
        {"retried", crew->counts.retried},
        {"deaths", crew->counts.deaths},
        {"recycled", crew->counts.recycled},
        {"queued", crew->queued + crew->waiting_count + crew->held_count},
        {"running",
         crew->jobs - crew->untold - crew->queued - crew->waiting_count - crew->held_count},
        {"size", crew->width},
        {"starting", crew->counts_of[TRI_WORKER_STARTING]},
        {"idle", crew->counts_of[TRI_WORKER_IDLE]},
        {"busy", crew->counts_of[TRI_WORKER_BUSY]},
        {"stopping", crew->counts_of[TRI_WORKER_STOPPING]},
        {"run_us", mean(figures->run_us, figures->runs)},
        {"run_p50_us", quantile_us(figures, 50)},
        {"run_p99_us", quantile_us(figures, 99)},
        {"wait_us", mean(figures->wait_us, figures->waits)},
    };
    tr_put_map_of(out, TRI_ARRAY_LENGTH(numbers) + 2);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(numbers); i++) {
        tr_put_atom(out, numbers[i].key);
        tr_put_unsigned(out, numbers[i].value);
    }
    tr_put_atom(out, "rate");
    tr_put_float(out, rate(figures, tri_clock_ns()));
    tr_put_atom(out, "is_draining");
    tr_put_bool(out, crew->is_draining);
}
