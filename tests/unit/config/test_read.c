/* Read: what libconfuse makes of a text, and what it cannot: everything in it is read, with its line. */
#include "config.h"

static void an_order_is_that_of_the_file(void **state)
{
    static const char *const ids[] = {"a", "b", "c", "d"};
    (void)state;
    struct config *config = read_right("program a { path = x }\n"
                                       "actor b { entry = x:b }\n"
                                       "server c { entry = x:c }\n"
                                       "actor d { entry = x:d }\n");
    assert_int_equal(config->top->child_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(config->top->children[i]->id, ids[i]);
        assert_int_equal(config->top->children[i]->line, i + 1);
    }
    config_free(config);
}

static void supervisors_stand_in_each_other(void **state)
{
    (void)state;
    struct config *config = read_right("supervisor a { supervisor b { strategy = rest_for_one\n"
                                       "  actor c { entry = x:c } actor d { entry = ./x:d } } }\n");
    struct config_child *b = config_child_find(config_child_find(config->top, "a"), "b");
    assert_int_equal(b->strategy, TR_REST_FOR_ONE);
    assert_int_equal(b->child_count, 2);
    assert_string_equal(b->children[0]->entry, "/etc/x:c");
    assert_string_equal(b->children[1]->entry, "/etc/x:d");
    assert_ptr_equal(b->children[1]->parent, b);
    config_free(config);
}

/* libconfuse counts the lines of some wrong, and takes others for mistakes. */
static void comments_may_stand_anywhere(void **state)
{
    (void)state;
    struct config *config = read_right("/* one\n   two */ program /* } */ a { # { \"\n"
                                       "  arguments = { 'x', // the first\n"
                                       "     # none\n"
                                       "     \"# no comment // \" } path = /bin//x\n"
                                       "}\n");
    const struct config_child *program = config->top->children[0];
    assert_int_equal(program->line, 2);
    assert_int_equal(program->lines[CONFIG_arguments], 3);
    assert_int_equal(program->lines[CONFIG_path], 5);
    assert_int_equal(program->arguments.count, 2);
    assert_string_equal(program->arguments.at[1], "# no comment // ");
    assert_string_equal(program->path, "/bin//x");
    config_free(config);
}

static void values_are_what_they_say(void **state)
{
    (void)state;
    struct config *config = read_right("intensity = 0 period = 2min\n"
                                       "program a { path = x restart = transient shutdown = 0.25s\n"
                                       "  backoff_min = 1s framing = packet_2 max_bytes = 4000\n"
                                       "  stderr = stdout owner = someone user = '0' }\n"
                                       "server b { entry = x:b shutdown = infinity\n"
                                       "  argument = '{\"text\", [1, 2]}' }\n"
                                       "actor c { entry = x:c shutdown = brutal_kill\n"
                                       "  mailbox_max_messages = 9 mailbox_policy = drops }\n");
    const struct config_child *top = config->top, *a = top->children[0];
    assert_int_equal(top->intensity, 0);
    assert_int_equal(top->period_ms, 120000);
    assert_int_equal(a->restart, TR_TRANSIENT);
    assert_int_equal(a->shutdown, 250);
    assert_int_equal(a->backoff_min, 1000);
    assert_int_equal(a->framing, TR_FRAMING_PACKET_2);
    assert_int_equal(a->standard_error, TR_STDERR_STDOUT);
    assert_int_equal(top->children[1]->shutdown, TR_SHUTDOWN_INFINITY);
    assert_int_equal(
        tr_match(tr_out_term(&top->children[1]->argument), "{[$t, $e, $x, $t], [1, 2]}"), 0);
    assert_int_equal(top->children[2]->shutdown, TR_SHUTDOWN_BRUTAL_KILL);
    assert_int_equal(top->children[2]->mailbox_policy, TR_MAILBOX_DROPS);
    config_free(config);
}

static void limits_and_sandboxes_are_what_they_say(void **state)
{
    (void)state;
    struct tr_resource_limits limits;
    struct config *config = read_right(
        "actor a { entry = x:a memory = 256M cpu = 10s open_files = 64 processes = 8\n"
        "  file_size = 1G core = 0 nice = -3 umask = 027 sandbox = light strict = yes\n"
        "  readable = { /usr, ssl } writable = /var/tmp hang = 500ms keeps_stderr = yes }\n"
        "program p { path = x memory = 4096 sandbox = full }\n");
    struct tri_confinement a = config_confinement(config->top->children[0], &limits);
    assert_int_equal(limits.memory_bytes, 256 << 20);
    assert_int_equal(limits.cpu_s, 10);
    assert_int_equal(limits.open_files, 64);
    assert_int_equal(limits.processes, 8);
    assert_int_equal(limits.file_bytes, 1 << 30);
    assert_true(limits.sets_core && limits.core_bytes == 0);
    assert_true(limits.sets_nice && limits.nice == -3);
    assert_true(limits.sets_umask && limits.umask == 027);
    assert_int_equal(a.sandbox, TR_SANDBOX_LIGHT);
    assert_true(a.is_strict && a.keeps_stderr);
    assert_int_equal(a.hang_ms, 500);
    assert_string_equal(a.readable[1], "/etc/ssl");
    assert_null(a.readable[2]);
    assert_string_equal(a.writable[0], "/var/tmp");
    struct tri_confinement p = config_confinement(config->top->children[1], &limits);
    assert_int_equal(limits.memory_bytes, 4096);
    assert_true(!limits.sets_core && !limits.sets_nice && !limits.sets_umask);
    assert_int_equal(p.sandbox, TR_SANDBOX_FULL);
    config_free(config);
}

