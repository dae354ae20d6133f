/* Program's description: what a struct says is what is read from its term, and nonsense is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "behaviour/program_spec.h"

static char home[] = "HOME=/root", lang[] = "LANG=C", homes[] = "HOMES=2";
static char *const base_environment[] = {home, lang, homes, NULL};

/* Reads what the text says; the outcome, and what is wrong as text. */
static int read_text(const char *text, struct tri_program_spec *spec, char **ret_wrong)
{
    struct tr_out out = {0};
    tr_term wrong;
    assert_int_equal(tr_parse(text, &out, NULL, NULL), 0);
    int r = tri_program_spec_read(spec, tr_out_term(&out), base_environment, &wrong);
    *ret_wrong = r ? tr_print_new(wrong) : NULL;
    tr_out_deinit(&out);
    return r;
}

static void assert_wrong(const char *text, const char *expected)
{
    struct tri_program_spec spec;
    char *wrong;
    assert_int_equal(read_text(text, &spec, &wrong), TR_NO_MATCH);
    assert_string_equal(wrong, expected);
    free(wrong);
    tri_program_spec_deinit(&spec);
}

static void assert_words(const struct tri_texts *words, const char *const expected[])
{
    size_t count = 0;
    for (; expected[count]; count++) {
        assert_true(count < words->count);
        assert_string_equal(words->at[count], expected[count]);
    }
    assert_int_equal(words->count, count);
    assert_null(words->at[count]);
}

static void what_a_struct_says_is_read(void **state)
{
    static const char *const arguments[] = {"-n", "", NULL};
    static const char *const environment[] = {"A=1=2", "HOME", NULL};
    const struct tr_program program = {.path = "/bin/sort",
                                       .arguments = arguments,
                                       .environment = environment,
                                       .directory = "/tmp",
                                       .user = "nobody",
                                       .framing = TR_FRAMING_PACKET_2,
                                       .max_bytes = 77,
                                       .standard_error = TR_STDERR_STDOUT,
                                       .owner_name = "boss",
                                       .stop_ms = -1};
    struct tri_program_spec spec;
    struct tr_out out = {0};
    tr_term wrong;
    (void)state;
    tr_program_put(&out, &program);
    assert_int_equal(tri_program_spec_read(&spec, tr_out_term(&out), base_environment, &wrong), 0);
    assert_string_equal(spec.path, "/bin/sort");
    assert_words(&spec.arguments, (const char *const[]){"/bin/sort", "-n", "", NULL});
    assert_words(&spec.environment, (const char *const[]){"A=1=2", "LANG=C", "HOMES=2", NULL});
    assert_string_equal(spec.directory, "/tmp");
    assert_string_equal(spec.user, "nobody");
    assert_int_equal(spec.framing.kind, TR_FRAMING_PACKET_2);
    assert_int_equal(spec.framing.max_bytes, 77);
    assert_int_equal(spec.standard_error, TR_STDERR_STDOUT);
    assert_string_equal(spec.owner_name, "boss");
    assert_int_equal(spec.stop_ms, -1);
    tri_program_spec_deinit(&spec);
    tr_out_deinit(&out);
}

static void what_is_not_said_has_a_default(void **state)
{
    const struct tr_program program = {.path = "sort"};
    struct tri_program_spec spec;
    struct tr_out out = {0};
    tr_term wrong;
    (void)state;
    tr_program_put(&out, &program);
    assert_int_equal(tri_program_spec_read(&spec, tr_out_term(&out), base_environment, &wrong), 0);
    assert_words(&spec.arguments, (const char *const[]){"sort", NULL});
    assert_words(&spec.environment, (const char *const *)base_environment);
    assert_null(spec.directory);
    assert_null(spec.user);
    assert_int_equal(spec.framing.kind, TR_FRAMING_STREAM);
    assert_int_equal(spec.framing.max_bytes, TR_PROGRAM_LINE_BYTES);
    assert_int_equal(spec.standard_error, TR_STDERR_LOG);
    assert_true(tr_pid_is_none(spec.owner) && !spec.owner_name && !spec.has_no_owner);
    assert_int_equal(spec.stop_ms, TR_PROGRAM_STOP_MS);
    tri_program_spec_deinit(&spec);
    tr_out_deinit(&out);
}

static void texts_may_be_strings(void **state)
{
    struct tri_program_spec spec;
    char *wrong;
    (void)state;
    assert_int_equal(read_text("{program, \"sort\", [{args, [\"-r\"]}, {line, 9}, {owner, <0.7.2>},"
                               " {env, [{\"HOME\", \"/\"}, {\"LANG\", false}]}, {owner, none}]}",
                               &spec, &wrong),
                     0);
    assert_string_equal(spec.path, "sort");
    assert_words(&spec.arguments, (const char *const[]){"sort", "-r", NULL});
    assert_int_equal(spec.environment.count, 2);
    assert_true(spec.has_no_owner && tr_pid_is_none(spec.owner));
    tri_program_spec_deinit(&spec);
}

static void nonsense_is_named(void **state)
{
    (void)state;
    assert_wrong("sort", "sort");
    assert_wrong("{program, \"\", []}", "{program,[],[]}");
    assert_wrong("{program, sort, []}", "{program,sort,[]}");
    assert_wrong("{program, \"sort\", [{color, red}]}", "{color,red}");
    assert_wrong("{program, \"sort\", [lines]}", "lines");
    assert_wrong("{program, \"sort\", [{line, 0}]}", "{line,0}");
    assert_wrong("{program, \"sort\", [{packet, 3}]}", "{packet,3}");
    assert_wrong("{program, \"sort\", [{args, \"-r\"}]}", "{args,\"-r\"}");
    assert_wrong("{program, \"sort\", [{args, [r]}]}", "{args,[r]}");
    assert_wrong("{program, \"sort\", [{args, [<<0>>]}]}", "{args,[<<0>>]}");
    assert_wrong("{program, \"sort\", [{env, [{\"A=B\", \"\"}]}]}", "{env,[{\"A=B\",[]}]}");
    assert_wrong("{program, \"sort\", [{env, [{\"A\", true}]}]}", "{env,[{\"A\",true}]}");
    assert_wrong("{program, \"sort\", [{stderr, file}]}", "{stderr,file}");
    assert_wrong("{program, \"sort\", [{owner, 5}]}", "{owner,5}");
    assert_wrong("{program, \"sort\", [{stop_ms, soon}]}", "{stop_ms,soon}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_struct_says_is_read),
        cmocka_unit_test(what_is_not_said_has_a_default),
        cmocka_unit_test(texts_may_be_strings),
        cmocka_unit_test(nonsense_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
