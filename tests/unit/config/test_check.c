/* Check: each mistake has its line; and what a configuration names must be there. */
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "support/copy.h"
#include "support/program.h"
#include "support/skip.h"

#define A "actor a { entry = x:a "

static void values_of_the_wrong_kind_are_told(void **state)
{
    (void)state;
    expect_mistakes(A "}\nintensity = many\nperiod = 5\n",
                    "x:2: intensity: \"many\" is not a number\n"
                    "x:3: period: \"5\" is not a time: give 250ms, 5s, 2min or 1h\n");
}

/* A mistake and what is said of it. */
struct mistake {
    const char *text, *said;
};

static void expect_each(const struct mistake *mistakes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_mistakes(mistakes[i].text, mistakes[i].said);
}

static void values_out_of_range_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {A "}\nperiod = 10ms", "x:2: period: 10ms is not from 1000ms to 2147483647ms\n"},
        {A "}\nperiod = 1500ms", "x:2: period: 1500ms is not in whole seconds\n"},
        {A "}\nperiod = 1.5s", "x:2: period: 1.5s is not in whole seconds\n"},
        {A "}\nintensity = 99999999999999999999",
         "x:2: intensity: 99999999999999999999 is not from 0 to 2147483647\n"},
        {A "\nshutdown = soon }",
         "x:2: shutdown: \"soon\" is not a time: give 250ms, 5s, 2min or 1h, "
         "infinity, or brutal_kill\n"},
        {A "\nrestart = permanant }",
         "x:2: restart: \"permanant\" is none of permanent, transient, "
         "temporary; do you mean permanent?\n"},
        {A "\nrestart = { permanent, transient } }", "x:2: restart: has one value, not 2\n"},
        {A "\nargument = '{a, ' }", "x:2: argument: not a term, character 5: a term\n"},
        {A "\nname = '' }", "x:2: name: is empty\n"},
        {"actor a { entry = x }", "x:1: entry: \"x\" is not BINARY:ENTRY\n"},
        {"program a { path = x\nenvironment = { 'A=1', '=2', B } }",
         "x:2: environment: \"=2\" is neither NAME=VALUE nor NAME\n"},
    };
    (void)state;
    expect_each(mistakes, sizeof mistakes / sizeof mistakes[0]);
}

static void duplicates_are_told_with_both_lines(void **state)
{
    static const struct mistake mistakes[] = {
        {A "}\n" A "}\n", "x:2: the id \"a\" is taken, see line 1\n"},
        {A "}\nprogram a { path = x }\n", "x:2: the id \"a\" is taken, see line 1\n"},
        {A "name = n }\nsupervisor s { server a { entry = x:a\nname = n } }",
         "x:3: name: \"n\" is taken, see line 1\n"},
    };
    (void)state;
    expect_each(mistakes, sizeof mistakes / sizeof mistakes[0]);
}

static void what_is_missing_is_told(void **state)
{
    static const struct mistake mistakes[] = {
        {"", "x: the file has no children\n"},
        {"# nothing\n", "x: the file has no children\n"},
        {A "}\nsupervisor s { }", "x:2: the supervisor has no children\n"},
        {"actor a { }\nserver b { }\nprogram c { }",
         "x:1: the actor \"a\" has no entry\nx:2: the server \"b\" has no entry\n"
         "x:3: the program \"c\" has no path\n"},
        {"actor '' { entry = x:a }", "x:1: the actor has no id\n"},
    };
    (void)state;
    expect_each(mistakes, sizeof mistakes / sizeof mistakes[0]);
}

