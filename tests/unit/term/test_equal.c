/* Exact equality, and the hash that goes with it. */
#include "term/hash.h"
#include "unit/term/random_term.h"
#include "unit/term/term_test.h"

static bool both_ways(tr_term a, tr_term b)
{
    bool is_equal = tr_equal(a, b);
    assert_int_equal(tr_equal(b, a), is_equal);
    if (is_equal)
        assert_true(tri_hash_equal(tri_hash_of(a), tri_hash_of(b)));
    else
        assert_false(tri_hash_equal(tri_hash_of(a), tri_hash_of(b)));
    return is_equal;
}

static bool equal_texts(const char *a, const char *b)
{
    struct tr_out left = {0}, right = {0};
    bool is_equal = both_ways(parse_into(&left, a), parse_into(&right, b));
    tr_out_deinit(&left);
    tr_out_deinit(&right);
    return is_equal;
}

static void equal_values_are_equal(void **state)
{
    (void)state;
    assert_true(equal_texts("{a,[1,2],<<\"x\">>}", "{a,[1,2],<<120>>}"));
    assert_true(equal_texts("\"ab\"", "[97,98]"));
    assert_true(equal_texts("[x|\"ab\"]", "[x,97,98]"));
    assert_true(equal_texts("0.0", "-0.0"));
    assert_true(equal_texts("[]", "\"\""));
    assert_true(equal_texts("[[[]]]", "[[\"\"]]"));
    assert_true(equal_texts("[\"ab\"|\"cd\"]", "[[97,98],99,100]"));
}

static void different_values_differ(void **state)
{
    (void)state;
    assert_false(equal_texts("1", "1.0"));
    assert_false(equal_texts("a", "<<\"a\">>"));
    assert_false(equal_texts("[1]", "[1|1]"));
    assert_false(equal_texts("[[1],2]", "[[1,2]]"));
    assert_false(equal_texts("[1,2]", "{1,2}"));
    assert_false(equal_texts("{}", "[]"));
    assert_false(equal_texts("{1,2}", "{1,2,3}"));
    assert_false(equal_texts("[1,2]", "[1,2,3]"));
    assert_false(equal_texts("<<1:3>>", "<<1:4>>"));
    assert_false(equal_texts("#{}", "{}"));
    assert_false(equal_texts("340282366920938463463374607431768211456",
                             "-340282366920938463463374607431768211456"));
    assert_false(equal_texts("<0.1.2>", "<0.2.1>"));
}

static void maps_compare_without_order(void **state)
{
    (void)state;
    assert_true(equal_texts("#{a => 1,b => 2,c => 3}", "#{c => 3,a => 1,b => 2}"));
    assert_true(equal_texts("#{{1,a} => 1,{1,b} => 2}", "#{{1,b} => 2,{1,a} => 1}"));
    assert_true(equal_texts("[#{a => 1,b => 2},z]", "[#{b => 2,a => 1},z]"));
    assert_false(equal_texts("[#{a => 1,b => 2},y]", "[#{b => 2,a => 1},z]"));
    assert_false(equal_texts("#{a => 1,b => 2}", "#{a => 2,b => 1}"));
    assert_false(equal_texts("#{a => 1,b => 2}", "#{b => 1,a => 2}"));
    assert_false(equal_texts("#{a => 1,b => 2}", "#{b => 2,c => 1}"));
    assert_false(equal_texts("#{a => 1}", "#{a => 1,b => 2}"));
    assert_true(equal_texts("#{#{#{a => 1,b => 2} => x,c => y} => 1,d => #{e => 1,f => 2}}",
                            "#{d => #{f => 2,e => 1},#{c => y,#{b => 2,a => 1} => x} => 1}"));
    assert_false(equal_texts("#{#{#{a => 1,b => 2} => x,c => y} => 1,d => #{e => 1,f => 2}}",
                             "#{d => #{f => 2,e => 1},#{c => y,#{b => 2,a => 3} => x} => 1}"));
}

static void bits_that_do_not_count_do_not_matter(void **state)
{
    (void)state;
    assert_true(both_ways(TERM_OF("M\0\0\0\1\3\340"), TERM_OF("M\0\0\0\1\3\377")));
    assert_false(both_ways(TERM_OF("M\0\0\0\1\3\340"), TERM_OF("M\0\0\0\1\3\300")));
    assert_true(both_ways(TERM_OF("M\0\0\0\1\10x"), TERM_OF("m\0\0\0\1x")));
    assert_true(both_ways(TERM_OF("M\0\0\0\0\0"), TERM_OF("m\0\0\0\0")));
}

static void zero_has_no_sign(void **state)
{
    (void)state;
    assert_true(both_ways(TERM_OF("n\2\1\0\0"), TERM_OF("a\0")));
    assert_true(both_ways(TERM_OF("n\0\0"), TERM_OF("o\0\0\0\1\1\0")));
    assert_false(both_ways(TERM_OF("n\1\1\5"), TERM_OF("a\5")));
}

