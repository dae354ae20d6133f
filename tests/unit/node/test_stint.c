/* Stint: a worker is followed look by look, on a machine that is said to give it a processor or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "node/stint.h"

#define MS TRI_NS_PER_MS

/* A life in milliseconds; what the kernel has counted of it. */
struct life {
    struct tri_stint stint;
    uint64_t now, sign, ran, waited;
};

static struct tri_stint_length look(struct life *life)
{
    return tri_stint_look(&life->stint, life->now * MS, life->sign * MS, life->ran * MS,
                          life->waited * MS);
}

static void expect(struct tri_stint_length length, uint64_t certain_ms, uint64_t apparent_ms)
{
    assert_int_equal(length.certain_ns / MS, certain_ms);
    assert_int_equal(length.apparent_ns / MS, apparent_ms);
}

/* It has just given a sign of life, at a look. */
static struct life begin(void)
{
    struct life life = {.now = 1000, .sign = 1000, .ran = 70, .waited = 300};
    expect(look(&life), 0, 0);
    return life;
}

static void who_computes_all_the_time_is_at_it_until_the_look_before(void **state)
{
    struct life life = begin();
    (void)state;
    life.now += 50, life.ran += 50;
    expect(look(&life), 0, 50);
    life.now += 3, life.ran += 3;
    expect(look(&life), 50, 53);
}

static void a_wait_that_is_over_does_not_count(void **state)
{
    struct life life = begin();
    (void)state;
    life.now += 50, life.ran += 10, life.waited += 40;
    expect(look(&life), 0, 10);
    life.now += 40, life.ran += 40;
    expect(look(&life), 10, 50);
}

/* The kernel has not counted it yet: it looks as if it slept, and nothing is certain until it has run. */
static void a_wait_that_goes_on_is_never_certain(void **state)
{
    struct life life = begin();
    (void)state;
    for (uint64_t ms = 10; ms <= 100; ms += 10) {
        life.now += 10;
        expect(look(&life), 0, ms);
    }
    life.now += 10, life.ran += 1, life.waited += 109;
    expect(look(&life), 0, 1);
}

static void a_sign_of_life_begins_another(void **state)
{
    struct life life = begin();
    (void)state;
    life.now += 50, life.ran += 50;
    look(&life);
    life.now += 20, life.ran += 20, life.sign = life.now - 5;
    expect(look(&life), 0, 5);
    life.now += 10, life.ran += 10;
    expect(look(&life), 5, 15);
}

/* What it waited before the sign, and after the look before that, is taken for a wait since: in its favour, for once. */
static void a_wait_about_the_time_of_the_sign_is_excused(void **state)
{
    struct life life = begin();
    (void)state;
    life.now += 50, life.waited += 30, life.ran += 20, life.sign = life.now - 10;
    expect(look(&life), 0, 0);
    life.now += 40, life.ran += 40;
    expect(look(&life), 0, 20);
}

/* The first look knows nothing of the time before. */
static void what_was_waited_before_the_first_look_excuses_nothing(void **state)
{
    struct life life = {.now = 1000, .sign = 900, .ran = 70, .waited = 300};
    (void)state;
    expect(look(&life), 0, 100);
    life.now += 10, life.ran += 10;
    expect(look(&life), 100, 110);
}

static void where_the_kernel_tells_nothing_nothing_is_certain(void **state)
{
    struct life life = {.now = 1000, .sign = 1000};
    (void)state;
    look(&life);
    life.now += 500;
    expect(look(&life), 0, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_computes_all_the_time_is_at_it_until_the_look_before),
        cmocka_unit_test(a_wait_that_is_over_does_not_count),
        cmocka_unit_test(a_wait_that_goes_on_is_never_certain),
        cmocka_unit_test(a_sign_of_life_begins_another),
        cmocka_unit_test(a_wait_about_the_time_of_the_sign_is_excused),
        cmocka_unit_test(what_was_waited_before_the_first_look_excuses_nothing),
        cmocka_unit_test(where_the_kernel_tells_nothing_nothing_is_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
