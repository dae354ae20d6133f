/* Atoms: four encodings, one name. */

#include "unit/term/term_test.h"

static void an_atom_is_the_same_in_every_encoding(void **state)
{
    (void)state;
    const tr_term atoms[] = {TERM_OF("w\3\303\244b"), TERM_OF("v\0\3\303\244b"),
                             TERM_OF("s\2\344b"), TERM_OF("d\0\2\344b")};
    for (size_t i = 0; i < 4; i++) {
        assert_true(tr_is_atom(atoms[i], "äb"));
        assert_false(tr_is_atom(atoms[i], "äbc"));
        assert_false(tr_is_atom(atoms[i], "ä"));
        for (size_t j = 0; j < 4; j++)
            assert_true(tr_equal(atoms[i], atoms[j]));
    }
    assert_false(tr_equal(atoms[0], TERM_OF("s\2\345b")));
}

static void only_an_atom_is_an_atom(void **state)
{
    (void)state;
    tr_atom atom;
    assert_false(tr_is_atom(TERM_OF("m\0\0\0\2ok"), "ok"));
    assert_false(tr_get_atom(TERM_OF("a\1"), &atom));
    assert_true(tr_get_atom(TERM_OF("s\2ok"), &atom));
    assert_false(atom.is_latin1);
}

static void text_is_utf8_and_cut_at_a_whole_character(void **state)
{
    (void)state;
    tr_atom atom;
    char text[8];
    assert_true(tr_get_atom(TERM_OF("s\3a\344b"), &atom));
    assert_int_equal(tr_atom_text(atom, text, sizeof text), 4);
    assert_string_equal(text, "aäb");
    assert_int_equal(tr_atom_text(atom, text, 3), 4);
    assert_string_equal(text, "a");
    assert_int_equal(tr_atom_text(atom, text, 4), 4);
    assert_string_equal(text, "aä");
    assert_int_equal(tr_atom_text(atom, NULL, 0), 4);
}

static void views_are_written_as_utf8(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_atom atom;
    assert_true(tr_get_atom(TERM_OF("s\1\344"), &atom));
    tr_put_atom_view(&out, atom);
    assert_wrote(&out, "w\2\303\244");
    tr_out_deinit(&out);
}

static void more_than_255_bytes_take_the_large_form(void **state)
{
    (void)state;
    struct tr_out out = {0};
    char text[2 * 255 + 1];
    tr_atom atom;
    for (size_t i = 0; i < 255; i++)
        memcpy(text + 2 * i, "ä", 3);
    tr_put_atom(&out, text);
    assert_int_equal(out.data[0], 118);
    assert_int_equal(check_bytes(out.data, out.size_bytes), 0);
    assert_true(tr_get_atom(tr_out_term(&out), &atom));
    assert_true(tr_atom_is(atom, text));
    tr_out_deinit(&out);
}

static void put_long(void)
{
    struct tr_out out = {0};
    char text[257];
    memset(text, 'x', 256);
    text[256] = '\0';
    tr_put_atom(&out, text);
}

static void put_latin1(void)
{
    struct tr_out out = {0};
    tr_put_atom(&out, "\344");
}

static void a_text_that_is_no_atom_is_a_bug(void **state)
{
    (void)state;
    assert_panics(put_long, "troupe: tr_put_atom: 256 characters, 255 at most: "
                            "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\"\n");
    assert_panics(put_latin1, "troupe: tr_put_atom: not UTF-8: \"\344\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_atom_is_the_same_in_every_encoding),
        cmocka_unit_test(only_an_atom_is_an_atom),
        cmocka_unit_test(text_is_utf8_and_cut_at_a_whole_character),
        cmocka_unit_test(views_are_written_as_utf8),
        cmocka_unit_test(more_than_255_bytes_take_the_large_form),
        cmocka_unit_test(a_text_that_is_no_atom_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