static void what_no_limit_can_be_is_told(void **state)
{
    (void)state;
    expect_mistakes("actor a { entry = x:a\nmemory = 256X\ncpu = 1500ms\nnice = 20\numask = 0777\n"
                    "sandbox = tight\nfile_size = 0\n}\nprogram p { path = x\nhang = 1s }",
                    "x:2: memory: \"256X\" is no number of bytes: give 4096, 64K, 256M or 2G\n"
                    "x:3: cpu: 1500ms is not in whole seconds\n"
                    "x:4: nice: \"20\" is not from -20 to 19\n"
                    "x:5: umask: \"0777\" is not from 000 to 077\n"
                    "x:6: sandbox: \"tight\" is none of none, light, full; do you mean light?\n"
                    "x:7: file_size: 0 is too little\n"
                    "x:10: program has no key \"hang\"; it belongs to: server, actor\n");
}

static void a_variable_of_the_environment_is_put_in(void **state)
{
    (void)state;
    setenv("TROUPE_TEST_ENTRY", "clerk", 1);
    struct config *config =
        read_right("actor a { entry = \"${HALL:-/hall}/x:${TROUPE_TEST_ENTRY}\" }");
    assert_string_equal(config->top->children[0]->entry, "/hall/x:clerk");
    config_free(config);
    unsetenv("TROUPE_TEST_ENTRY");
}

static void all_that_is_unknown_is_told_at_once(void **state)
{
    (void)state;
    expect_mistakes("strategi = one_for_one\n"
                    "bogus = { a, b, bogus }\n"
                    "actr x { entry = a:b\n } "
                    "actor a { entry = x:a\n"
                    "  restrat = permanent restrat = permanent\n"
                    "  path = /tmp framing = bogus }\n"
                    "weird { supervisor y { } }\n"
                    "quite(1, 2) lonely\n"
                    "actor b { entry = x:b significant = maybe }\n",
                    "x:1: unknown key \"strategi\"; do you mean strategy?\n"
                    "x:2: unknown key \"bogus\"\n"
                    "x:3: unknown key \"actr\"; do you mean actor?\n"
                    "x:5: unknown key \"restrat\"; do you mean restart?\n"
                    "x:6: actor has no key \"path\"; it belongs to: program\n"
                    "x:6: actor has no key \"framing\"; it belongs to: program\n"
                    "x:7: unknown key \"weird\"\n"
                    "x:8: unknown key \"quite\"\n"
                    "x:8: unknown key \"lonely\"\n"
                    "x:9: significant: \"maybe\" is neither true nor false\n");
}

static void what_has_no_end_is_told_where_it_begins(void **state)
{
    (void)state;
    expect_mistakes("actor a {\n entry = x:a\n", "x:1: this { is never closed\n");
    expect_mistakes("actor a { entry = x:a }\n}\nactor b { entry = x:b }",
                    "x:2: this } closes nothing\n");
    expect_mistakes("actor a { entry = x:a }\n/* actor b {\n}", "x:2: this comment never ends\n");
    expect_mistakes("actor a { entry = x:a }\nnode = 'b\n\n", "x:2: this string never ends\n");
}

static void wrong_syntax_is_told_with_its_line(void **state)
{
    (void)state;
    expect_mistakes(
        "actor a { entry = x:a }\nnode b\n",
        "x:2: missing equal sign after option 'node'; what follows has not been looked at\n");
    expect_mistakes(
        "actor { entry = x:a }\n",
        "x:1: missing title for section 'actor'; what follows has not been looked at\n");
    expect_mistakes("program a { path = /usr/*/x\n}", "x:1: a * belongs in quotes\n");
}

static void an_empty_word_is_no_key(void **state)
{
    (void)state;
    expect_mistakes(
        "actor a { entry = x:a\n \"\" = 5 }\n",
        "x:2: an empty word where a key belongs; what follows has not been looked at\n");
}

enum { MANY = 3000000 };

