/* What the validator lets in, and everything that it does not. */
#include "term/plain.h"
#include "unit/term/random_term.h"
#include "unit/term/term_test.h"

static void every_tag_that_otp_sends_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(CHECK_OF("a\5"), 0);
    assert_int_equal(CHECK_OF("b\377\377\377\377"), 0);
    assert_int_equal(CHECK_OF("n\2\0\1\2"), 0);
    assert_int_equal(CHECK_OF("o\0\0\0\2\1\1\2"), 0);
    assert_int_equal(CHECK_OF("F\77\360\0\0\0\0\0\0"), 0);
    assert_int_equal(CHECK_OF("c1.00000000000000000000e+00\0\0\0\0\0"), 0);
    assert_int_equal(CHECK_OF("d\0\2ok"), 0);
    assert_int_equal(CHECK_OF("s\2ok"), 0);
    assert_int_equal(CHECK_OF("v\0\2ok"), 0);
    assert_int_equal(CHECK_OF("w\2ok"), 0);
    assert_int_equal(CHECK_OF("m\0\0\0\1x"), 0);
    assert_int_equal(CHECK_OF("M\0\0\0\1\3\340"), 0);
    assert_int_equal(CHECK_OF("k\0\2ab"), 0);
    assert_int_equal(CHECK_OF("l\0\0\0\1a\1j"), 0);
    assert_int_equal(CHECK_OF("j"), 0);
    assert_int_equal(CHECK_OF("h\1a\1"), 0);
    assert_int_equal(CHECK_OF("i\0\0\0\1a\1"), 0);
    assert_int_equal(CHECK_OF("t\0\0\0\1a\1a\2"), 0);
    assert_int_equal(CHECK_OF("gw\1n\0\0\0\1\0\0\0\2\0"), 0);
    assert_int_equal(CHECK_OF("Xw\1n\0\0\0\1\0\0\0\2\0\0\0\3"), 0);
    assert_int_equal(CHECK_OF("ew\1n\0\0\0\1\0"), 0);
    assert_int_equal(CHECK_OF("r\0\1w\1n\0\0\0\0\1"), 0);
    assert_int_equal(CHECK_OF("Z\0\1w\1n\0\0\0\0\0\0\0\1"), 0);
    assert_int_equal(CHECK_OF("fw\1n\0\0\0\1\0"), 0);
    assert_int_equal(CHECK_OF("Yw\1n\0\0\0\1\0\0\0\0"), 0);
    assert_int_equal(CHECK_OF("xw\1n\0\0\0\0\0\0\0\1\0\0\0\0"), 0);
    assert_int_equal(CHECK_OF("qw\5listsw\3mapa\2"), 0);
    assert_int_equal(CHECK_OF("p\0\0\0\100"
                              "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
                              "w\1ma\0b\0\0\1\0Xw\1n\0\0\0\1\0\0\0\2\0\0\0\3"
                              "k\0\6abcdef"),
                     0);
}

