/* Callees: who is watched because it was called lately. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/callees.h"

static tr_pid callee(uint32_t slot) { return tr_pid_make(slot, 1); }

/* Fills the table: the monitor of callee(n) has the number 100 + n. */
static struct tri_callees full_table(void)
{
    struct tri_callees callees = {0};
    for (uint32_t slot = 0; slot < TRI_CALLEES; slot++)
        assert_int_equal(tri_callees_add(&callees, callee(slot), 100 + slot), 0);
    return callees;
}

static void who_was_added_is_watched(void **state)
{
    struct tri_callees callees = {0};
    (void)state;
    assert_false(tri_callees_use(&callees, callee(1)));
    assert_int_equal(tri_callees_add(&callees, callee(1), 7), 0);
    assert_true(tri_callees_use(&callees, callee(1)));
    assert_false(tri_callees_use(&callees, tr_pid_make(1, 2)));
}

static void who_has_ended_is_watched_no_more(void **state)
{
    struct tri_callees callees = full_table();
    (void)state;
    assert_true(tri_callees_remove(&callees, 105));
    assert_false(tri_callees_remove(&callees, 105));
    assert_false(tri_callees_use(&callees, callee(5)));
    for (uint32_t slot = 0; slot < TRI_CALLEES; slot++)
        assert_int_equal(tri_callees_use(&callees, callee(slot)), slot != 5);
}

static void other_monitors_are_none_of_ours(void **state)
{
    struct tri_callees callees = full_table();
    (void)state;
    assert_false(tri_callees_remove(&callees, 99));
    assert_int_equal(callees.count, TRI_CALLEES);
}

static void the_one_used_longest_ago_gives_way(void **state)
{
    struct tri_callees callees = full_table();
    (void)state;
    assert_true(tri_callees_use(&callees, callee(0)));
    assert_int_equal(tri_callees_add(&callees, callee(1000), 1100), 101);
    assert_int_equal(tri_callees_add(&callees, callee(1001), 1101), 102);
    assert_true(tri_callees_use(&callees, callee(0)));
    assert_false(tri_callees_use(&callees, callee(1)));
    assert_true(tri_callees_use(&callees, callee(1000)));
    assert_int_equal(callees.count, TRI_CALLEES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_added_is_watched),
        cmocka_unit_test(who_has_ended_is_watched_no_more),
        cmocka_unit_test(other_monitors_are_none_of_ours),
        cmocka_unit_test(the_one_used_longest_ago_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
