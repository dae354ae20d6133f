/* Matching with typed holes: what fits is stored, what does not leaves everything as it was. */
#include "unit/term/term_test.h"

static struct tr_out message;

static tr_term term_of(const char *text)
{
    tr_out_reset(&message);
    return parse_into(&message, text);
}

static int free_message(void **state)
{
    (void)state;
    tr_out_deinit(&message);
    return 0;
}

static void holes_take_what_has_their_type(void **state)
{
    (void)state;
    long n;
    double real;
    bool flag;
    tr_pid pid;
    tr_atom atom;
    tr_bin bin;
    tr_term any;
    assert_int_equal(tr_match(term_of("{-7,1.5,true,<0.3.1>,ok,<<\"bin\">>,[x]}"),
                              "{N, R, F, P, A, B, T}", &n, &real, &flag, &pid, &atom, &bin, &any),
                     0);
    assert_int_equal(n, -7);
    assert_true(real == 1.5);
    assert_true(flag);
    assert_true(tr_pid_equal(pid, tr_pid_make(3, 1)));
    assert_true(tr_atom_is(atom, "ok"));
    assert_int_equal(bin.size_bytes, 3);
    assert_memory_equal(bin.data, "bin", 3);
    assert_prints(any, "[x]");
}

static void a_hole_of_another_type_does_not_match(void **state)
{
    (void)state;
    long n;
    double real;
    bool flag;
    tr_pid pid;
    tr_ref ref;
    tr_atom atom;
    tr_bin bin;
    assert_int_equal(tr_match(term_of("1.0"), "N", &n), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("1"), "R", &real), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("ok"), "F", &flag), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("1"), "P", &pid), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("<0.3.1>"), "R", &ref), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("<<\"a\">>"), "A", &atom), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("a"), "B", &bin), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("<<1:3>>"), "B", &bin), TR_NO_MATCH);
}

static void an_integer_must_fit_its_hole(void **state)
{
    (void)state;
    signed char i8;
    short i16;
    int i32;
    long long i64;
    unsigned char u8;
    unsigned short u16;
    unsigned u32;
    unsigned long long u64;
    assert_int_equal(tr_match(term_of("-128"), "N", &i8), 0);
    assert_int_equal(i8, -128);
    assert_int_equal(tr_match(term_of("128"), "N", &i8), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("-32768"), "N", &i16), 0);
    assert_int_equal(i16, -32768);
    assert_int_equal(tr_match(term_of("32768"), "N", &i16), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("-2147483648"), "N", &i32), 0);
    assert_int_equal(i32, INT32_MIN);
    assert_int_equal(tr_match(term_of("2147483648"), "N", &i32), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("9223372036854775807"), "N", &i64), 0);
    assert_true(i64 == INT64_MAX);
    assert_int_equal(tr_match(term_of("9223372036854775808"), "N", &i64), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("255"), "N", &u8), 0);
    assert_int_equal(u8, 255);
    assert_int_equal(tr_match(term_of("256"), "N", &u8), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("65535"), "N", &u16), 0);
    assert_int_equal(tr_match(term_of("65536"), "N", &u16), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("4294967295"), "N", &u32), 0);
    assert_int_equal(u32, UINT32_MAX);
    assert_int_equal(tr_match(term_of("4294967296"), "N", &u32), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("18446744073709551615"), "N", &u64), 0);
    assert_true(u64 == UINT64_MAX);
    assert_int_equal(tr_match(term_of("-1"), "N", &u64), TR_NO_MATCH);
}

static void values_must_be_equal(void **state)
{
    (void)state;
    struct tr_out expected = {0};
    bool yes = true;
    tr_pid pid = tr_pid_make(3, 1);
    tr_bin bin = {"bin", 3};
    tr_atom atom = {"ok", 2, false};
    tr_term list = parse_into(&expected, "[1,2]");
    tr_term term = term_of("{-7,7,1.5,true,<0.3.1>,ok,<<\"bin\">>,<<\"bin\">>,[1,2]}");
#define MATCH(...) tr_match(term, "{N, U, R, F, P, A, B, Text, T}", __VA_ARGS__)
    assert_int_equal(MATCH(-7, 7u, 1.5, yes, pid, atom, bin, "bin", list), 0);
    assert_int_equal(MATCH(-8, 7u, 1.5, yes, pid, atom, bin, "bin", list), TR_NO_MATCH);
    assert_int_equal(MATCH(-7, 8u, 1.5, yes, pid, atom, bin, "bin", list), TR_NO_MATCH);
    assert_int_equal(MATCH(-7, 7u, 1.0, yes, pid, atom, bin, "bin", list), TR_NO_MATCH);
    assert_int_equal(MATCH(-7, 7u, 1.5, (bool)false, pid, atom, bin, "bin", list), TR_NO_MATCH);
    assert_int_equal(MATCH(-7, 7u, 1.5, yes, TR_NO_PID, atom, bin, "bin", list), TR_NO_MATCH);
    bin.size_bytes = 2;
    assert_int_equal(MATCH(-7, 7u, 1.5, yes, pid, atom, bin, "bin", list), TR_NO_MATCH);
    bin.size_bytes = 3;
    assert_int_equal(MATCH(-7, 7u, 1.5, yes, pid, atom, bin, "bin?", list), TR_NO_MATCH);
    assert_int_equal(MATCH(-7, 7u, 1.5, yes, pid, atom, bin, "bin", term), TR_NO_MATCH);
    atom.length_bytes = 1;
    assert_int_equal(MATCH(-7, 7u, 1.5, yes, pid, atom, bin, "bin", list), TR_NO_MATCH);
#undef MATCH
    tr_out_deinit(&expected);
}

