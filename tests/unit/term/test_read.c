/* Reading by views: kinds, numbers in all encodings, iterators, keys. */

#include "unit/term/term_test.h"

static void each_term_has_its_kind(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tr_kind kind;
    } rows[] = {
        {"1", TR_KIND_INTEGER},
        {"18446744073709551615", TR_KIND_INTEGER},
        {"18446744073709551616", TR_KIND_BIGNUM},
        {"-9223372036854775808", TR_KIND_INTEGER},
        {"-9223372036854775809", TR_KIND_BIGNUM},
        {"1.0", TR_KIND_FLOAT},
        {"ok", TR_KIND_ATOM},
        {"<<>>", TR_KIND_BINARY},
        {"<<\"x\">>", TR_KIND_BINARY},
        {"<<1:3>>", TR_KIND_BITSTRING},
        {"[]", TR_KIND_LIST},
        {"\"ab\"", TR_KIND_LIST},
        {"[a|b]", TR_KIND_LIST},
        {"{}", TR_KIND_TUPLE},
        {"#{}", TR_KIND_MAP},
        {"<0.1.1>", TR_KIND_PID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tr_out out = {0};
        assert_int_equal(tr_kind_of(parse_into(&out, rows[i].text)), rows[i].kind);
        tr_out_deinit(&out);
    }
    assert_int_equal(tr_kind_of(TERM_OF("M\0\0\0\1\10x")), TR_KIND_BINARY);
    assert_int_equal(tr_kind_of(TERM_OF("qw\1mw\1fa\0")), TR_KIND_FUN);
}

static void an_integer_is_the_same_in_every_encoding(void **state)
{
    (void)state;
    const tr_term fives[] = {TERM_OF("a\5"), TERM_OF("b\0\0\0\5"), TERM_OF("n\1\0\5"),
                             TERM_OF("n\4\0\5\0\0\0"), TERM_OF("o\0\0\0\12\0\5\0\0\0\0\0\0\0\0\0")};
    for (size_t i = 0; i < sizeof fives / sizeof fives[0]; i++) {
        int64_t value;
        uint64_t natural;
        assert_true(tr_get_integer(fives[i], &value));
        assert_true(tr_get_unsigned(fives[i], &natural));
        assert_int_equal(value, 5);
        assert_int_equal(natural, 5);
        assert_int_equal(tr_kind_of(fives[i]), TR_KIND_INTEGER);
    }
}

static void a_number_that_does_not_fit_is_not_stored(void **state)
{
    (void)state;
    int64_t value = 42;
    uint64_t natural = 42;
    double real = 42;
    assert_false(tr_get_integer(TERM_OF("n\10\0\0\0\0\0\0\0\0\200"), &value));
    assert_false(tr_get_unsigned(TERM_OF("b\377\377\377\377"), &natural));
    assert_false(tr_get_unsigned(TERM_OF("n\11\0\0\0\0\0\0\0\0\0\1"), &natural));
    assert_false(tr_get_integer(TERM_OF("n\11\1\0\0\0\0\0\0\0\0\1"), &value));
    assert_false(tr_get_float(TERM_OF("a\1"), &real));
    assert_int_equal(value, 42);
    assert_int_equal(natural, 42);
    assert_true(real == 42);
    assert_true(tr_get_integer(TERM_OF("n\10\1\0\0\0\0\0\0\0\200"), &value));
    assert_true(value == INT64_MIN);
}

static void a_float_can_be_text(void **state)
{
    (void)state;
    double real;
    assert_true(tr_get_float(TERM_OF("c-1.50000000000000000000e+01\0\0\0\0"), &real));
    assert_true(real == -15);
}

static void true_and_false_are_booleans(void **state)
{
    (void)state;
    bool truth = false;
    assert_true(tr_get_bool(TERM_OF("d\0\4true"), &truth));
    assert_true(truth);
    assert_true(tr_get_bool(TERM_OF("w\5false"), &truth));
    assert_false(truth);
    assert_false(tr_get_bool(TERM_OF("w\5maybe"), &truth));
}