/* What is told of a text with MANY times a byte in it. libconfuse alone would take minutes. */
static void expect_of_many(const char *before, char byte, const char *behind, const char *expected)
{
    static char text[MANY + 200];
    size_t length = strlen(before);
    memcpy(text, before, length);
    memset(text + length, byte, MANY);
    strcpy(text + length + MANY, behind);
    struct config_mistakes mistakes = {0};
    struct config *config = read_text(text, &mistakes);
    char *printed = print_mistakes(&mistakes);
    assert_non_null(strstr(printed, expected));
    free(printed);
    config_mistakes_deinit(&mistakes);
    config_free(config);
}

static void a_word_that_is_far_too_long_is_told(void **state)
{
    static const char *const quotes[][2] = {{"'", "'"}, {"\"", "\""}, {"", ""}, {"${", "}"}};
    (void)state;
    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
        char before[64], behind[64], expected[200];
        sprintf(before, "actor a { entry = x:a argument =\n%s", quotes[i][0]);
        sprintf(behind, "%s\n restart = bogus }\n", quotes[i][1]);
        sprintf(expected,
                "x:2: a word of %zu bytes; at most 65536 are taken\n"
                "x:3: restart: \"bogus\" is none of permanent, transient, temporary\n",
                MANY + strlen(quotes[i][0]) + strlen(quotes[i][1]));
        expect_of_many(before, 'x', behind, expected);
    }
}

static void long_comments_and_gaps_cost_nothing(void **state)
{
    (void)state;
    expect_of_many("# ", 'x', "\nbogus = 1\n", "x:2: unknown key \"bogus\"\n");
    expect_of_many("/*\n", 'x', "\n*/ bogus = 1\n", "x:3: unknown key \"bogus\"\n");
    expect_of_many("\nbogus ", ' ', "= 1\nmore = 1\n",
                   "x:2: unknown key \"bogus\"\nx:3: unknown key \"more\"");
    expect_of_many("bogus = 1\n", '\t', "", "x:1: unknown key \"bogus\"\n");
    expect_of_many("", '\n', "bogus = 1\n", "x:3000001: unknown key \"bogus\"\n");
}

static void a_key_that_is_given_twice_is_told(void **state)
{
    (void)state;
    expect_mistakes("actor a { entry = x:a\n restart = permanent\n restart = transient }\n",
                    "x:3: restart: was given in line 2 already\n");
}

static void bytes_of_all_kinds_do_no_harm(void **state)
{
    static const char text[] = "actor \"a\x01\xff\" { entry = x:a }\0node = b";
    struct config_mistakes mistakes = {0};
    struct config *config;
    (void)state;
    assert_int_equal(config_read(text, sizeof text - 1, "/etc", &mistakes, &config), 0);
    config_check(config, &mistakes);
    assert_int_equal(mistakes.count, 2);
    assert_string_equal(mistakes.at[0].text, "a NUL byte");
    config_mistakes_deinit(&mistakes);
    config_free(config);
}

static void supervisors_do_not_stand_in_each_other_without_end(void **state)
{
    char text[1024] = "";
    (void)state;
    for (int i = 0; i < 20; i++)
        strcat(text, "supervisor s {\n");
    strcat(text, "actor a { entry = x:a }\n");
    for (int i = 0; i < 20; i++)
        strcat(text, "}");
    expect_mistakes(text,
                    "x:9: the supervisor has no children\nx:10: supervisor: nested too deep\n");
}

static void who_makes_very_many_mistakes_is_told_a_hundred(void **state)
{
    struct config_mistakes mistakes = {0};
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    (void)state;
    for (int i = 0; i < 1000; i++)
        fprintf(file, "bogus = %d\n", i);
    fclose(file);
    config_free(read_text(text, &mistakes));
    assert_int_equal(mistakes.count, CONFIG_MISTAKES_MAX);
    assert_true(mistakes.is_full);
    config_mistakes_deinit(&mistakes);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_that_of_the_file),
        cmocka_unit_test(supervisors_stand_in_each_other),
        cmocka_unit_test(comments_may_stand_anywhere),
        cmocka_unit_test(values_are_what_they_say),
        cmocka_unit_test(limits_and_sandboxes_are_what_they_say),
        cmocka_unit_test(what_no_limit_can_be_is_told),
        cmocka_unit_test(a_variable_of_the_environment_is_put_in),
        cmocka_unit_test(all_that_is_unknown_is_told_at_once),
        cmocka_unit_test(what_has_no_end_is_told_where_it_begins),
        cmocka_unit_test(wrong_syntax_is_told_with_its_line),
        cmocka_unit_test(an_empty_word_is_no_key),
        cmocka_unit_test(a_word_that_is_far_too_long_is_told),
        cmocka_unit_test(long_comments_and_gaps_cost_nothing),
        cmocka_unit_test(a_key_that_is_given_twice_is_told),
        cmocka_unit_test(bytes_of_all_kinds_do_no_harm),
        cmocka_unit_test(supervisors_do_not_stand_in_each_other_without_end),
        cmocka_unit_test(who_makes_very_many_mistakes_is_told_a_hundred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
