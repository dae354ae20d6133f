/* tr_put: a pattern and its values become a term. */
#include "term/pattern.h"
#include "unit/term/term_test.h"

static void values_fill_the_holes_from_left_to_right(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_pid pid = tr_pid_make(3, 1);
    tr_bin bin = {"b", 1};
    tr_atom atom = {"it is", 5, false};
    signed char i8 = -8;
    short i16 = -16;
    unsigned char u8 = 8;
    float real = 0.5f;
    assert_int_equal(tr_put(&out, "{I8, I16, N, U8, U64, R, F, P, B, T, A}", i8, i16, 'c', u8,
                            UINT64_MAX, real, (bool)false, pid, bin, "text", atom),
                     0);
    assert_prints(tr_out_term(&out), "{-8,-16,99,8,18446744073709551615,0.5,false,<0.3.1>,"
                                     "<<\"b\">>,<<\"text\">>,'it is'}");
    tr_out_deinit(&out);
}

static void shapes_are_written_as_they_stand(void **state)
{
    (void)state;
    struct tr_out out = {0};
    assert_int_equal(tr_put(&out, "{[], {}, #{}, [a, [b | c]], #{k => [1, 2.5], \"x\" := 'Y z'}}"),
                     0);
    assert_prints(tr_out_term(&out), "{[],{},#{},[a,[b|c]],#{k => [1,2.5],<<\"x\">> => 'Y z'}}");
    tr_out_deinit(&out);
}

/* One list with one header, of that length, unless its tail is something else. */
static void put_with_tail(const char *tail_text, unsigned length, const char *expected)
{
    struct tr_out tail = {0}, out = {0};
    tr_term term = parse_into(&tail, tail_text), checked;
    assert_int_equal(tr_put(&out, "[1, two | T]", term), 0);
    assert_prints(tr_out_term(&out), expected);
    assert_int_equal(tr_check(out.data, out.size_bytes, NULL, &checked), 0);
    assert_int_equal(out.data[0], 'l');
    assert_int_equal(out.data[4], length);
    tr_out_deinit(&tail);
    tr_out_deinit(&out);
}

static void a_list_put_as_a_tail_becomes_one_list(void **state)
{
    (void)state;
    put_with_tail("[]", 2, "[1,two]");
    put_with_tail("[3]", 3, "[1,two,3]");
    put_with_tail("[3,4]", 4, "[1,two,3,4]");
    put_with_tail("\"\\1\\2\"", 4, "[1,two,1,2]");
    put_with_tail("x", 2, "[1,two|x]");
    put_with_tail("[3|x]", 3, "[1,two,3|x]");
}

static void the_rest_of_a_list_can_be_put_as_a_tail(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_term rest;
    assert_int_equal(tr_match(TERM_OF("k\0\3\1\2\3"), "[_ | T]", &rest), 0);
    assert_int_equal(tr_put(&out, "[0 | T]", rest), 0);
    assert_wrote(&out, "l\0\0\0\3a\0a\2a\3j");
    tr_out_deinit(&out);
}

static void keys_can_be_holes(void **state)
{
    (void)state;
    struct tr_out out = {0};
    assert_int_equal(tr_put(&out, "#{K => V, k => #{K => 1}}", "key", 2, 3), 0);
    assert_prints(tr_out_term(&out), "#{<<\"key\">> => 2,k => #{3 => 1}}");
    tr_out_deinit(&out);
}

static int put_number(struct tr_out *out, int n) { return tr_put(out, "{n, N}", n); }

static void a_pattern_is_parsed_once_per_place(void **state)
{
    (void)state;
    struct tr_out out = {0};
    struct tri_pattern *cache = NULL, *first;
    struct tr_holes none = {NULL, 0};
    assert_int_equal(tri_put(&out, &cache, "{a}", none), 0);
    first = cache;
    assert_non_null(first);
    assert_int_equal(tri_put(&out, &cache, "the text is not looked at again", none), 0);
    assert_ptr_equal(cache, first);
    tri_pattern_free(cache);
    tr_out_reset(&out);
    for (int i = 0; i < 3; i++)
        assert_int_equal(put_number(&out, i), 0);
    assert_wrote(&out, "h\2w\1na\0h\2w\1na\1h\2w\1na\2");
    tr_out_deinit(&out);
}

static void put_without_value(void)
{
    struct tr_out out = {0};
    tr_put(&out, "{add, N}");
}

static void put_pointer(void)
{
    struct tr_out out = {0};
    long n = 1;
    tr_put(&out, "{add, M, N}", 1, &n);
}

static void put_anything(void)
{
    struct tr_out out = {0};
    tr_put(&out, "{add, _}");
}

static void what_cannot_be_written_is_a_bug(void **state)
{
    (void)state;
    assert_panics(put_without_value, "troupe: pattern \"{add, N}\": 1 hole, 0 arguments\n");
    assert_panics(put_pointer,
                  "troupe: pattern \"{add, M, N}\": argument 2 is a pointer, it cannot "
                  "be written\n");
    assert_panics(put_anything,
                  "troupe: pattern \"{add, _}\": _ matches anything, it cannot be written\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_fill_the_holes_from_left_to_right),
        cmocka_unit_test(shapes_are_written_as_they_stand),
        cmocka_unit_test(a_list_put_as_a_tail_becomes_one_list),
        cmocka_unit_test(the_rest_of_a_list_can_be_put_as_a_tail),
        cmocka_unit_test(keys_can_be_holes),
        cmocka_unit_test(a_pattern_is_parsed_once_per_place),
        cmocka_unit_test(what_cannot_be_written_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