static void nothing_is_stored_unless_all_matches(void **state)
{
    (void)state;
    long a = 42, b = 43;
    assert_int_equal(tr_match(term_of("{1,2,wrong}"), "{A, B, right}", &a, &b), TR_NO_MATCH);
    assert_int_equal(a, 42);
    assert_int_equal(b, 43);
}

static void constants_match_in_every_encoding(void **state)
{
    (void)state;
    assert_int_equal(tr_match(TERM_OF("s\2ok"), "ok"), 0);
    assert_int_equal(tr_match(TERM_OF("d\0\2ok"), "ok"), 0);
    assert_int_equal(tr_match(TERM_OF("v\0\2ok"), "ok"), 0);
    assert_int_equal(tr_match(TERM_OF("v\0\2on"), "ok"), TR_NO_MATCH);
    assert_int_equal(tr_match(TERM_OF("n\1\0\5"), "5"), 0);
    assert_int_equal(tr_match(TERM_OF("b\0\0\0\5"), "5"), 0);
    assert_int_equal(tr_match(TERM_OF("b\377\377\377\373"), "-5"), 0);
    assert_int_equal(tr_match(TERM_OF("c1.50000000000000000000e+00\0\0\0\0\0"), "1.5"), 0);
    assert_int_equal(tr_match(TERM_OF("k\0\0"), "[]"), 0);
    assert_int_equal(tr_match(TERM_OF("m\0\0\0\2hi"), "\"hi\""), 0);
    assert_int_equal(tr_match(TERM_OF("m\0\0\0\2hi"), "<<\"hi\">>"), 0);
    assert_int_equal(tr_match(TERM_OF("k\0\2hi"), "\"hi\""), TR_NO_MATCH);
    assert_int_equal(tr_match(TERM_OF("i\0\0\0\1a\5"), "{5}"), 0);
    assert_int_equal(tr_match(TERM_OF("h\1a\5"), "{5,_}"), TR_NO_MATCH);
}

static void a_string_is_a_list_of_integers(void **state)
{
    (void)state;
    int a, b;
    tr_term rest;
    assert_int_equal(tr_match(TERM_OF("k\0\2hi"), "[A, B]", &a, &b), 0);
    assert_int_equal(a, 'h');
    assert_int_equal(b, 'i');
    assert_int_equal(tr_match(TERM_OF("h\2k\0\3xyzw\1a"), "{[120 | T], a}", &rest), 0);
    assert_prints(rest, "\"yz\"");
    assert_int_equal(tr_match(TERM_OF("h\2k\0\3xyzw\1a"), "{[_, _, _ | T], a}", &rest), 0);
    assert_prints(rest, "[]");
    assert_int_equal(tr_match(TERM_OF("h\2k\0\3xyzw\1a"), "{[_ | _], a}"), 0);
    assert_int_equal(tr_match(TERM_OF("k\0\2hi"), "[_]"), TR_NO_MATCH);
    assert_int_equal(tr_match(TERM_OF("k\0\2hi"), "[_, _, _]"), TR_NO_MATCH);
}

static void lists_match_to_their_tail(void **state)
{
    (void)state;
    long n;
    tr_term rest;
    assert_int_equal(tr_match(term_of("{[1,{2},[3]],z}"), "{[N | T], z}", &n, &rest), 0);
    assert_int_equal(n, 1);
    assert_prints(rest, "[{2},[3]]");
    assert_int_equal(tr_match(term_of("{[1,2|t],z}"), "{[_, _ | t], z}"), 0);
    assert_int_equal(tr_match(term_of("{[1,2|t],z}"), "{[_ | t], z}"), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("{[1,2|t],z}"), "{[_, _], z}"), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("{[1,2|{t,3}],z}"), "{[_, _ | {t, N}], z}", &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(tr_match(term_of("[1,2|7]"), "[_, _ | N]", &n), 0);
    assert_int_equal(n, 7);
    assert_int_equal(tr_match(term_of("[1,2]"), "[_ | N]", &n), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("[1,2,3]"), "[1 | [2 | [3 | []]]]"), 0);
    assert_int_equal(tr_match(term_of("[[a,b],[c|d]]"), "[[_, b], [c | X]]", &rest), 0);
    assert_prints(rest, "d");
}

