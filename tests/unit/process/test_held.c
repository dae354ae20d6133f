/* Held signals: a signal waits for the messages that were sent before it, and for nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/held.h"

static const tr_pid alice = {1ull << 32 | 1}, bob = {1ull << 32 | 2};

/* What has been taken in from each. */
struct intake {
    uint64_t from_alice, from_bob;
};

static uint64_t last_taken(tr_pid from, void *context)
{
    const struct intake *intake = context;
    return tr_pid_equal(from, alice) ? intake->from_alice : intake->from_bob;
}

static void hold(struct tri_held *held, tr_pid from, uint64_t number, bool is_link, long reason)
{
    struct tr_out out = {0};
    tr_put_integer(&out, reason);
    assert_int_equal(tri_held_add(held, from, number, is_link, tr_out_term(&out)), 0);
    tr_out_deinit(&out);
}

/* The reason of the signal that is let in, or -1. */
static long let_in(struct tri_held *held, struct intake intake)
{
    int64_t reason = -1;
    struct tri_held_signal *signal = tri_held_take(held, last_taken, &intake);
    if (signal)
        assert_true(tr_get_integer(tr_out_term(&signal->reason), &reason));
    tri_held_signal_free(signal);
    return (long)reason;
}

static bool only_alice_is_dead(tr_pid pid, void *context)
{
    (void)context;
    return tr_pid_equal(pid, alice);
}

static void a_signal_that_waits_for_nothing_is_let_in_at_once(void **state)
{
    struct tri_held held = {0};
    (void)state;
    hold(&held, alice, 0, false, 7);
    assert_int_equal(let_in(&held, (struct intake){0}), 7);
    assert_true(tri_held_is_empty(&held));
    tri_held_deinit(&held);
}

static void a_signal_waits_for_its_senders_last_message(void **state)
{
    struct tri_held held = {0};
    (void)state;
    hold(&held, alice, 3, false, 7);
    assert_int_equal(let_in(&held, (struct intake){.from_alice = 2, .from_bob = 9}), -1);
    assert_int_equal(let_in(&held, (struct intake){.from_alice = 3}), 7);
    tri_held_deinit(&held);
}

static void signals_of_one_sender_do_not_overtake_each_other(void **state)
{
    struct tri_held held = {0};
    (void)state;
    hold(&held, alice, 5, false, 1);
    hold(&held, alice, 0, true, 2);
    assert_int_equal(let_in(&held, (struct intake){.from_alice = 4}), -1);
    assert_int_equal(let_in(&held, (struct intake){.from_alice = 5}), 1);
    assert_int_equal(let_in(&held, (struct intake){.from_alice = 5}), 2);
    tri_held_deinit(&held);
}

static void a_slow_sender_holds_back_nobody_elses_signals(void **state)
{
    struct tri_held held = {0};
    (void)state;
    hold(&held, alice, 5, false, 1);
    hold(&held, bob, 1, false, 2);
    assert_int_equal(let_in(&held, (struct intake){.from_bob = 1}), 2);
    assert_int_equal(let_in(&held, (struct intake){.from_bob = 1}), -1);
    tri_held_deinit(&held);
}

static void an_unlink_drops_what_came_through_the_link_and_no_other_signal(void **state)
{
    struct tri_held held = {0};
    (void)state;
    hold(&held, alice, 5, true, 1);
    hold(&held, bob, 5, true, 2);
    hold(&held, alice, 5, false, 3);
    hold(&held, alice, 5, true, 4);
    tri_held_drop_links(&held, alice);
    hold(&held, bob, 5, false, 5);
    struct intake all = {9, 9};
    assert_int_equal(let_in(&held, all), 2);
    assert_int_equal(let_in(&held, all), 3);
    assert_int_equal(let_in(&held, all), 5);
    assert_true(tri_held_is_empty(&held));
    tri_held_deinit(&held);
}

static void a_sender_that_is_gone_is_waited_for_no_longer(void **state)
{
    struct tri_held held = {0};
    (void)state;
    hold(&held, alice, 5, false, 1);
    hold(&held, bob, 5, false, 2);
    tri_held_stop_waiting(&held, bob);
    assert_int_equal(let_in(&held, (struct intake){0}), 2);
    assert_int_equal(let_in(&held, (struct intake){0}), -1);
    tri_held_deinit(&held);
}

static void an_orphaned_signal_waits_until_a_whole_round_of_intake_is_over(void **state)
{
    struct tri_held held = {0};
    (void)state;
    hold(&held, alice, 5, false, 1);
    hold(&held, bob, 5, false, 2);
    tri_held_stop_waiting_orphans(&held);
    assert_int_equal(let_in(&held, (struct intake){0}), -1);
    tri_held_mark_orphans(&held, only_alice_is_dead, NULL);
    assert_int_equal(let_in(&held, (struct intake){0}), -1);
    tri_held_stop_waiting_orphans(&held);
    assert_int_equal(let_in(&held, (struct intake){0}), 1);
    assert_int_equal(let_in(&held, (struct intake){0}), -1);
    tri_held_deinit(&held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_that_waits_for_nothing_is_let_in_at_once),
        cmocka_unit_test(a_signal_waits_for_its_senders_last_message),
        cmocka_unit_test(signals_of_one_sender_do_not_overtake_each_other),
        cmocka_unit_test(a_slow_sender_holds_back_nobody_elses_signals),
        cmocka_unit_test(an_unlink_drops_what_came_through_the_link_and_no_other_signal),
        cmocka_unit_test(a_sender_that_is_gone_is_waited_for_no_longer),
        cmocka_unit_test(an_orphaned_signal_waits_until_a_whole_round_of_intake_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
