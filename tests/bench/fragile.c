/* Ten jobs, of which the third segfaults: of how many of them it is told right how they went. A good one has its answer, and the
 * bad one, and no other, is told to have crashed. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/shell.h"
#include "bench/side.h"

enum { JOBS = 10, BAD_JOB = 3, JOB_US = 20000 };

TR_WORKER(fragile)
{
    long number = 0;
    tr_match(job, "N", &number);
    if (number == BAD_JOB) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer would report it at length */
        raise(SIGSEGV);
    }
    usleep(JOB_US);
    tr_put(result, "N", number);
}

static bool is_right(long number, tr_term result)
{
    return number == BAD_JOB ? tr_match(result, "{error, {signal, sigsegv, _}, _}") == 0
                             : tr_match(result, "{ok, N, _}", number) == 0;
}

int troupe_fragile(const struct load *load, const void *what, double *ret_figures)
{
    struct tr_request requests[JOBS];
    TR_REPLY reply = {0};
    tr_pid pool;
    long right = 0;
    (void)load;
    (void)what;
    int r = tr_pool_start_link(&pool, NULL,
                               &(struct tr_pool_options){.worker = TR_CHILD("fragile"), .size = 2});
    for (long i = 0; i < JOBS && r == 0; i++)
        r = tr_pool_submit(pool, &requests[i], NULL, "N", i + 1);
    for (long i = 0; i < JOBS && r == 0; i++) {
        r = tr_wait_response(&requests[i], ANSWER_MS, &reply);
        right += r == 0 && is_right(i + 1, reply.term);
    }
    if (r == 0)
        r = tr_pool_stop(pool, ANSWER_MS);
    *ret_figures = (double)right;
    return r ? -1 : 0;
}