static void funs_compare_by_where_they_were_made(void **state)
{
    (void)state;
    struct tr_out a = {0}, b = {0};
    struct random random = {9};
    do {
        tr_out_reset(&a);
        write_fun(&random, &a, 1);
    } while (tri_load32(a.data + 26) == 0);
    tr_out_copy(&b, tr_out_term(&a));
    assert_true(both_ways(tr_out_term(&a), tr_out_term(&b)));
    b.data[8] ^= 1;
    assert_false(both_ways(tr_out_term(&a), tr_out_term(&b)));
    assert_true(both_ways(TERM_OF("qw\1md\0\1fa\1"), TERM_OF("qs\1mw\1fa\1")));
    assert_false(both_ways(TERM_OF("qw\1mw\1fa\1"), TERM_OF("qw\1mw\1fa\2")));
    tr_out_deinit(&a);
    tr_out_deinit(&b);
}

static void write_numbers_map(struct tr_out *out, uint32_t pairs, bool is_backwards)
{
    tr_put_map_of(out, pairs);
    for (uint32_t i = 0; i < pairs; i++) {
        uint32_t key = is_backwards ? pairs - 1 - i : i;
        tr_put(out, "N", key);
        tr_put(out, "{N, value}", key);
    }
}

/* Compared pair with pair this would take days. */
static void large_maps_in_other_orders_are_compared_at_once(void **state)
{
    (void)state;
    struct tr_out a = {0}, b = {0};
    write_numbers_map(&a, 1000000, false);
    write_numbers_map(&b, 1000000, true);
    assert_true(tr_equal(tr_out_term(&a), tr_out_term(&b)));
    b.data[b.size_bytes - 1] ^= 1;
    assert_false(tr_equal(tr_out_term(&a), tr_out_term(&b)));
    tr_out_deinit(&a);
    tr_out_deinit(&b);
}

/* #{#{#{… => 2,0 => 1} => 2,0 => 1} => 2,0 => 1}: with every level of keys in another order. */
static void write_nested_keys(struct tr_out *out, unsigned depth, bool is_backwards)
{
    for (unsigned i = 0; i < depth; i++) {
        tr_put_map_of(out, 2);
        if (is_backwards)
            tr_put(out, "0"), tr_put(out, "1");
    }
    tr_put(out, "x");
    for (unsigned i = 0; i < depth; i++) {
        tr_put(out, "2");
        if (!is_backwards)
            tr_put(out, "0"), tr_put(out, "1");
    }
}

static void maps_nested_in_keys_are_compared_at_once(void **state)
{
    (void)state;
    struct tr_out a = {0}, b = {0};
    write_nested_keys(&a, TR_DEFAULT_DEPTH, false);
    write_nested_keys(&b, TR_DEFAULT_DEPTH, true);
    assert_int_equal(check_bytes(a.data, a.size_bytes), 0);
    assert_true(tr_equal(tr_out_term(&a), tr_out_term(&b)));
    tr_out_deinit(&a);
    tr_out_deinit(&b);
}

static void what_we_nest_ourselves_may_be_deeper_than_what_arrives(void **state)
{
    (void)state;
    struct tr_out a = {0}, b = {0};
    for (int i = 0; i < 20000; i++) {
        tr_put_tuple_of(&a, 1);
        tr_put_tuple_of(&b, 1);
    }
    tr_put(&a, "1");
    tr_put(&b, "2");
    assert_false(tr_equal(tr_out_term(&a), tr_out_term(&b)));
    b.data[b.size_bytes - 1] = 1;
    b.data[b.size_bytes - 2] = TRI_SMALL_INTEGER;
    assert_true(both_ways(tr_out_term(&a), tr_out_term(&b)));
    assert_int_equal(tr_print(tr_out_term(&a), NULL, 0), 40001);
    tr_out_deinit(&a);
    tr_out_deinit(&b);
}

static void a_random_term_equals_only_itself(void **state)
{
    (void)state;
    struct random random = {11};
    struct tr_out previous = {0};
    tr_put(&previous, "never");
    for (int i = 0; i < 2000; i++) {
        struct tr_out out = {0};
        write_term(&random, &out, 3);
        tr_term term = tr_out_term(&out), copy = {malloc(out.size_bytes), out.size_bytes};
        memcpy((void *)(uintptr_t)copy.data, out.data, out.size_bytes);
        assert_true(both_ways(term, copy));
        if (out.size_bytes > 8 && previous.size_bytes > 8)
            assert_false(tr_equal(term, tr_out_term(&previous)));
        free((void *)(uintptr_t)copy.data);
        tr_out_deinit(&previous);
        previous = out;
    }
    tr_out_deinit(&previous);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_values_are_equal),
        cmocka_unit_test(different_values_differ),
        cmocka_unit_test(maps_compare_without_order),
        cmocka_unit_test(bits_that_do_not_count_do_not_matter),
        cmocka_unit_test(zero_has_no_sign),
        cmocka_unit_test(funs_compare_by_where_they_were_made),
        cmocka_unit_test(large_maps_in_other_orders_are_compared_at_once),
        cmocka_unit_test(maps_nested_in_keys_are_compared_at_once),
        cmocka_unit_test(what_we_nest_ourselves_may_be_deeper_than_what_arrives),
        cmocka_unit_test(a_random_term_equals_only_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
