/* Size: what is a number of bytes, and how many. */
#include "config.h"
#include "config/size.h"

static void a_size_is_a_number_and_a_unit(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } sizes[] = {
        {"0", 0},
        {"65536", 65536},
        {"10B", 10},
        {"64k", 65536},
        {"64K", 65536},
        {"64KiB", 65536},
        {"256M", 268435456},
        {"256MB", 268435456},
        {"2G", 2147483648},
        {"1T", 1099511627776},
        {"007k", 7168},
        {"18446744073709551615", UINT64_MAX},
        {"16777215T", UINT64_C(16777215) << 40},
    };
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t bytes = 1;
        assert_true(config_size_read(sizes[i].text, &bytes));
        assert_int_equal(bytes, sizes[i].bytes);
    }
}

static void anything_else_is_none(void **state)
{
    static const char *const others[] = {
        "",          "M",   "-1", "+1",   " 1",  "1 M",   "1.5G",
        "1MM",       "1Mi", "1m", "0x10", "1e3", "1MBit", "18446744073709551616",
        "16777216T",
    };
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        uint64_t bytes = 1;
        assert_false(config_size_read(others[i], &bytes));
        assert_int_equal(bytes, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_is_a_number_and_a_unit),
        cmocka_unit_test(anything_else_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