/* SEMANTICS 47 */
static void combinations_that_make_no_sense_are_told(void **state)
{
    static const struct mistake mistakes[] = {
        {A "restart = transient\nsignificant = true }",
         "x:2: significant: the supervisor's auto_shutdown is never, so it means nothing\n"},
        {"auto_shutdown = any_significant\n" A "significant = true }",
         "x:2: significant: a child that is permanent never ends for good\n"},
        {A "}\nauto_shutdown = all_significant", "x:2: auto_shutdown: no child is significant\n"},
        {"strategy = dynamic\n" A "}",
         "x:1: strategy: the children of dynamic are not in the file\n"},
        {"strategy = simple_one_for_one\n" A "} actor b { entry = x:b }",
         "x:1: strategy: simple_one_for_one has one child, the model of all, not 2\n"},
        {A "}\nmax_children = 5", "x:2: max_children: only for dynamic and simple_one_for_one\n"},
        {A "backoff_min = 2s\nbackoff_max = 1s }", "x:2: backoff_max: less than backoff_min\n"},
        {A "\nbackoff_max = 1s }", "x:2: backoff_max: means nothing without backoff_min\n"},
        {A "\nbackoff_reset = 1s }", "x:2: backoff_reset: means nothing without backoff_min\n"},
        {A "restart = temporary\nbackoff_min = 1s }",
         "x:2: backoff_min: a temporary child is never started again\n"},
        {A "\nmailbox_policy = drops }", "x:2: mailbox_policy: means nothing without a bound\n"},
        {A "\nreadable = /usr\nwritable = /tmp }",
         "x:2: readable: means nothing without a sandbox\n"
         "x:3: writable: means nothing without a sandbox\n"},
        {"supervisor s { entry = x:s\nstrategy = one_for_all\n" A "} }",
         "x:2: a supervisor that is an entry of a binary says that itself\n"
         "x:3: the supervisor in line 1 is an entry of a binary, which has its own children\n"},
        {"supervisor s { " A "}\nargument = 5 }",
         "x:2: argument: means nothing without an entry\n"},
        {"program p { path = x framing = packet_1\nmax_bytes = 256 }",
         "x:2: max_bytes: packet_1 has at most 255\n"},
        {"program p { path = x\nstderr = messages }",
         "x:2: stderr: there is no owner to send messages to\n"},
        {A "}\nnode = a/b", "x:2: node: a name has no slash\n"},
        {A "\nname = undefined }", "x:2: name: \"undefined\" cannot be registered\n"},
    };
    (void)state;
    expect_each(mistakes, sizeof mistakes / sizeof mistakes[0]);
}

static void what_makes_sense_is_not_complained_about(void **state)
{
    (void)state;
    config_free(read_right("auto_shutdown = any_significant\n" A
                           "restart = transient significant = true }\n"));
    config_free(read_right("supervisor s { strategy = dynamic max_children = 3 }"));
    config_free(read_right("supervisor s { entry = x:s argument = '[]' }"));
    config_free(read_right("supervisor s { strategy = simple_one_for_one " A "} }"));
    config_free(read_right("supervisor s { " A "} } supervisor t { " A "} }"));
}

/* ---------------------------------------------------------------- the world */

