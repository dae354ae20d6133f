/* The bytes that writing makes, taken from erlang:term_to_binary/1 of OTP 26. */
#include <math.h>

#include "unit/term/term_test.h"

static void integers_take_the_smallest_form(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *bytes;
        size_t size;
    } rows[] = {
        {0, "a\0", 2},
        {255, "a\377", 2},
        {256, "b\0\0\1\0", 5},
        {-1, "b\377\377\377\377", 5},
        {INT32_MAX, "b\177\377\377\377", 5},
        {INT32_MIN, "b\200\0\0\0", 5},
        {(int64_t)INT32_MAX + 1, "n\4\0\0\0\0\200", 7},
        {(int64_t)INT32_MIN - 1, "n\4\1\1\0\0\200", 7},
        {INT64_MAX, "n\10\0\377\377\377\377\377\377\377\177", 11},
        {INT64_MIN, "n\10\1\0\0\0\0\0\0\0\200", 11},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tr_out out = {0};
        tr_put_integer(&out, rows[i].value);
        assert_bytes(&out, rows[i].bytes, rows[i].size);
        tr_out_deinit(&out);
    }
}

static void unsigned_integers_reach_to_2_to_the_64(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_put_unsigned(&out, UINT64_MAX);
    assert_wrote(&out, "n\10\0\377\377\377\377\377\377\377\377");
    tr_out_reset(&out);
    tr_put_unsigned(&out, 7);
    assert_wrote(&out, "a\7");
    tr_out_deinit(&out);
}

static void scalars_have_their_golden_bytes(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_put_float(&out, 1.5);
    tr_put_bool(&out, true);
    tr_put_bool(&out, false);
    tr_put_atom(&out, "ok");
    tr_put_text(&out, "hi");
    tr_put_binary(&out, NULL, 0);
    tr_put_nil(&out);
    assert_wrote(&out, "F\77\370\0\0\0\0\0\0"
                       "w\4true"
                       "w\5false"
                       "w\2ok"
                       "m\0\0\0\2hi"
                       "m\0\0\0\0"
                       "j");
    tr_out_deinit(&out);
}

static void headers_count_what_follows(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_put_tuple_of(&out, 255);
    tr_put_tuple_of(&out, 256);
    tr_put_list_of(&out, 3);
    tr_put_list_of(&out, 0);
    tr_put_map_of(&out, 0);
    assert_wrote(&out, "h\377"
                       "i\0\0\1\0"
                       "l\0\0\0\3"
                       "t\0\0\0\0");
    tr_out_deinit(&out);
}

static void the_rest_of_a_list_gets_a_header(void **state)
{
    (void)state;
    struct tr_out list = {0}, out = {0};
    tr_term rest;
    parse_into(&list, "[a,b,c]");
    assert_int_equal(tr_match(tr_out_term(&list), "[a | T]", &rest), 0);
    tr_put_term(&out, rest);
    assert_wrote(&out, "l\0\0\0\2w\1bw\1cj");
    assert_int_equal(tr_match(TERM_OF("k\0\3xyz"), "[_ | T]", &rest), 0);
    assert_int_equal(tr_out_copy(&out, rest), 0);
    assert_prints(tr_out_term(&out), "\"yz\"");
    tr_out_deinit(&list);
    tr_out_deinit(&out);
}

static void put_infinity(void)
{
    struct tr_out out = {0};
    tr_put_float(&out, INFINITY);
}

static void put_nothing(void)
{
    struct tr_out out = {0};
    tr_put_term(&out, (tr_term){NULL, 0});
}

static void what_erlang_does_not_have_is_a_bug(void **state)
{
    (void)state;
    assert_panics(put_infinity, "troupe: tr_put_float: inf is not a number that Erlang has\n");
    assert_panics(put_nothing, "troupe: tr_put_term: a view of nothing\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_take_the_smallest_form),
        cmocka_unit_test(unsigned_integers_reach_to_2_to_the_64),
        cmocka_unit_test(scalars_have_their_golden_bytes),
        cmocka_unit_test(headers_count_what_follows),
        cmocka_unit_test(the_rest_of_a_list_gets_a_header),
        cmocka_unit_test(what_erlang_does_not_have_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
