/* UTF-8: every character there and back, and nothing else. */
#include "term/utf8.h"
#include "unit/term/term_test.h"

static void every_character_comes_back(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        uint8_t bytes[TRI_UTF8_MAX_BYTES];
        uint32_t back = UINT32_MAX;
        unsigned size = tri_utf8_encode(c, bytes);
        bool is_character = tri_utf8_is_character(c);
        if (tri_utf8_decode(bytes, bytes + size, &back) != (is_character ? size : 0))
            fail_msg("U+%X", c);
        if (is_character && back != c)
            fail_msg("U+%X came back as U+%X", c, back);
        if (tri_utf8_decode(bytes, bytes + size - 1, &back) != 0)
            fail_msg("U+%X without its last byte", c);
    }
}

static void what_unicode_forbids_is_no_character(void **state)
{
    (void)state;
    static const char *const texts[] = {"\200",
                                        "\300\200",
                                        "\301\277",
                                        "\340\200\200",
                                        "\355\240\200",
                                        "\360\200\200\200",
                                        "\364\220\200\200",
                                        "\370\210\200\200\200",
                                        "\377",
                                        "\303(",
                                        "\342\202("};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint32_t c;
        const uint8_t *at = (const uint8_t *)texts[i];
        assert_int_equal(tri_utf8_decode(at, at + strlen(texts[i]), &c), 0);
    }
}

static void characters_are_counted(void **state)
{
    (void)state;
    size_t count = 42;
    assert_true(tri_utf8_count((const uint8_t *)"aλ😀", 7, &count));
    assert_int_equal(count, 3);
    assert_true(tri_utf8_count((const uint8_t *)"", 0, &count));
    assert_int_equal(count, 0);
    assert_false(tri_utf8_count((const uint8_t *)"a\377", 2, &count));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_comes_back),
        cmocka_unit_test(what_unicode_forbids_is_no_character),
        cmocka_unit_test(characters_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
