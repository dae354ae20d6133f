/* Timers that the node keeps: the next one due is always the earliest, and a cancelled one is as if it had never been. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/clock.h"
#include "node/node.h"
#include "node/timer.h"
#include "troupe/process.h"

#define START_NS (1000 * TRI_NS_PER_S)
#define TIMERS 500

static struct tri_node *node;
static struct tri_actor maker;

static int set_up(void **state)
{
    (void)state;
    tri_clock_set_fake(START_NS);
    node = calloc(1, sizeof *node);
    node->slots = 4;
    node->actors = calloc(node->slots, sizeof *node->actors);
    maker = (struct tri_actor){.pid = tr_pid_make(1, 1)};
    node->actors[1] = &maker;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tri_timers_free(node);
    free(node->actors);
    free(node);
    tri_clock_set_fake(0);
    return 0;
}

static int start_to(uint64_t number, uint64_t time_ms, tr_pid to)
{
    static const uint8_t ok[] = {119, 2, 'o', 'k'};
    struct tri_packet packet = {
        .head = {.ref_number = number, .number = time_ms, .body_bytes = sizeof ok, .pid = to.id},
        .name = "",
        .body = ok,
        .passed_fd = -1};
    return tri_timer_start(node, &maker, &packet);
}

static int start(uint64_t number, uint64_t time_ms)
{
    return start_to(number, time_ms, tr_pid_make(3, 1));
}

static int cancel(uint64_t number, uint64_t *ret_left_ms)
{
    return tri_timer_cancel(node, (tr_ref){maker.pid, number}, ret_left_ms);
}

static void the_next_one_is_always_the_earliest(void **state)
{
    uint64_t due_ms[TIMERS], left_ms;
    (void)state;
    srand(1);
    for (uint64_t i = 0; i < TIMERS; i++) {
        due_ms[i] = (uint64_t)(rand() % 10000);
        assert_int_equal(start(i + 1, due_ms[i]), 0);
    }
    for (int left = TIMERS; left > 0; left--) {
        uint64_t earliest = UINT64_MAX;
        for (size_t i = 0; i < TIMERS; i++)
            earliest = due_ms[i] < earliest ? due_ms[i] : earliest;
        assert_int_equal(tri_timer_next_ns(node), START_NS + earliest * TRI_NS_PER_MS);
        size_t victim = (size_t)rand() % TIMERS;
        while (due_ms[victim] == UINT64_MAX)
            victim = (victim + 1) % TIMERS;
        assert_int_equal(cancel(victim + 1, &left_ms), 0);
        assert_int_equal(left_ms, due_ms[victim]);
        due_ms[victim] = UINT64_MAX;
    }
    assert_true(tri_timer_next_ns(node) == TRI_NEVER);
}

static void what_was_for_the_dead_goes_and_the_rest_stays_in_order(void **state)
{
    uint64_t due_ms[TIMERS], left_ms, before_ms = 0;
    struct tri_actor dead = {.pid = tr_pid_make(2, 1)};
    (void)state;
    node->actors[2] = &dead;
    srand(2);
    for (uint64_t i = 0; i < TIMERS; i++) {
        due_ms[i] = (uint64_t)(rand() % 10000);
        assert_int_equal(start_to(i + 1, due_ms[i], i % 3 ? dead.pid : tr_pid_make(3, 1)), 0);
    }
    tri_timers_forget(node, &dead);
    assert_int_equal(dead.timers_to_it, 0);
    assert_int_equal(node->timer_count, (TIMERS + 2) / 3);
    assert_int_equal(maker.timer_count, node->timer_count);
    assert_int_equal(cancel(2, &left_ms), TR_FIRED);
    for (size_t left = node->timer_count; left > 0; left--) {
        uint64_t number = node->timer_heap[0]->ref.number;
        assert_true(due_ms[number - 1] >= before_ms && (number - 1) % 3 == 0);
        before_ms = due_ms[number - 1];
        assert_int_equal(cancel(number, &left_ms), 0);
    }
    node->actors[2] = NULL;
}

static void a_cancelled_timer_cannot_be_cancelled_again(void **state)
{
    uint64_t left_ms;
    (void)state;
    assert_int_equal(start(7, 100), 0);
    assert_int_equal(cancel(7, &left_ms), 0);
    assert_int_equal(cancel(7, &left_ms), TR_FIRED);
    assert_int_equal(cancel(8, &left_ms), TR_FIRED);
}

static void one_actor_cannot_have_more_than_its_share(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < TR_TIMERS_MAX; i++)
        assert_int_equal(start(i + 1, 1000), 0);
    assert_int_equal(start(TR_TIMERS_MAX + 1, 1000), -EAGAIN);
    tri_timers_free(node);
    assert_int_equal(maker.timer_count, 0);
}

static void a_time_beyond_all_reason_is_never(void **state)
{
    (void)state;
    assert_int_equal(start(1, UINT64_MAX), 0);
    assert_true(tri_timer_next_ns(node) == TRI_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_next_one_is_always_the_earliest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_for_the_dead_goes_and_the_rest_stays_in_order,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_timer_cannot_be_cancelled_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_actor_cannot_have_more_than_its_share, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_time_beyond_all_reason_is_never, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
