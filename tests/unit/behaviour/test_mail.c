/* Mail: what a message is to a server (SEMANTICS 24). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "behaviour/mail.h"

/* Reads what the text says; the mail's views live in *out. */
static struct tri_mail read_text(const char *text, struct tr_out *out)
{
    struct tri_mail mail;
    tr_out_reset(out);
    assert_int_equal(tr_parse(text, out, NULL, NULL), 0);
    tri_mail_read(tr_out_term(out), &mail);
    return mail;
}

static void calls_casts_and_the_rest_are_told_apart(void **state)
{
    struct tr_out out = {0};
    (void)state;
    struct tri_mail mail = read_text("{'$gen_call', {<0.3.1>, [alias | tag]}, {get, 1}}", &out);
    assert_int_equal(mail.for_whom, TRI_ON_CALL);
    assert_int_equal(tr_match(mail.body, "{get, 1}"), 0);
    assert_int_equal(tr_match(tr_from_term(&mail.from), "{_, [alias | tag]}"), 0);
    assert_true(tr_pid_equal(tr_from_pid(&mail.from), tr_pid_make(3, 1)));
    mail = read_text("{'$gen_cast', {add, 1}}", &out);
    assert_int_equal(mail.for_whom, TRI_ON_CAST);
    assert_int_equal(tr_match(mail.body, "{add, 1}"), 0);
    mail = read_text("{add, 1}", &out);
    assert_int_equal(mail.for_whom, TRI_ON_INFO);
    assert_int_equal(tr_match(mail.body, "{add, 1}"), 0);
    tr_out_deinit(&out);
}

static void what_only_looks_like_a_call_is_the_rest(void **state)
{
    static const char *const texts[] = {"{'$gen_call', nobody, get}",
                                        "{'$gen_call', {a, b, c}, get}",
                                        "{'$gen_call', {a, b}}",
                                        "{'$gen_cast', a, b}",
                                        "'$gen_cast'",
                                        "{'$gen_call'}"};
    struct tr_out out = {0};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct tri_mail mail = read_text(texts[i], &out);
        assert_int_equal(mail.for_whom, TRI_ON_INFO);
        assert_ptr_equal(mail.body.data, out.data);
    }
    tr_out_deinit(&out);
}

static void a_caller_whose_tag_is_too_long_is_nobody(void **state)
{
    struct tr_out out = {0};
    struct tri_mail mail;
    struct tr_from from;
    char long_tag[TR_FROM_BYTES] = {0};
    tr_bin tag = {long_tag, sizeof long_tag};
    (void)state;
    tr_put(&out, "{'$gen_call', {Pid, Tag}, get}", tr_pid_make(3, 1), tag);
    tri_mail_read(tr_out_term(&out), &mail);
    assert_int_equal(mail.for_whom, TRI_ON_INFO);
    tag.size_bytes = TR_FROM_BYTES / 2;
    tr_out_reset(&out);
    tr_put(&out, "{Pid, Tag}", tr_pid_make(3, 1), tag);
    assert_true(tr_from_get(tr_out_term(&out), &from));
    assert_true(tr_equal(tr_from_term(&from), tr_out_term(&out)));
    tr_out_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_casts_and_the_rest_are_told_apart),
        cmocka_unit_test(what_only_looks_like_a_call_is_the_rest),
        cmocka_unit_test(a_caller_whose_tag_is_too_long_is_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