static void a_list_is_taken_apart_by_its_head(void **state)
{
    (void)state;
    static const char stretches[] = "l\0\0\0\2a\1a\2l\0\0\0\1a\3k\0\2\4\5";
    long sum = 0, n;
    tr_term rest = TERM_OF(stretches);
    while (tr_match(rest, "[N | T]", &n, &rest) == 0)
        sum = 10 * sum + n;
    assert_int_equal(sum, 12345);
    assert_int_equal(tr_match(rest, "[]"), 0);
}

static void the_rest_of_a_list_is_a_term_like_others(void **state)
{
    (void)state;
    struct tr_out expected = {0};
    tr_term rest, again;
    long n;
    struct tr_iter iter;
    assert_int_equal(tr_match(term_of("[1,2,3|x]"), "[1 | T]", &rest), 0);
    assert_int_equal(tr_kind_of(rest), TR_KIND_LIST);
    assert_true(tr_equal(rest, parse_into(&expected, "[2,3|x]")));
    assert_true(tr_get_list(rest, &iter));
    assert_int_equal(iter.left, 2);
    assert_int_equal(tr_match(rest, "T", &again), 0);
    assert_int_equal(tr_match(rest, "_"), 0);
    assert_int_equal(tr_match(rest, "T", again), 0);
    assert_int_equal(tr_match(rest, "{}"), TR_NO_MATCH);
    assert_int_equal(tr_match(rest, "[]"), TR_NO_MATCH);
    assert_int_equal(tr_match(rest, "N", &n), TR_NO_MATCH);
    assert_int_equal(tr_match(rest, "#{}"), TR_NO_MATCH);
    assert_int_equal(tr_match(rest, "[2, N | x]", &n), 0);
    assert_int_equal(n, 3);
    tr_out_deinit(&expected);
}

static void maps_match_by_some_of_their_keys(void **state)
{
    (void)state;
    tr_term term = term_of("{#{name => <<\"n\">>,{k,1} => x,2 => #{a => [1,2]},\"s\" => y},z}");
    tr_term any, key;
    struct tr_out key_out = {0};
    long n;
    assert_int_equal(tr_match(term, "{#{}, z}"), 0);
    assert_int_equal(tr_match(term, "{#{2 := #{a => [_, N]}, name => \"n\"}, z}", &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(tr_match(term, "{#{other => _}, z}"), TR_NO_MATCH);
    assert_int_equal(tr_match(term, "{#{name => \"m\"}, z}"), TR_NO_MATCH);
    assert_int_equal(tr_match(term, "{#{K => V}, A}", 2, &any, &key), 0);
    assert_prints(any, "#{a => [1,2]}");
    assert_prints(key, "z");
    key = parse_into(&key_out, "{k,1}");
    assert_int_equal(tr_match(term, "{#{K => x}, z}", key), 0);
    assert_int_equal(tr_match(term, "{#{K => x}, z}", 3), TR_NO_MATCH);
    assert_int_equal(tr_match(term_of("{}"), "#{}"), TR_NO_MATCH);
    tr_out_deinit(&key_out);
}

static void underscores_match_without_an_argument(void **state)
{
    (void)state;
    long n;
    assert_int_equal(tr_match(term_of("{1,2,3}"), "{_, _Ignored, N}", &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(tr_match(term_of("{[1,2],3}"), "{[_ | _], N}", &n), 0);
}

static void too_few(void)
{
    long n;
    tr_match(TERM_OF("j"), "{add, N}", &n, &n);
}

static void key_is_pointer(void)
{
    long n;
    tr_match(TERM_OF("j"), "#{K => 1}", &n);
}

static void bad_syntax(void) { tr_match(TERM_OF("j"), "{add, N"); }

static void a_wrong_pattern_is_a_bug(void **state)
{
    (void)state;
    assert_panics(too_few, "troupe: pattern \"{add, N}\": 1 hole, 2 arguments\n");
    assert_panics(key_is_pointer,
                  "troupe: pattern \"#{K => 1}\": argument 1 is a key and must be a value, not a "
                  "pointer\n");
    assert_panics(bad_syntax, "troupe: pattern \"{add, N\": character 8: expected ',' or '}'\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_take_what_has_their_type),
        cmocka_unit_test(a_hole_of_another_type_does_not_match),
        cmocka_unit_test(an_integer_must_fit_its_hole),
        cmocka_unit_test(values_must_be_equal),
        cmocka_unit_test(nothing_is_stored_unless_all_matches),
        cmocka_unit_test(constants_match_in_every_encoding),
        cmocka_unit_test(a_string_is_a_list_of_integers),
        cmocka_unit_test(lists_match_to_their_tail),
        cmocka_unit_test(a_list_is_taken_apart_by_its_head),
        cmocka_unit_test(the_rest_of_a_list_is_a_term_like_others),
        cmocka_unit_test(maps_match_by_some_of_their_keys),
        cmocka_unit_test(underscores_match_without_an_argument),
        cmocka_unit_test(a_wrong_pattern_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, free_message);
}
