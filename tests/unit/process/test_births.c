/* Births: each answer finds its request once, in whatever order answers come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/births.h"

static void ask(struct tri_births *births, uint32_t request)
{
    const struct tri_birth birth = {.request = request, .ref = 1000 + request};
    assert_int_equal(tri_births_add(births, &birth), 0);
}

static void expect(struct tri_births *births, uint32_t request)
{
    struct tri_birth birth;
    assert_true(tri_births_take(births, request, &birth));
    assert_int_equal(birth.request, request);
    assert_int_equal(birth.ref, 1000 + request);
    assert_false(tri_births_take(births, request, &birth));
}

static void without_births_there_is_nothing_to_take(void **state)
{
    struct tri_births births = {0};
    struct tri_birth birth;
    (void)state;
    assert_false(tri_births_take(&births, 1, &birth));
    assert_false(tri_births_take_first(&births, &birth));
    tri_births_deinit(&births);
}

static void answers_are_found_in_any_order(void **state)
{
    static const uint32_t order[] = {1, 5, 2, 6, 4, 3};
    struct tri_births births = {0};
    (void)state;
    for (uint32_t i = 1; i <= 6; i++)
        ask(&births, i);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        expect(&births, order[i]);
    tri_births_deinit(&births);
}

static void the_oldest_is_taken_first(void **state)
{
    struct tri_births births = {0};
    struct tri_birth birth;
    (void)state;
    for (uint32_t i = 1; i <= 4; i++)
        ask(&births, i);
    expect(&births, 2);
    for (uint32_t i = 1; i <= 4; i++) {
        if (i == 2)
            continue;
        assert_true(tri_births_take_first(&births, &birth));
        assert_int_equal(birth.request, i);
    }
    assert_false(tri_births_take_first(&births, &birth));
    tri_births_deinit(&births);
}

/* What is asked for and answered for ever does not take more memory for ever. */
static void a_stream_of_births_stays_small(void **state)
{
    struct tri_births births = {0};
    (void)state;
    for (uint32_t i = 1; i <= 100000; i++) {
        ask(&births, i);
        if (i > 10)
            expect(&births, i - 10);
    }
    assert_in_range(births.capacity, 1, 64);
    tri_births_deinit(&births);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_births_there_is_nothing_to_take),
        cmocka_unit_test(answers_are_found_in_any_order),
        cmocka_unit_test(the_oldest_is_taken_first),
        cmocka_unit_test(a_stream_of_births_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