static void expect_in_the_world(const char *expected, const char *format, ...)
{
    struct config_mistakes mistakes = {0};
    char text[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct config *config = read_text(text, &mistakes);
    assert_int_equal(mistakes.count, 0);
    config_check_world(config, &mistakes);
    char *printed = print_mistakes(&mistakes);
    assert_string_equal(printed, expected);
    free(printed);
    config_mistakes_deinit(&mistakes);
    config_free(config);
}

static void a_binary_must_be_one(void **state)
{
    (void)state;
    expect_in_the_world("x:1: entry: /etc/nowhere: No such file or directory\n"
                        "x:2: entry: /etc/passwd: not an actor binary: it defines no TR_ACTOR (see "
                        "troupe(3))\n"
                        "x:3: entry: /tmp: a directory, not an actor binary\n",
                        "actor a { entry = nowhere:a }\nactor b { entry = passwd:b }\n"
                        "server c { entry = /tmp:c }\n");
}

static void an_entry_must_be_in_its_binary(void **state)
{
    char expected[8192];
    (void)state;
    snprintf(expected, sizeof expected,
             "x:2: entry: %s/counter has no \"clerk\"; it has: counter main\n", program_folder());
    expect_in_the_world(expected,
                        "actor a { entry = '%s/counter:counter' }\n"
                        "actor b { entry = '%s/counter:clerk' }\n"
                        "actor c { entry = '%s/counter:main' }\n"
                        "server d { entry = '%s/counter:$pool' }\n",
                        program_folder(), program_folder(), program_folder(), program_folder());
}

static void a_program_must_be_there(void **state)
{
    (void)state;
    expect_in_the_world("x:1: path: there is no \"no-such-program\" in PATH\n"
                        "x:2: path: /etc/nowhere/x: No such file or directory\n"
                        "x:3: path: /etc/passwd: not an executable file\n"
                        "x:4: path: there is no \"sh\" in PATH\n",
                        "program a { path = no-such-program }\nprogram b { path = nowhere/x }\n"
                        "program c { path = ./passwd }\n"
                        "program d { path = sh environment = 'PATH=/nowhere' }\n"
                        "program e { path = sh }\nprogram f { path = /bin/sh }\n");
}

static void a_directory_must_be_one(void **state)
{
    (void)state;
    expect_in_the_world("x:1: directory: /etc/nowhere: No such file or directory\n"
                        "x:2: directory: /etc/passwd: not a directory\n",
                        "program a { path = sh directory = nowhere }\n"
                        "program b { path = sh directory = /etc/passwd }\n"
                        "program c { path = sh directory = / }\n");
}

static void a_user_must_be_known(void **state)
{
    const struct passwd *self = getpwuid(geteuid());
    (void)state;
    if (!self)
        skip_because("user %u, who runs this, is not in the list of users", (unsigned)geteuid());
    expect_in_the_world("x:1: user: there is no user \"no-such-user\"\n",
                        "program a { path = sh user = no-such-user }\n"
                        "program b { path = sh user = '%s' }\n",
                        self->pw_name);
}

static void a_program_is_not_its_own_owner(void **state)
{
    (void)state;
    expect_mistakes("program p { path = yes name = p\n owner = p }\n"
                    "program q { path = yes name = q owner = p }\n",
                    "x:2: owner: a program cannot be sent its own output\n");
}

/* Also where the test has failed as somebody else. */
static int be_oneself(void **state)
{
    (void)state;
    return seteuid(getuid());
}

static void only_roots_nodes_have_other_users(void **state)
{
    struct copies copies;
    char binary[COPY_PATH_BYTES];
    (void)state;
    copies_begin(&copies);
    copies_add(&copies, "counter", "counter", binary);
    assert_int_equal(geteuid() == 0 ? seteuid(65534) : 0, 0);
    expect_in_the_world("x:2: user: only root can run a program as another user\n"
                        "x:4: user: only root can run a server as another user\n"
                        "x:6: user: only root can run a supervisor as another user\n",
                        "program a { path = sh\n user = '0' }\n"
                        "server b { entry = '%s:counter'\n user = '0' }\n"
                        "supervisor c {\n user = '0'\n program d { path = sh } }\n",
                        binary);
    assert_int_equal(be_oneself(state), 0);
    copies_end(&copies);
}

static void who_is_below_another_user_is_nobody_else(void **state)
{
    (void)state;
    need_root("another user");
    expect_in_the_world(
        "x:4: user: its supervisor runs as \"1\", who can run nobody as \"2\"\n"
        "x:5: user: its supervisor runs as \"1\", who can run nobody as \"root\"\n"
        "x:6: user: its supervisor runs as \"1\", who can run nobody as \"1:2\"\n",
        "server z { entry = '%s/counter:counter' user = '2' }\n"
        "supervisor a { user = '1'\n supervisor b {\n"
        "  program c { path = sh user = '2' }\n  program d { path = sh user = root }\n"
        "  program e { path = sh user = '1:2' }\n  program f { path = sh user = '1' }\n"
        "  program g { path = sh }\n } }\n",
        program_folder());
}

static void another_user_has_only_roots_binaries_executed(void **state)
{
    struct copies copies;
    char binary[COPY_PATH_BYTES], expected[512];
    (void)state;
    need_root("another user");
    copies_begin(&copies);
    copies_add(&copies, "counter", "counter", binary);
    assert_int_equal(chmod(copies.folder, 0777), 0);
    snprintf(expected, sizeof expected,
             "x:3: entry: %s: others than root can have put it there, so a supervisor that runs as "
             "\"1\" cannot have it executed\n",
             binary);
    expect_in_the_world(expected,
                        "actor a { entry = '%s:counter' user = '1' }\n"
                        "supervisor b { user = '1'\n actor c { entry = '%s:counter' } }\n",
                        binary, binary);
    copies_end(&copies);
}

static void what_surrounds_an_entry_needs_one(void **state)
{
    (void)state;
    expect_mistakes("supervisor s {\n argument = a\n environment = A\n directory = '/'\n"
                    "\n actor a { entry = x:y environment = { 'A=1', '=2' } } }\n",
                    "x:2: argument: means nothing without an entry\n"
                    "x:3: environment: means nothing without an entry\n"
                    "x:4: directory: means nothing without an entry\n"
                    "x:6: environment: \"=2\" is neither NAME=VALUE nor NAME\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_the_wrong_kind_are_told),
        cmocka_unit_test(values_out_of_range_are_told),
        cmocka_unit_test(duplicates_are_told_with_both_lines),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(combinations_that_make_no_sense_are_told),
        cmocka_unit_test(what_makes_sense_is_not_complained_about),
        cmocka_unit_test(a_binary_must_be_one),
        cmocka_unit_test(an_entry_must_be_in_its_binary),
        cmocka_unit_test(a_program_must_be_there),
        cmocka_unit_test(a_directory_must_be_one),
        cmocka_unit_test(a_user_must_be_known),
        cmocka_unit_test_teardown(only_roots_nodes_have_other_users, be_oneself),
        cmocka_unit_test(who_is_below_another_user_is_nobody_else),
        cmocka_unit_test(another_user_has_only_roots_binaries_executed),
        cmocka_unit_test(what_surrounds_an_entry_needs_one),
        cmocka_unit_test(a_program_is_not_its_own_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
