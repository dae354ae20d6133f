/* Printing: Erlang's text, bounded buffers, numbers of any size. test_erl_terms.c compares with Erlang itself. */
#include "term/identity.h"
#include "term/print.h"
#include "unit/term/term_test.h"

/* Each text is how the term is printed that it means. */
static void terms_are_printed_as_erlang_prints_them(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-1",
        "18446744073709551616",
        "-100000000000000000000000000000000000001",
        "1.0",
        "-0.0",
        "0.001",
        "1.0e-5",
        "1.0e3",
        "123456.0",
        "ok",
        "a@b_C1",
        "'Ok'",
        "''",
        "'two words'",
        "'end'",
        "äß",
        "'λ'",
        "'a\\n\\'\\\\\\e\\d\\001\\205'",
        "[]",
        "[1,2]",
        "[a|b]",
        "[1,[2|c],3]",
        "\"text\"",
        "\"λ \\\"q\\\" \\\\ \\n\\t\\e\"",
        "[97,0]",
        "[127]",
        "[[[]]]",
        "{}",
        "{a,{b,\"c\"},[]}",
        "#{}",
        "#{a => 1,\"k\" => #{}}",
        "<<>>",
        "<<\"text\">>",
        "<<\"λ\"/utf8>>",
        "<<\"\\\"\\\\\\n\">>",
        "<<1,2,3>>",
        "<<\"ä\">>",
        "<<1,2:3>>",
        "<<120,1:1>>",
        "<0.3.1>",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct tr_out out = {0};
        assert_prints(parse_into(&out, texts[i]), texts[i]);
        tr_out_deinit(&out);
    }
}

static void a_pid_of_this_node_begins_with_0(void **state)
{
    (void)state;
    tri_identity_set("me@here", 3);
    assert_prints(TERM_OF("Xw\7me@here\0\0\0\5\0\0\0\6\0\0\0\3"), "<0.5.6>");
    assert_prints(TERM_OF("Xw\7me@here\0\0\0\5\0\0\0\6\0\0\0\4"), "<me@here.5.6>");
    tri_identity_set("nonode@nohost", 0);
}

static void identifiers_of_other_nodes_begin_with_their_name(void **state)
{
    (void)state;
    assert_prints(TERM_OF("Xw\3x@y\0\0\0\5\0\0\0\6\0\0\0\4"), "<x@y.5.6>");
    assert_prints(TERM_OF("Z\0\2w\3x@y\0\0\0\1\0\0\0\7\0\0\0\10"), "#Ref<x@y.8.7>");
    assert_prints(TERM_OF("xw\3x@y\0\0\0\1\0\0\0\2\0\0\0\0"), "#Port<x@y.4294967298>");
    assert_prints(TERM_OF("xw\15nonode@nohost\0\0\0\0\0\0\0\2\0\0\0\0"), "#Port<0.2>");
    assert_prints(TERM_OF("qw\5listsw\3Mapa\2"), "fun lists:'Map'/2");
}

static void what_does_not_fit_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    struct tr_out out = {0};
    char text[16];
    tr_term term = parse_into(&out, "{ab,\"λλ\"}");
    memset(text, 'x', sizeof text);
    assert_int_equal(tr_print(term, text, sizeof text), 11);
    assert_string_equal(text, "{ab,\"λλ\"}");
    assert_int_equal(tr_print(term, text, 11), 11);
    assert_string_equal(text, "{ab,\"λλ\"");
    assert_int_equal(tr_print(term, text, 9), 11);
    assert_string_equal(text, "{ab,\"λ");
    assert_int_equal(tr_print(term, text, 1), 11);
    assert_string_equal(text, "");
    assert_int_equal(tr_print(term, NULL, 0), 11);
    tr_out_deinit(&out);
}

