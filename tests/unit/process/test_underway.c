/* Under way: which receivers a message has to wait for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/underway.h"

static const tr_pid alice = {1ull << 32 | 1}, bob = {1ull << 32 | 2};

static void a_signal_is_under_way_until_its_own_answer(void **state)
{
    struct tri_underway underway = {0};
    (void)state;
    tri_underway_add(&underway, alice, 7);
    tri_underway_add(&underway, bob, 8);
    tri_underway_answer(&underway, 9);
    assert_true(tri_underway_has(&underway, alice));
    tri_underway_answer(&underway, 7);
    assert_false(tri_underway_has(&underway, alice));
    assert_true(tri_underway_has(&underway, bob));
}

static void so_many_fit_and_no_more(void **state)
{
    struct tri_underway underway = {0};
    (void)state;
    for (uint32_t i = 1; i <= TRI_UNDERWAY_MAX; i++) {
        assert_false(tri_underway_is_full(&underway));
        tri_underway_add(&underway, tr_pid_make(i, 1), i);
    }
    assert_true(tri_underway_is_full(&underway));
    for (uint32_t i = 1; i <= TRI_UNDERWAY_MAX; i++)
        tri_underway_answer(&underway, i);
    assert_int_equal(underway.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_is_under_way_until_its_own_answer),
        cmocka_unit_test(so_many_fit_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