static void bits_of_the_last_byte_are_told(void **state)
{
    (void)state;
    tr_bin bytes;
    unsigned bits;
    assert_true(tr_get_bitstring(TERM_OF("M\0\0\0\2\3a\340"), &bytes, &bits));
    assert_int_equal(bytes.size_bytes, 2);
    assert_int_equal(bits, 3);
    assert_false(tr_get_binary(TERM_OF("M\0\0\0\2\3a\340"), &bytes));
    assert_true(tr_get_bitstring(TERM_OF("m\0\0\0\1a"), &bytes, &bits));
    assert_int_equal(bits, 8);
    assert_true(tr_get_bitstring(TERM_OF("m\0\0\0\0"), &bytes, &bits));
    assert_int_equal(bits, 0);
}

static long sum(struct tr_iter *iter)
{
    long total = 0;
    tr_term element;
    int64_t value;
    while (tr_next(iter, &element)) {
        assert_true(tr_get_integer(element, &value));
        total += value;
    }
    return total;
}

static void elements_are_read_in_their_order(void **state)
{
    (void)state;
    struct tr_out out = {0};
    struct tr_iter iter;
    assert_true(tr_get_tuple(parse_into(&out, "{1,20,300}"), &iter));
    assert_int_equal(iter.left, 3);
    assert_int_equal(sum(&iter), 321);
    tr_out_reset(&out);
    assert_true(tr_get_map(parse_into(&out, "#{1 => 2,3 => 4}"), &iter));
    assert_int_equal(iter.left, 4);
    assert_int_equal(sum(&iter), 10);
    assert_false(tr_get_list(tr_out_term(&out), &iter));
    tr_out_deinit(&out);
}

/* [1,2 | [3 | "\4\5"]]: three headers, one list. */
static const char stretches[] = "l\0\0\0\2a\1a\2l\0\0\0\1a\3k\0\2\4\5";

static void a_list_in_stretches_is_one_list(void **state)
{
    (void)state;
    struct tr_iter iter;
    assert_true(tr_get_list(TERM_OF(stretches), &iter));
    assert_int_equal(iter.left, 5);
    assert_int_equal(sum(&iter), 15);
    assert_prints(tr_tail(&iter), "[]");
}

static void the_tail_is_what_has_not_been_read(void **state)
{
    (void)state;
    static const char *const rests[] = {"[1,2,3,4,5]", "[2,3,4,5]", "[3,4,5]",
                                        "[4,5]",       "[5]",       "[]"};
    struct tr_iter iter;
    tr_term element;
    size_t i = 0;
    assert_true(tr_get_list(TERM_OF(stretches), &iter));
    do
        assert_prints(tr_tail(&iter), rests[i++]);
    while (tr_next(&iter, &element));
    assert_int_equal(i, 6);
    assert_true(tr_get_list(TERM_OF("l\0\0\0\1a\1w\1t"), &iter));
    tr_next(&iter, &element);
    assert_prints(tr_tail(&iter), "t");
}

static void keys_are_found_by_value(void **state)
{
    (void)state;
    struct tr_out map = {0}, key = {0};
    tr_term value;
    parse_into(&map, "#{a => 1,<<\"b\">> => 2,{c,\"de\"} => 3,1.0 => 4}");
    assert_true(tr_map_get_atom(tr_out_term(&map), "a", &value));
    assert_prints(value, "1");
    assert_true(tr_map_get(tr_out_term(&map), parse_into(&key, "{c,[$d,$e]}"), &value));
    assert_prints(value, "3");
    assert_false(tr_map_get(tr_out_term(&map), TERM_OF("a\1"), &value));
    assert_false(tr_map_get_atom(tr_out_term(&map), "b", &value));
    assert_false(tr_map_get_atom(tr_out_term(&key), "c", &value));
    tr_out_deinit(&map);
    tr_out_deinit(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_term_has_its_kind),
        cmocka_unit_test(an_integer_is_the_same_in_every_encoding),
        cmocka_unit_test(a_number_that_does_not_fit_is_not_stored),
        cmocka_unit_test(a_float_can_be_text),
        cmocka_unit_test(true_and_false_are_booleans),
        cmocka_unit_test(bits_of_the_last_byte_are_told),
        cmocka_unit_test(elements_are_read_in_their_order),
        cmocka_unit_test(a_list_in_stretches_is_one_list),
        cmocka_unit_test(the_tail_is_what_has_not_been_read),
        cmocka_unit_test(keys_are_found_by_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