/* Whatever the room, what is seen is what would be seen of the whole. */
static void the_beginning_of_a_text_is_found_without_the_rest(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{a,[b,c|d],#{e => \"fgh\"},<<\"ijk\">>,12345678901234567890}",
        "<<\"λλλλλλλλλλ\"/utf8>>",
        "<<1,2,3,4,5,6,7,8,9,10,11,12>>",
        "\"λ text that goes on and on\"",
        "[[[[[1,2],3],4],5],6]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t size = 1; size < 64; size++) {
            struct tr_out out = {0};
            char whole[64], start[64];
            tr_term term = parse_into(&out, texts[i]);
            bool fits = tr_print(term, whole, size) < size;
            assert_int_equal(tri_print_start(term, start, size), fits);
            assert_string_equal(start, whole);
            tr_out_deinit(&out);
        }
}

/* What is not seen is not looked at: only its first bytes are a text. */
static void a_term_is_not_looked_at_behind_what_is_seen_of_it(void **state)
{
    (void)state;
    struct tr_out out = {0};
    uint8_t bytes[100];
    char text[16];
    memset(bytes, 'a', sizeof bytes);
    bytes[99] = 0;
    tr_put_binary(&out, bytes, sizeof bytes);
    assert_false(tri_print_start(tr_out_term(&out), text, sizeof text));
    assert_string_equal(text, "<<\"aaaaaaaaaaaa");
    tr_out_deinit(&out);
}

static void a_long_text_is_whole_in_memory_of_its_own(void **state)
{
    (void)state;
    struct tr_out out = {0};
    char expected[1003];
    memset(expected, 'x', sizeof expected);
    expected[0] = expected[1001] = '"';
    expected[1002] = '\0';
    assert_prints(parse_into(&out, expected), expected);
    tr_out_deinit(&out);
}

/* 2^n - 1 with n bits of ones, checked by its first and last digits. */
static void a_bignum_is_printed_in_decimal_up_to_1_kib(void **state)
{
    (void)state;
    uint8_t big[6 + 1025];
    memset(big, 0xFF, sizeof big);
    big[0] = 'o';
    big[1] = big[2] = big[5] = 0;
    big[3] = 1024 >> 8, big[4] = 0;
    tr_term term = {big, 6 + 1024};
    char *text = tr_print_new(term);
    assert_int_equal(strlen(text), 2467);
    assert_memory_equal(text, "10907481356194159294629842447337828624482641619962", 50);
    assert_string_equal(text + 2467 - 10, "5715792895");
    free(text);
    big[4] = 1;
    term.size_bytes++;
    text = tr_print_new(term);
    assert_int_equal(strlen(text), 3 + 2050);
    assert_memory_equal(text, "16#FFFF", 7);
    struct tr_out out = {0};
    assert_true(tr_equal(parse_into(&out, text), term));
    tr_out_deinit(&out);
    free(text);
}

static void zeros_inside_a_bignum_are_printed(void **state)
{
    (void)state;
    struct tr_out out = {0};
    static const char *const texts[] = {
        "10000000000000000000", "100000000000000000000000000000000000000",
        "10000000000000000000000000000000000000000000000000000000007"};
    for (size_t i = 0; i < 3; i++) {
        tr_out_reset(&out);
        assert_prints(parse_into(&out, texts[i]), texts[i]);
    }
    tr_out_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_are_printed_as_erlang_prints_them),
        cmocka_unit_test(a_pid_of_this_node_begins_with_0),
        cmocka_unit_test(identifiers_of_other_nodes_begin_with_their_name),
        cmocka_unit_test(what_does_not_fit_is_cut_at_a_whole_character),
        cmocka_unit_test(the_beginning_of_a_text_is_found_without_the_rest),
        cmocka_unit_test(a_term_is_not_looked_at_behind_what_is_seen_of_it),
        cmocka_unit_test(a_long_text_is_whole_in_memory_of_its_own),
        cmocka_unit_test(a_bignum_is_printed_in_decimal_up_to_1_kib),
        cmocka_unit_test(zeros_inside_a_bignum_are_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
