/* Duration: what is a time, and how long it is. */
#include "config.h"
#include "config/duration.h"

static void a_time_is_a_number_and_a_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } times[] = {
        {"0ms", 0},
        {"250ms", 250},
        {"5s", 5000},
        {"0.5s", 500},
        {".25s", 250},
        {"1.s", 1000},
        {"2m", 120000},
        {"2min", 120000},
        {"1.5h", 5400000},
        {"0.0019s", 1},
        {"007s", 7000},
        {"0.99999999999999s", 999},
        {"9000000000s", 9000000000000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int64_t ms = -1;
        assert_true(config_duration_read(times[i].text, 0, &ms));
        assert_int_equal(ms, times[i].ms);
    }
}

static void a_number_alone_counts_what_the_caller_says(void **state)
{
    int64_t ms = -1;
    (void)state;
    assert_false(config_duration_read("5", 0, &ms));
    assert_int_equal(ms, -1);
    assert_true(config_duration_read("0.1", 1000, &ms));
    assert_int_equal(ms, 100);
}

static void what_is_no_time_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "s",
        ".",
        ".s",
        "-5s",
        "+5s",
        " 5s",
        "5 s",
        "5S",
        "5sec",
        "5d",
        "1,5s",
        "1.2.3s",
        "0x10",
        "1e3s",
        "infs",
        "nan",
        "soon",
        "5ss",
        "9223372036854775808ms",
        "9223372036854776s",
    };
    int64_t ms = -1;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (config_duration_read(texts[i], 1000, &ms))
            fail_msg("\"%s\" is %lld ms", texts[i], (long long)ms);
    assert_int_equal(ms, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_a_number_and_a_unit),
        cmocka_unit_test(a_number_alone_counts_what_the_caller_says),
        cmocka_unit_test(what_is_no_time_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
