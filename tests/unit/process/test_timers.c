/* Timers: they fire in the order of their deadlines, whatever the order in which they were started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/clock.h"
#include "process/timers.h"

static void start(struct tri_timers *timers, uint64_t number, uint64_t deadline_ns)
{
    struct tri_timer *timer = calloc(1, sizeof *timer);
    assert_non_null(timer);
    timer->number = number;
    timer->deadline_ns = deadline_ns;
    assert_int_equal(tri_timers_add(timers, timer), 0);
}

/* The number of the timer that fires at now_ns, or 0. */
static uint64_t fire(struct tri_timers *timers, uint64_t now_ns)
{
    struct tri_timer *timer = tri_timers_take_due(timers, now_ns);
    uint64_t number = timer ? timer->number : 0;
    tri_timer_free(timer);
    return number;
}

static void without_timers_nothing_is_ever_due(void **state)
{
    struct tri_timers timers = {0};
    (void)state;
    assert_true(tri_timers_next_ns(&timers) == TRI_NEVER);
    assert_int_equal(fire(&timers, TRI_NEVER), 0);
    tri_timers_deinit(&timers);
}

static void a_timer_fires_at_its_deadline_and_not_before(void **state)
{
    struct tri_timers timers = {0};
    (void)state;
    start(&timers, 1, 100);
    assert_int_equal(tri_timers_next_ns(&timers), 100);
    assert_int_equal(fire(&timers, 99), 0);
    assert_int_equal(fire(&timers, 100), 1);
    assert_int_equal(fire(&timers, 100), 0);
    tri_timers_deinit(&timers);
}

static void timers_fire_in_the_order_of_their_deadlines(void **state)
{
    struct tri_timers timers = {0};
    (void)state;
    for (uint64_t i = 1; i <= 1000; i++)
        start(&timers, i, i * 7919 % 1009);
    uint64_t last_ns = 0;
    for (int i = 0; i < 1000; i++) {
        struct tri_timer *timer = tri_timers_take_due(&timers, 2000);
        assert_non_null(timer);
        assert_true(timer->deadline_ns >= last_ns);
        last_ns = timer->deadline_ns;
        tri_timer_free(timer);
    }
    assert_int_equal(timers.count, 0);
    tri_timers_deinit(&timers);
}

static void of_two_with_the_same_deadline_the_older_fires_first(void **state)
{
    struct tri_timers timers = {0};
    (void)state;
    for (uint64_t i = 9; i >= 1; i--)
        start(&timers, i, 50);
    for (uint64_t i = 1; i <= 9; i++)
        assert_int_equal(fire(&timers, 50), i);
    tri_timers_deinit(&timers);
}

static void a_cancelled_timer_does_not_fire_and_the_others_do(void **state)
{
    struct tri_timers timers = {0};
    (void)state;
    for (uint64_t i = 1; i <= 20; i++)
        start(&timers, i, 1000 - 10 * i);
    for (uint64_t i = 1; i <= 20; i += 2) {
        struct tri_timer *timer = tri_timers_take(&timers, i);
        assert_non_null(timer);
        assert_int_equal(timer->number, i);
        tri_timer_free(timer);
        assert_null(tri_timers_take(&timers, i));
    }
    for (uint64_t i = 20; i >= 2; i -= 2)
        assert_int_equal(fire(&timers, 1000), i);
    assert_int_equal(fire(&timers, 1000), 0);
    tri_timers_deinit(&timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_timers_nothing_is_ever_due),
        cmocka_unit_test(a_timer_fires_at_its_deadline_and_not_before),
        cmocka_unit_test(timers_fire_in_the_order_of_their_deadlines),
        cmocka_unit_test(of_two_with_the_same_deadline_the_older_fires_first),
        cmocka_unit_test(a_cancelled_timer_does_not_fire_and_the_others_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
