/* A pool of four, and jobs of 5 ms of which 1 % crash, 0.5 % hang and 0.5 % take more memory than they may, beside the same pool
 * with good jobs only: what the bad ones cost the good ones. Each must be told of with its own end. */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/side.h"

enum { JOB_US = 5000, HANG_MS = 50, MEMORY_BYTES = 64 << 20 };

/* What becomes of a job: of 200, two crash, one hangs, one exhausts the memory. */
enum fate { FATE_GOOD, FATE_CRASH, FATE_HANG, FATE_HOG };

static enum fate fate_of(long number, bool are_all_good)
{
    if (are_all_good)
        return FATE_GOOD;
    if (number % 100 == 50)
        return FATE_CRASH;
    if (number % 200 == 17)
        return FATE_HANG;
    return number % 200 == 133 ? FATE_HOG : FATE_GOOD;
}

static uint64_t own_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void be_good(bool sleeps)
{
    uint64_t until_us = own_us() + JOB_US;
    if (sleeps)
        usleep(JOB_US);
    else
        while (own_us() < until_us)
            ;
}

TR_WORKER(mixed)
{
    long number = 0, fate = FATE_GOOD, sleeps = 0;
    volatile int *volatile nowhere = (volatile int *)16; /* NULL would be UBSan's */
    /* A core file costs what the machine's operator wants it to cost: that is not ours to measure. */
    prctl(PR_SET_DUMPABLE, 0);
    tr_match(job, "{N, Fate, Sleeps}", &number, &fate, &sleeps);
    if (fate == FATE_CRASH)
        *nowhere = 1;
    while (fate == FATE_HANG)
        own_us();
    while (fate == FATE_HOG)
        if (!malloc(1 << 20))
            abort();
    be_good(sleeps);
    tr_put(result, "N", number);
}

static bool is_right(tr_term result, long number, enum fate fate)
{
    switch (fate) {
    case FATE_CRASH:
        return tr_match(result, "{error, {signal, sigsegv, _}, _}") == 0;
    case FATE_HANG:
        return tr_match(result, "{error, {hang, _}, _}") == 0;
    case FATE_HOG:
        return tr_match(result, "{error, {limit, memory, _}, _}") == 0;
    default:
        return tr_match(result, "{ok, N, _}", number) == 0;
    }
}

/* Has the pool do them all. 0 or -1. */
static int do_jobs(tr_pid pool, struct tr_request *requests, long count, bool sleeps,
                   bool are_all_good)
{
    TR_REPLY reply = {0};
    int r = 0;
    for (long i = 0; i < count && r == 0; i++)
        r = tr_pool_submit(pool, &requests[i], NULL, "{N, Fate, Sleeps}", i,
                           (long)fate_of(i, are_all_good), (long)sleeps);
    for (long i = 0; i < count && r == 0; i++) {
        r = tr_wait_response(&requests[i], ANSWER_MS, &reply);
        if (r == 0 && !is_right(reply.term, i, fate_of(i, are_all_good)))
            r = -1;
    }
    return r;
}

/* Has a pool of its own do them all. 0, with jobs per second; or -1. */
static int run_pool(const struct load *load, bool sleeps, bool are_all_good, double *ret_figures)
{
    const struct tr_resource_limits limits = {.memory_bytes = MEMORY_BYTES};
    struct tr_request *requests = calloc((size_t)load->count, sizeof *requests);
    tr_pid pool;
    int r = requests ? 0 : -1;
    if (r == 0)
        r = tr_pool_start_link(
            &pool, NULL,
            &(struct tr_pool_options){
                .worker = TR_CHILD("mixed", .limits = &limits, .hang_ms = HANG_MS), .size = 4});
    uint64_t began_ns = tri_clock_ns();
    if (r == 0)
        r = do_jobs(pool, requests, load->count, sleeps, are_all_good);
    uint64_t took_ns = tri_clock_ns() - began_ns;
    if (r == 0)
        r = tr_pool_stop(pool, ANSWER_MS);
    free(requests);
    if (r)
        return -1;
    *ret_figures = (double)load->count * 1e9 / (double)took_ns;
    return 0;
}

int troupe_mixed_asleep(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    return run_pool(load, true, false, ret_figures);
}

int troupe_mixed_computing(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    return run_pool(load, false, false, ret_figures);
}

int troupe_good_jobs(const struct load *load, const void *what, double *ret_figures)
{
    return run_pool(load, strcmp(what, "asleep") == 0, true, ret_figures);
}
