/* The table "Receiving exit(P, R)" of SEMANTICS.md, cell by cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/exit_policy.h"

static void effect_is(enum tri_exit_origin origin, enum tri_exit_reason reason,
                      enum tri_exit_effect not_trapping, enum tri_exit_effect trapping)
{
    assert_int_equal(tri_exit_effect(origin, reason, false), not_trapping);
    assert_int_equal(tri_exit_effect(origin, reason, true), trapping);
}

static void normal_from_another_is_dropped_or_a_message(void **state)
{
    (void)state;
    effect_is(TRI_EXIT_BY_OTHER, TRI_REASON_NORMAL, TRI_EXIT_DROPPED, TRI_EXIT_MESSAGE);
    effect_is(TRI_EXIT_BY_LINK, TRI_REASON_NORMAL, TRI_EXIT_DROPPED, TRI_EXIT_MESSAGE);
}

static void normal_from_itself_ends_it_or_is_a_message(void **state)
{
    (void)state;
    effect_is(TRI_EXIT_BY_SELF, TRI_REASON_NORMAL, TRI_EXIT_DIES, TRI_EXIT_MESSAGE);
}

static void kill_by_exit_cannot_be_trapped_and_becomes_killed(void **state)
{
    (void)state;
    effect_is(TRI_EXIT_BY_OTHER, TRI_REASON_KILL, TRI_EXIT_KILLED, TRI_EXIT_KILLED);
    effect_is(TRI_EXIT_BY_SELF, TRI_REASON_KILL, TRI_EXIT_KILLED, TRI_EXIT_KILLED);
}

static void kill_through_a_link_is_a_reason_like_any_other(void **state)
{
    (void)state;
    effect_is(TRI_EXIT_BY_LINK, TRI_REASON_KILL, TRI_EXIT_DIES, TRI_EXIT_MESSAGE);
}

static void any_other_reason_ends_it_or_is_a_message(void **state)
{
    (void)state;
    effect_is(TRI_EXIT_BY_OTHER, TRI_REASON_OTHER, TRI_EXIT_DIES, TRI_EXIT_MESSAGE);
    effect_is(TRI_EXIT_BY_LINK, TRI_REASON_OTHER, TRI_EXIT_DIES, TRI_EXIT_MESSAGE);
    effect_is(TRI_EXIT_BY_SELF, TRI_REASON_OTHER, TRI_EXIT_DIES, TRI_EXIT_MESSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_from_another_is_dropped_or_a_message),
        cmocka_unit_test(normal_from_itself_ends_it_or_is_a_message),
        cmocka_unit_test(kill_by_exit_cannot_be_trapped_and_becomes_killed),
        cmocka_unit_test(kill_through_a_link_is_a_reason_like_any_other),
        cmocka_unit_test(any_other_reason_ends_it_or_is_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
