/* Results: they come out in the order of the jobs, or as they came, and never run far ahead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "map/results.h"

static void put(struct map_results *results, uint64_t number, size_t size_bytes)
{
    struct map_job *job = calloc(1, sizeof *job);
    assert_non_null(job);
    job->number = number;
    uint8_t *bytes = calloc(1, size_bytes + 1);
    struct map_result *result = map_result_new(job, bytes, size_bytes);
    assert_non_null(result);
    map_results_put(results, result);
    free(bytes);
}

/* 0: there is none. */
static uint64_t take(struct map_results *results)
{
    struct map_result *result = map_results_take(results);
    uint64_t number = result ? result->job->number : 0;
    map_result_free(result);
    return number;
}

static void in_order_nobody_comes_before_those_in_front(void **state)
{
    struct map_results results;
    (void)state;
    assert_int_equal(map_results_init(&results, true), 0);
    put(&results, 3, 0);
    put(&results, 2, 0);
    assert_int_equal(take(&results), 0);
    put(&results, 1, 0);
    for (uint64_t number = 1; number <= 3; number++)
        assert_int_equal(take(&results), number);
    assert_int_equal(take(&results), 0);
    map_results_deinit(&results);
}

static void what_was_skipped_is_passed_over(void **state)
{
    struct map_results results;
    (void)state;
    assert_int_equal(map_results_init(&results, true), 0);
    map_results_skip(&results, 1);
    map_results_skip(&results, 2);
    put(&results, 3, 0);
    map_results_skip(&results, 4);
    assert_int_equal(take(&results), 3);
    assert_int_equal(take(&results), 0);
    put(&results, 5, 0);
    assert_int_equal(take(&results), 5);
    map_results_deinit(&results);
}

static void nobody_waits_for_what_was_skipped(void **state)
{
    struct map_results results;
    (void)state;
    assert_int_equal(map_results_init(&results, true), 0);
    for (uint64_t number = 1; number <= 3 * MAP_AHEAD_JOBS; number++) {
        assert_true(map_results_has_room(&results, number));
        map_results_skip(&results, number);
    }
    map_results_deinit(&results);
}

static void without_order_they_come_out_as_they_came(void **state)
{
    struct map_results results;
    (void)state;
    assert_int_equal(map_results_init(&results, false), 0);
    put(&results, 9, 0);
    put(&results, 1, 0);
    assert_int_equal(take(&results), 9);
    assert_int_equal(take(&results), 1);
    assert_int_equal(take(&results), 0);
    put(&results, 7, 0); /* left for deinit to free */
    map_results_deinit(&results);
}

static void the_ring_is_as_long_as_they_may_run_ahead(void **state)
{
    struct map_results results;
    (void)state;
    assert_int_equal(map_results_init(&results, true), 0);
    for (uint64_t number = 2; map_results_has_room(&results, number); number++)
        put(&results, number, 0);
    assert_int_equal(results.held, MAP_AHEAD_JOBS - 1);
    assert_true(map_results_has_room(&results, 1));
    put(&results, 1, 0);
    for (uint64_t number = 1; number <= MAP_AHEAD_JOBS; number++)
        assert_int_equal(take(&results), number);
    assert_int_equal(results.held, 0);
    map_results_deinit(&results);
}

/* The one for which all wait must never be kept back by what waits for it. */
static void many_bytes_keep_new_jobs_back_but_never_the_next(void **state)
{
    (void)state;
    for (int is_ordered = 0; is_ordered < 2; is_ordered++) {
        struct map_results results;
        assert_int_equal(map_results_init(&results, is_ordered), 0);
        put(&results, 2, MAP_AHEAD_BYTES / 2);
        assert_true(map_results_has_room(&results, 4));
        put(&results, 3, MAP_AHEAD_BYTES / 2);
        assert_false(map_results_has_room(&results, 4));
        assert_int_equal(map_results_has_room(&results, 1), is_ordered);
        map_results_deinit(&results);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_nobody_comes_before_those_in_front),
        cmocka_unit_test(what_was_skipped_is_passed_over),
        cmocka_unit_test(nobody_waits_for_what_was_skipped),
        cmocka_unit_test(without_order_they_come_out_as_they_came),
        cmocka_unit_test(the_ring_is_as_long_as_they_may_run_ahead),
        cmocka_unit_test(many_bytes_keep_new_jobs_back_but_never_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