static void what_is_no_term_is_malformed(void **state)
{
    (void)state;
    assert_int_equal(CHECK_OF(""), TR_MALFORMED);
    assert_int_equal(CHECK_OF("\0"), TR_MALFORMED);
    assert_int_equal(CHECK_OF("R\1"), TR_MALFORMED);       /* an atom of a distribution header */
    assert_int_equal(CHECK_OF("P\0\0\0\1"), TR_MALFORMED); /* compressed                       */
    assert_int_equal(CHECK_OF("u\0\0\0\0"), TR_MALFORMED); /* a fun of before OTP 23           */
    assert_int_equal(CHECK_OF("\203a\1"), TR_MALFORMED);   /* the version byte                 */
    assert_int_equal(CHECK_OF("a\1a\1"), TR_MALFORMED);    /* two terms                        */
    assert_int_equal(CHECK_OF("w\1\377"), TR_MALFORMED);   /* not UTF-8                        */
    assert_int_equal(CHECK_OF("w\3\355\240\200"), TR_MALFORMED); /* a surrogate                  */
    assert_int_equal(CHECK_OF("w\2\300\200"), TR_MALFORMED);  /* overlong                         */
    assert_int_equal(CHECK_OF("M\0\0\0\1\0x"), TR_MALFORMED); /* no bits of a byte                */
    assert_int_equal(CHECK_OF("M\0\0\0\1\11x"), TR_MALFORMED);
    assert_int_equal(CHECK_OF("M\0\0\0\0\10"), TR_MALFORMED);
    assert_int_equal(CHECK_OF("l\0\0\0\0j"), TR_MALFORMED);
    assert_int_equal(CHECK_OF("F\177\360\0\0\0\0\0\0"), TR_MALFORMED); /* infinite              */
    assert_int_equal(CHECK_OF("F\377\370\0\0\0\0\0\0"), TR_MALFORMED); /* not a number          */
    assert_int_equal(CHECK_OF("c1.0e400\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
                     TR_MALFORMED);
    assert_int_equal(CHECK_OF("c 1.0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
                     TR_MALFORMED);
    assert_int_equal(CHECK_OF("Xa\1\0\0\0\1\0\0\0\2\0\0\0\3"), TR_MALFORMED); /* node: a number */
    assert_int_equal(CHECK_OF("Z\0\0w\1n\0\0\0\0"), TR_MALFORMED);
    assert_int_equal(CHECK_OF("Z\0\6w\1n\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1"),
                     TR_MALFORMED);
    assert_int_equal(CHECK_OF("qw\1mw\1fb\0\0\0\1"), TR_MALFORMED);
    assert_int_equal(CHECK_OF("i\377\377\377\377a\1"), TR_MALFORMED);
    assert_int_equal(CHECK_OF("t\377\377\377\377a\1"), TR_MALFORMED);
    assert_int_equal(CHECK_OF("l\377\377\377\377a\1"), TR_MALFORMED);
}

static void a_fun_that_lies_about_its_size_is_malformed(void **state)
{
    (void)state;
    struct tr_out out = {0};
    struct random random = {3};
    tr_term term;
    write_fun(&random, &out, 1);
    assert_int_equal(tr_check(out.data, out.size_bytes, NULL, &term), 0);
    out.data[4]++;
    assert_int_equal(tr_check(out.data, out.size_bytes, NULL, &term), TR_MALFORMED);
    out.data[4] -= 2;
    assert_int_equal(tr_check(out.data, out.size_bytes, NULL, &term), TR_MALFORMED);
    tr_out_deinit(&out);
}

static void an_atom_has_at_most_255_characters(void **state)
{
    (void)state;
    uint8_t atom[3 + 4 * 256] = {TRI_ATOM_UTF8};
    tr_term term;
    for (size_t i = 0; i < 256; i++)
        memcpy(atom + 3 + 4 * i, "\360\237\230\200", 4);
    tri_store16(atom + 1, 4 * 255);
    assert_int_equal(tr_check(atom, 3 + 4 * 255, NULL, &term), 0);
    tri_store16(atom + 1, 4 * 256);
    assert_int_equal(tr_check(atom, 3 + 4 * 256, NULL, &term), TR_MALFORMED);
    atom[0] = TRI_ATOM;
    tri_store16(atom + 1, 255);
    assert_int_equal(tr_check(atom, 3 + 255, NULL, &term), 0);
    tri_store16(atom + 1, 256);
    assert_int_equal(tr_check(atom, 3 + 256, NULL, &term), TR_MALFORMED);
}

static void no_part_of_a_term_is_a_term(void **state)
{
    (void)state;
    struct random random = {4};
    for (int i = 0; i < 500; i++) {
        struct tr_out out = {0};
        write_term(&random, &out, 3);
        assert_int_equal(check_bytes(out.data, out.size_bytes), 0);
        for (size_t size = 0; size < out.size_bytes; size++)
            assert_int_equal(check_bytes(out.data, size), TR_MALFORMED);
        tr_out_deinit(&out);
    }
}

/* With a limit of its own the validator goes the long way. */
static void what_is_plain_is_a_term_the_long_way_too(void **state)
{
    (void)state;
    struct random random = {5};
    const struct tr_limits limits = {.depth = TR_DEFAULT_DEPTH - 1};
    size_t plain = 0, spoilt = 0;
    for (int i = 0; i < 20000; i++) {
        struct tr_out out = {0};
        tr_term term;
        write_term(&random, &out, 2);
        bool is_spoilt = random_below(&random, 2);
        if (is_spoilt)
            out.data[random_below(&random, (uint32_t)out.size_bytes)] =
                (uint8_t)random_below(&random, 256);
        if (tri_is_plain(out.data, out.data + out.size_bytes)) {
            assert_int_equal(tr_check(out.data, out.size_bytes, &limits, &term), 0);
            plain++;
            spoilt += is_spoilt;
        }
        tr_out_deinit(&out);
    }
    assert_true(plain > 1000 && spoilt > 100);
}

static int check_nested(size_t depth, const struct tr_limits *limits)
{
    struct tr_out out = {0};
    tr_term term;
    for (size_t i = 0; i < depth; i++)
        tr_put_tuple_of(&out, 1);
    tr_put_nil(&out);
    int r = tr_check(out.data, out.size_bytes, limits, &term);
    tr_out_deinit(&out);
    return r;
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    struct tr_limits ten = {.depth = 10}, million = {.depth = 1000000};
    assert_int_equal(check_nested(TR_DEFAULT_DEPTH, NULL), 0);
    assert_int_equal(check_nested(TR_DEFAULT_DEPTH + 1, NULL), TR_TOO_DEEP);
    assert_int_equal(check_nested(10, &ten), 0);
    assert_int_equal(check_nested(11, &ten), TR_TOO_DEEP);
    assert_int_equal(check_nested(TR_DEFAULT_DEPTH, &million), 0);
    assert_int_equal(check_nested(TR_DEFAULT_DEPTH + 1, &million), TR_TOO_DEEP);
}

static void a_list_as_a_lists_tail_is_not_nesting(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_term term;
    struct tr_iter iter;
    for (int i = 0; i < 5000; i++) {
        tr_put_list_of(&out, 1);
        tr_put_integer(&out, i);
    }
    tr_put_nil(&out);
    assert_int_equal(tr_check(out.data, out.size_bytes, NULL, &term), 0);
    assert_true(tr_get_list(term, &iter));
    assert_int_equal(iter.left, 5000);
    tr_out_deinit(&out);
}

static void size_has_a_limit(void **state)
{
    (void)state;
    struct tr_limits limits = {.size_bytes = 2};
    tr_term term;
    assert_int_equal(tr_check("a\1", 2, &limits, &term), 0);
    assert_int_equal(tr_check("w\1x", 3, &limits, &term), TR_TOO_LARGE);
}

static void the_external_form_begins_with_131(void **state)
{
    (void)state;
    tr_term term;
    assert_int_equal(tr_check_external("\203a\1", 3, NULL, &term), 0);
    assert_int_equal(term.size_bytes, 2);
    assert_int_equal(tr_check_external("a\1", 2, NULL, &term), TR_MALFORMED);
    assert_int_equal(tr_check_external("", 0, NULL, &term), TR_MALFORMED);
    assert_int_equal(tr_check_external("\203P\0\0\0\1x", 7, NULL, &term), TR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tag_that_otp_sends_is_accepted),
        cmocka_unit_test(what_is_no_term_is_malformed),
        cmocka_unit_test(a_fun_that_lies_about_its_size_is_malformed),
        cmocka_unit_test(an_atom_has_at_most_255_characters),
        cmocka_unit_test(no_part_of_a_term_is_a_term),
        cmocka_unit_test(what_is_plain_is_a_term_the_long_way_too),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(a_list_as_a_lists_tail_is_not_nesting),
        cmocka_unit_test(size_has_a_limit),
        cmocka_unit_test(the_external_form_begins_with_131),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
