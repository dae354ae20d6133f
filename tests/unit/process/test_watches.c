/* Watches: which monitors and aliases are still good (SEMANTICS 14, 15, 17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "process/watches.h"

static void monitor(struct tri_watches *watches, uint64_t number, unsigned alias)
{
    struct tri_watch watch = {.number = number, .is_monitor = true, .alias = alias};
    assert_int_equal(tri_watches_add(watches, &watch), 0);
}

static void alias(struct tri_watches *watches, uint64_t number, unsigned how_long)
{
    struct tri_watch watch = {.number = number, .alias = how_long};
    assert_int_equal(tri_watches_add(watches, &watch), 0);
}

/* Whether a message to the alias is let in. */
static bool lets_in(struct tri_watches *watches, uint64_t number)
{
    bool ends_monitor;
    return tri_watches_accept(watches, number, &ends_monitor);
}

static void a_monitor_ends_once(void **state)
{
    struct tri_watches watches = {0};
    (void)state;
    monitor(&watches, 1, 0);
    monitor(&watches, 2, 0);
    assert_true(tri_watches_end_monitor(&watches, 1));
    assert_false(tri_watches_end_monitor(&watches, 1));
    assert_false(tri_watches_is_monitor(&watches, 1));
    assert_true(tri_watches_is_monitor(&watches, 2));
    tri_watches_deinit(&watches);
}

static void a_plain_monitor_is_no_alias(void **state)
{
    struct tri_watches watches = {0};
    (void)state;
    monitor(&watches, 1, 0);
    assert_false(lets_in(&watches, 1));
    assert_false(lets_in(&watches, 2));
    assert_true(tri_watches_is_monitor(&watches, 1));
    tri_watches_deinit(&watches);
}

static void an_alias_for_one_message_ends_with_it_and_ends_its_monitor(void **state)
{
    struct tri_watches watches = {0};
    bool ends_monitor = false;
    (void)state;
    monitor(&watches, 1, TR_ALIAS_REPLY);
    assert_true(tri_watches_accept(&watches, 1, &ends_monitor));
    assert_true(ends_monitor);
    assert_false(tri_watches_is_monitor(&watches, 1));
    assert_false(lets_in(&watches, 1));
    tri_watches_deinit(&watches);
}

static void an_alias_without_monitor_ends_none(void **state)
{
    struct tri_watches watches = {0};
    bool ends_monitor = true;
    (void)state;
    alias(&watches, 1, TR_ALIAS_REPLY);
    assert_true(tri_watches_accept(&watches, 1, &ends_monitor));
    assert_false(ends_monitor);
    assert_false(lets_in(&watches, 1));
    tri_watches_deinit(&watches);
}

static void the_end_of_the_monitor_ends_all_aliases_but_the_explicit_one(void **state)
{
    struct tri_watches watches = {0};
    (void)state;
    monitor(&watches, 1, TR_ALIAS);
    monitor(&watches, 2, TR_ALIAS_DEMONITOR);
    monitor(&watches, 3, TR_ALIAS_REPLY);
    for (uint64_t i = 1; i <= 3; i++)
        assert_true(tri_watches_end_monitor(&watches, i));
    assert_true(lets_in(&watches, 1));
    assert_false(lets_in(&watches, 2));
    assert_false(lets_in(&watches, 3));
    tri_watches_deinit(&watches);
}

static void an_explicit_alias_lives_until_unalias(void **state)
{
    struct tri_watches watches = {0};
    (void)state;
    alias(&watches, 1, TR_ALIAS);
    assert_true(lets_in(&watches, 1));
    assert_true(lets_in(&watches, 1));
    assert_true(tri_watches_end_alias(&watches, 1));
    assert_false(tri_watches_end_alias(&watches, 1));
    assert_false(lets_in(&watches, 1));
    assert_int_equal(watches.count, 0);
    tri_watches_deinit(&watches);
}

static void unalias_leaves_the_monitor(void **state)
{
    struct tri_watches watches = {0};
    (void)state;
    monitor(&watches, 1, TR_ALIAS_DEMONITOR);
    assert_true(tri_watches_end_alias(&watches, 1));
    assert_false(lets_in(&watches, 1));
    assert_true(tri_watches_end_monitor(&watches, 1));
    tri_watches_deinit(&watches);
}

static void thousands_of_watches_are_found_whatever_ends_between_them(void **state)
{
    struct tri_watches watches = {0};
    (void)state;
    for (uint64_t i = 1; i <= 3000; i++)
        monitor(&watches, i, 0);
    for (uint64_t i = 1; i <= 3000; i++)
        if (i % 3)
            assert_true(tri_watches_end_monitor(&watches, i));
    for (uint64_t i = 1; i <= 3000; i++)
        assert_int_equal(tri_watches_is_monitor(&watches, i), i % 3 == 0);
    tri_watches_deinit(&watches);
}

static void a_lost_node_takes_every_monitor_with_its_name(void **state)
{
    struct tri_watches watches = {0};
    struct tri_watch by_name = {.number = 2, .is_monitor = true, .name = (char *)"bank"}, lost;
    (void)state;
    alias(&watches, 1, TR_ALIAS);
    assert_int_equal(tri_watches_add(&watches, &by_name), 0);
    monitor(&watches, 3, TR_ALIAS);
    assert_true(tri_watches_take_monitor(&watches, &lost));
    assert_int_equal(lost.number, 2);
    assert_string_equal(lost.name, "bank");
    free(lost.name);
    assert_true(tri_watches_take_monitor(&watches, &lost));
    assert_int_equal(lost.number, 3);
    assert_null(lost.name);
    assert_false(tri_watches_take_monitor(&watches, &lost));
    assert_true(lets_in(&watches, 1));
    assert_true(lets_in(&watches, 3));
    tri_watches_deinit(&watches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_monitor_ends_once),
        cmocka_unit_test(a_plain_monitor_is_no_alias),
        cmocka_unit_test(an_alias_for_one_message_ends_with_it_and_ends_its_monitor),
        cmocka_unit_test(an_alias_without_monitor_ends_none),
        cmocka_unit_test(the_end_of_the_monitor_ends_all_aliases_but_the_explicit_one),
        cmocka_unit_test(an_explicit_alias_lives_until_unalias),
        cmocka_unit_test(unalias_leaves_the_monitor),
        cmocka_unit_test(thousands_of_watches_are_found_whatever_ends_between_them),
        cmocka_unit_test(a_lost_node_takes_every_monitor_with_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
