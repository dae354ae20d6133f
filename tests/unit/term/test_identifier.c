/* Pids and references: ours come back, others' stay what they are. */

#include "term/identity.h"
#include "unit/term/term_test.h"

static void without_a_name_we_are_nonode(void **state)
{
    (void)state;
    assert_string_equal(tri_identity_node(), "nonode@nohost");
    assert_int_equal(tri_identity_creation(), 0);
}

static void a_pid_has_its_golden_bytes(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tri_identity_set("bank@host", 0x01020304);
    tr_put_pid(&out, tr_pid_make(3, 7));
    assert_wrote(&out, "Xw\11bank@host\0\0\0\3\0\0\0\7\1\2\3\4");
    tr_out_deinit(&out);
}

static void a_reference_has_its_golden_bytes(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_ref ref = {tr_pid_make(3, 7), (uint64_t)5 << 18 | 9};
    tri_identity_set("b", 1);
    tr_put_ref(&out, ref);
    assert_wrote(&out, "Z\0\4w\1b\0\0\0\1\0\0\0\11\0\0\0\5\0\0\0\7\0\0\0\3");
    tr_out_deinit(&out);
}

static void ours_come_back(void **state)
{
    (void)state;
    static const char *const names[] = {"bank@host", "b", "ä@höst"};
    for (size_t i = 0; i < 3; i++) {
        struct tr_out out = {0};
        tr_pid pid = tr_pid_make(UINT32_MAX, UINT32_MAX - 1), pid_back;
        tr_ref ref = {pid, ((uint64_t)1 << 50) - 1}, ref_back;
        tri_identity_set(names[i], UINT32_MAX);
        tr_put(&out, "{P, R}", pid, ref);
        assert_int_equal(tr_match(tr_out_term(&out), "{P, R}", &pid_back, &ref_back), 0);
        assert_true(tr_pid_equal(pid, pid_back));
        assert_true(tr_ref_equal(ref, ref_back));
        tr_out_deinit(&out);
    }
}

static void another_nodes_or_lifes_pid_is_not_ours(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_pid pid;
    tr_ref ref = {tr_pid_make(1, 1), 1};
    tri_identity_set("bank@host", 1);
    tr_put(&out, "{P, R}", tr_pid_make(1, 1), ref);
    tri_identity_set("bank@host", 2);
    assert_int_equal(tr_match(tr_out_term(&out), "{P, _}", &pid), TR_NO_MATCH);
    assert_int_equal(tr_match(tr_out_term(&out), "{_, R}", &ref), TR_NO_MATCH);
    tri_identity_set("bonk@host", 1);
    assert_int_equal(tr_match(tr_out_term(&out), "{P, _}", &pid), TR_NO_MATCH);
    assert_int_equal(tr_match(tr_out_term(&out), "{_, R}", &ref), TR_NO_MATCH);
    tri_identity_set("bank@host", 1);
    assert_int_equal(tr_match(tr_out_term(&out), "{P, _}", &pid), 0);
    tr_out_deinit(&out);
}

static void old_encodings_of_our_pid_are_ours(void **state)
{
    (void)state;
    tr_pid pid;
    tri_identity_set("n@h", 2);
    assert_true(tr_get_pid(TERM_OF("gd\0\3n@h\0\0\0\5\0\0\0\6\2"), &pid));
    assert_int_equal(tr_pid_slot(pid), 5);
    assert_int_equal(tr_pid_generation(pid), 6);
    assert_true(tr_get_pid(TERM_OF("Xs\3n@h\0\0\0\5\0\0\0\6\0\0\0\2"), &pid));
    assert_false(tr_get_pid(TERM_OF("gd\0\3n@h\0\0\0\5\0\0\0\6\3"), &pid));
    assert_false(tr_get_pid(TERM_OF("a\1"), &pid));
}

static void old_and_new_encodings_are_equal(void **state)
{
    (void)state;
    assert_true(
        tr_equal(TERM_OF("gw\1n\0\0\0\1\0\0\0\2\3"), TERM_OF("Xd\0\1n\0\0\0\1\0\0\0\2\0\0\0\3")));
    assert_true(tr_equal(TERM_OF("ew\1n\0\0\0\1\3"), TERM_OF("r\0\1w\1n\3\0\0\0\1")));
    assert_true(tr_equal(TERM_OF("ew\1n\0\0\0\1\3"), TERM_OF("Z\0\1w\1n\0\0\0\3\0\0\0\1")));
    assert_true(tr_equal(TERM_OF("fw\1n\0\0\0\1\3"), TERM_OF("Yw\1n\0\0\0\1\0\0\0\3")));
    assert_true(tr_equal(TERM_OF("fw\1n\0\0\0\1\3"), TERM_OF("xw\1n\0\0\0\0\0\0\0\1\0\0\0\3")));
    assert_false(tr_equal(TERM_OF("fw\1n\0\0\0\1\3"), TERM_OF("fw\1n\0\0\0\1\2")));
    assert_false(tr_equal(TERM_OF("fw\1n\0\0\0\1\3"), TERM_OF("ew\1n\0\0\0\1\3")));
}

static void a_pid_is_printed_and_parsed(void **state)
{
    (void)state;
    char text[TR_PID_TEXT_BYTES];
    tr_pid pid;
    assert_string_equal(tr_pid_text(tr_pid_make(3, 1), text), "<0.3.1>");
    assert_string_equal(tr_pid_text(tr_pid_make(UINT32_MAX, UINT32_MAX), text),
                        "<0.4294967295.4294967295>");
    assert_true(tr_pid_parse(text, &pid));
    assert_true(tr_pid_equal(pid, tr_pid_make(UINT32_MAX, UINT32_MAX)));
}

static void what_is_no_pid_is_not_parsed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",       "<0.3.1",   "0.3.1",    "<1.3.1>",   "<0.3.1> ",         "<0.3>",
        "<0..1>", "<0.3.-1>", "<0. 3.1>", "<0.3.1.2>", "<0.4294967296.1>", "<0.a.1>"};
    tr_pid pid = TR_NO_PID;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(tr_pid_parse(texts[i], &pid));
    assert_true(tr_pid_is_none(pid));
}

static void put_large_reference(void)
{
    struct tr_out out = {0};
    tr_ref ref = {tr_pid_make(1, 1), (uint64_t)1 << 50};
    tr_put_ref(&out, ref);
}

static void name_nothing(void) { tri_identity_set("", 0); }

static void what_cannot_be_encoded_is_a_bug(void **state)
{
    (void)state;
    assert_panics(put_large_reference,
                  "troupe: tr_put_ref: the number 1125899906842624 has more than 50 bits\n");
    assert_panics(name_nothing, "troupe: not a node's name: \"\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_name_we_are_nonode),
        cmocka_unit_test(a_pid_has_its_golden_bytes),
        cmocka_unit_test(a_reference_has_its_golden_bytes),
        cmocka_unit_test(ours_come_back),
        cmocka_unit_test(another_nodes_or_lifes_pid_is_not_ours),
        cmocka_unit_test(old_encodings_of_our_pid_are_ours),
        cmocka_unit_test(old_and_new_encodings_are_equal),
        cmocka_unit_test(a_pid_is_printed_and_parsed),
        cmocka_unit_test(what_is_no_pid_is_not_parsed),
        cmocka_unit_test(what_cannot_be_encoded_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
