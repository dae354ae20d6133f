/* A pool of four over ten thousand jobs, of which some crash, hang and exhaust the memory: the good ones are done nearly as
 * fast as if there were no bad ones. actors/mixed_jobs.c in system/ judges what is told of each. The two take turns, and what is
 * judged is a ratio: the machine may be a slow one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/node.h"

#define JOBS "10000"
#define TURNS 2
#define WANTED_RATE 0.7

/* How long it took, in us. */
static double run_jobs(const char *kind, const char *all)
{
    unsigned long long took_us;
    struct program *node = node_start("bin/tests/mixed_jobs", JOBS, kind, all, "50", NULL);
    wait_until_ms(600000, program_is_over(node));
    program_expect_exit(node, 0);
    assert_int_equal(sscanf(program_stdout(node), JOBS " jobs in %llu us", &took_us), 1);
    printf("%s, %s: %s", kind, all, program_stdout(node));
    return (double)took_us;
}

static void expect_rate(const char *kind)
{
    double good_us = 0, mixed_us = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        good_us += run_jobs(kind, "good");
        mixed_us += run_jobs(kind, "mixed");
    }
    printf("%s: %.2f of the rate of good jobs only\n", kind, good_us / mixed_us);
    assert_true(good_us / mixed_us >= WANTED_RATE);
}

static void bad_jobs_do_not_slow_good_ones_that_wait(void **state)
{
    (void)state;
    expect_rate("sleep");
}

static void bad_jobs_do_not_slow_good_ones_that_compute(void **state)
{
    (void)state;
    expect_rate("compute");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(bad_jobs_do_not_slow_good_ones_that_wait),
        node_test(bad_jobs_do_not_slow_good_ones_that_compute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
