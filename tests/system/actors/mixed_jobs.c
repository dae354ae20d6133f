/* Mixed jobs: a pool of four is given good jobs among which some crash, some hang and some take more memory than they may.
 *
 *     mixed_jobs jobs sleep|compute mixed|good hang_ms
 *
 * Every good job must be done once, and every bad one must be told of with its own reason and no other's. Prints how long it
 * took; with `good` all jobs are good. Who hangs is found by hang_ms, a time that good jobs can keep on any machine: what they
 * wait for a processor does not count. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/arguments.h"
#include "support/check.h"

enum { JOB_US = 5000, HANG_MS = 50, MEMORY_BYTES = 64 << 20 };

static uint64_t now_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* What the compiler must not see through: it would leave the whole call out. */
static int *volatile nowhere;

/* A write to nowhere is to be a signal, also where a sanitizer would rather tell of it. */
static __attribute__((noinline, no_sanitize("undefined"))) void legacy_decode(void)
{
    *nowhere = 1;
}

static void exhaust_memory(void)
{
    while (malloc(1 << 20))
        ;
    abort();
}

/* Measured in time of its own: it is a job of so much work, however many share the processors. */
static void compute(void)
{
    uint64_t until_us = now_us(CLOCK_THREAD_CPUTIME_ID) + JOB_US;
    while (now_us(CLOCK_THREAD_CPUTIME_ID) < until_us)
        for (volatile int i = 0; i < 1000; i++)
            ;
}

TR_WORKER(decoder)
{
    long n;
    tr_atom kind;
    CHECK(tr_match(job, "{Kind, N}", &kind, &n) == 0);
    if (tr_atom_is(kind, "crash"))
        legacy_decode();
    if (tr_atom_is(kind, "hang"))
        for (;;)
            ;
    if (tr_atom_is(kind, "hog"))
        exhaust_memory();
    if (tr_atom_is(kind, "sleep"))
        usleep(JOB_US);
    else
        compute();
    tr_put(result, "{done, N}", n);
}

/* What becomes of a number: of 200, two crash, one hangs, one exhausts the memory. */
static const char *kind_of(long n, const char *good, bool are_all_good)
{
    if (are_all_good)
        return good;
    return n % 100 == 50 ? "crash" : n % 200 == 17 ? "hang" : n % 200 == 133 ? "hog" : good;
}

struct outcome {
    struct tr_request request;
    int results;
};

static tr_atom atom_of(const char *text) { return (tr_atom){text, (uint16_t)strlen(text), false}; }

static void take_result(tr_term result, long n, const char *kind)
{
    bool is_right;
    if (strcmp(kind, "crash") == 0)
        is_right = tr_match(result, "{error, {signal, sigsegv, _}, #{tries => 1}}") == 0;
    else if (strcmp(kind, "hang") == 0)
        is_right = tr_match(result, "{error, {hang, _}, #{tries => 1}}") == 0;
    else if (strcmp(kind, "hog") == 0)
        is_right = tr_match(result, "{error, {limit, memory, _}, #{tries => 1}}") == 0;
    else
        is_right = tr_match(result, "{ok, {done, N}, #{tries => 1}}", n) == 0;
    if (!is_right)
        check_failed(__FILE__, __LINE__, kind, result);
}

static long find(const struct outcome *outcomes, long count, tr_ref ref)
{
    /* References are made in order. */
    long low = 0, high = count;
    while (low < high) {
        long middle = (low + high) / 2;
        if (outcomes[middle].request.ref.number < ref.number)
            low = middle + 1;
        else
            high = middle;
    }
    CHECK(low < count && tr_ref_equal(outcomes[low].request.ref, ref));
    return low;
}

static void collect(struct outcome *outcomes, long count, const char *good, bool are_all_good)
{
    tr_ref ref;
    tr_term result;
    for (long i = 0; i < count; i++)
        tr_receive {
            tr_case("{[alias | Ref], Result}", &ref, &result) {
                long n = find(outcomes, count, ref);
                CHECK(++outcomes[n].results == 1);
                take_result(result, n, kind_of(n, good, are_all_good));
            }
            tr_after(CHECK_DEADLINE_MS)
                CHECK(!"comes");
        }
}

TR_ACTOR(main)
{
    char word[16], good[16];
    long count = argument_number(argument, 0, 400);
    argument_word(argument, 1, good, sizeof good);
    bool are_all_good = strcmp(argument_word(argument, 2, word, sizeof word), "good") == 0;
    struct outcome *outcomes = calloc((size_t)count, sizeof *outcomes);
    const struct tr_resource_limits limits = {.memory_bytes = MEMORY_BYTES};
    tr_pid pool;
    struct tr_pool_statistics is;
    CHECK(outcomes);
    CHECK(
        tr_pool_start_link(&pool, NULL,
                           &(struct tr_pool_options){
                               .worker = TR_CHILD("decoder", .limits = &limits,
                                                  .hang_ms = argument_number(argument, 3, HANG_MS)),
                               .size = 4}) == 0);
    uint64_t began_us = now_us(CLOCK_MONOTONIC);
    for (long n = 0; n < count; n++)
        CHECK(tr_pool_submit(pool, &outcomes[n].request, NULL, "{Kind, N}",
                             atom_of(kind_of(n, good, are_all_good)), n) == 0);
    collect(outcomes, count, good, are_all_good);
    uint64_t took_us = now_us(CLOCK_MONOTONIC) - began_us;
    EXPECT_NOTHING();
    CHECK(tr_pool_statistics(pool, &is) == 0);
    CHECK(is.done + is.failed == (uint64_t)count && is.failed == is.deaths);
    printf("%ld jobs in %llu us, median %llu us, 99 %% within %llu us\n", count,
           (unsigned long long)took_us, (unsigned long long)is.run_p50_us,
           (unsigned long long)is.run_p99_us);
    CHECK(tr_pool_stop(pool, CHECK_DEADLINE_MS) == 0);
    free(outcomes);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
