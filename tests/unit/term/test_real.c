/* Floats as text: the shortest that comes back, in Erlang's notation, in any locale. */
#include <locale.h>
#include <math.h>

#include "term/real.h"
#include "unit/term/random_term.h"
#include "unit/term/term_test.h"

/* From float_to_list(F, [short]) of OTP 25. */
static const struct {
    double value;
    const char *text;
} rows[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {0.1, "0.1"},
    {0.001, "0.001"},
    {0.0001, "0.0001"},
    {0.00001, "1.0e-5"},
    {0.00012, "1.2e-4"},
    {100.0, "100.0"},
    {1000.0, "1.0e3"},
    {1200.0, "1.2e3"},
    {123456.0, "123456.0"},
    {12345670000.0, "1.234567e10"},
    {9007199254740991.0, "9007199254740991.0"},
    {9007199254740992.0, "9.007199254740992e15"},
    {1e22, "1.0e22"},
    {1e23, "1.0e23"},
    {5e-324, "5.0e-324"},
    {1.7976931348623157e308, "1.7976931348623157e308"},
    {5.684341886080802e-14, "5.684341886080802e-14"}, /* 2^-44: the nearest 16 digits miss it */
    {-100000.0, "-1.0e5"},
};

static void floats_are_printed_as_otp_25_prints_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[TRI_REAL_TEXT_BYTES];
        assert_int_equal(tri_real_print(rows[i].value, text), strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
    }
}

static void what_is_printed_comes_back(void **state)
{
    (void)state;
    struct random random = {5};
    for (int i = 0; i < 20000; i++) {
        char text[TRI_REAL_TEXT_BYTES];
        double value = random_float(&random), back;
        size_t length = tri_real_print(value, text);
        assert_true(tri_real_parse(text, length, &back));
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void only_erlangs_notation_is_a_float(void **state)
{
    (void)state;
    static const char *const texts[] = {"",     "1",       "1.",       ".5",    "1e5",  "1.0e",
                                        "1.0 ", " 1.0",    "0x1.0",    "inf",   "nan",  "1.0e5x",
                                        "1,5",  "1.0e400", "-1.0e400", "--1.0", "1.0e+"};
    double value = 42;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(tri_real_parse(texts[i], strlen(texts[i]), &value));
    assert_true(value == 42);
}

static void very_long_digits_are_read(void **state)
{
    (void)state;
    char text[3000];
    double value;
    memset(text, '0', sizeof text);
    text[2000] = '.';
    text[1999] = '7';
    assert_true(tri_real_parse(text, sizeof text, &value));
    assert_true(value == 7);
    text[0] = '1';
    assert_false(tri_real_parse(text, sizeof text, &value));
}

static void the_locale_does_not_matter(void **state)
{
    (void)state;
    char text[TRI_REAL_TEXT_BYTES];
    double value;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"};
    for (size_t i = 0; i < 3 && !setlocale(LC_ALL, names[i]); i++)
        ;
    tri_real_print(1.5, text);
    assert_string_equal(text, "1.5");
    assert_true(tri_real_parse("2.5", 3, &value));
    assert_true(value == 2.5);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_are_printed_as_otp_25_prints_them),
        cmocka_unit_test(what_is_printed_comes_back),
        cmocka_unit_test(only_erlangs_notation_is_a_float),
        cmocka_unit_test(very_long_digits_are_read),
        cmocka_unit_test(the_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
