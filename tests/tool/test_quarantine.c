/* quarantine: jobs that have killed too many workers are listed, shown, done once more, and dropped. */
#include "shell.h"

/* Sets one aside. */
static void poison(const char *what)
{
    program_expect_exit(what ? node_start("bin/tests/poison", what, NULL)
                             : node_start("bin/tests/poison", NULL),
                        0);
}

static void expect_output(struct program *tool, int status, const char *text)
{
    program_expect_exit(tool, status);
    if (!strstr(program_stdout(tool), text))
        fail_msg("\"%s\" is not in what it printed:\n%s", text, program_stdout(tool));
}

static void a_job_that_was_set_aside_is_listed_and_shown(void **state)
{
    (void)state;
    poison(NULL);
    expect_output(run_tool("quarantine", NULL), 0, "decoder");
    struct program *shown = run_tool("quarantine", "show", NULL);
    expect_output(shown, 0, "{crash,<<\"a.png\">>}");
    expect_output(shown, 0, "sigsegv");
    expect_output(run_tool("quarantine", "show", "last", "-J", NULL), 0, "\"kills\": 1");
    expect_output(run_tool("quarantine", "list", "--json", NULL), 0, "\"a.png\"");
}

static void a_job_that_was_set_aside_names_the_reports_of_its_deaths(void **state)
{
    static const char *const before = "reports    <<\"";
    (void)state;
    poison(NULL);
    const char *at = strstr(program_stdout(run_tool("quarantine", "show", NULL)), before);
    assert_non_null(at);
    char id[128];
    at += strlen(before);
    snprintf(id, sizeof id, "%.*s", (int)strcspn(at, "\""), at);
    expect_output(run_tool("crashes", "show", id, NULL), 0, "{crash,<<\"a.png\">>}");
}

static void a_job_that_was_dropped_is_gone(void **state)
{
    (void)state;
    poison(NULL);
    expect_fine(run_tool("quarantine", "drop", "last", NULL));
    expect_complaint(run_tool("quarantine", "show", NULL), 1, "no job is kept", NULL);
    expect_complaint(run_tool("quarantine", "drop", "2026", NULL), 1, "no job is kept", NULL);
    poison(NULL);
    expect_complaint(run_tool("quarantine", "show", "nothing", NULL), 1, "nothing",
                     "troupe quarantine", NULL);
}

/* A full disk, or a hand, may have cut it. */
static void a_job_that_is_spoilt_is_named_and_can_be_dropped(void **state)
{
    (void)state;
    static const char *const spoil[] = {": > \"$one/job\"", "rm \"$one/job\""};
    static const char *const told[] = {"its job is no term", "its job is missing"};
    for (size_t i = 0; i < 2; i++) {
        char script[256];
        poison(NULL);
        snprintf(script, sizeof script, "for one in \"$TROUPE_STATE\"/quarantine/*; do %s; done",
                 spoil[i]);
        program_expect_exit(run_shell(script), 0);
        expect_complaint(run_tool("quarantine", "show", NULL), 1, told[i], "drop", NULL);
        expect_complaint(run_tool("quarantine", "replay", NULL), 1, told[i], "drop", NULL);
        expect_output(run_tool("quarantine", NULL), 0, told[i]);
        expect_output(run_tool("quarantine", "--json", NULL), 0, "\"broken\": \"its job");
        expect_fine(run_tool("quarantine", "drop", "last", NULL));
        expect_complaint(run_tool("quarantine", "show", NULL), 1, "no job is kept", NULL);
    }
}

static void a_job_of_which_nothing_is_known_is_shown_and_not_replayed(void **state)
{
    (void)state;
    poison(NULL);
    program_expect_exit(run_shell("for meta in \"$TROUPE_STATE\"/quarantine/*/meta; do "
                                  "echo '#{kills =>' > \"$meta\"; done"),
                        0);
    expect_complaint(run_tool("quarantine", "replay", NULL), 1, "cannot be replayed", "known of it",
                     NULL);
    expect_complaint(run_tool("quarantine", "replay", "--gdb", NULL), 1, "cannot be replayed",
                     NULL);
    expect_output(run_tool("quarantine", NULL), 0, "broken: what is known of it");
    expect_output(run_tool("quarantine", "show", NULL), 0, "{crash,<<\"a.png\">>}");
    expect_fine(run_tool("quarantine", "drop", "last", NULL));
}

static void a_job_is_done_once_more(void **state)
{
    (void)state;
    poison(NULL);
    expect_output(run_tool("quarantine", "replay", NULL), 1, "failed: {signal,sigsegv,");
    setenv("IS_CURED", "yes", 1);
    struct program *cured = run_tool("quarantine", "replay", "last", NULL);
    unsetenv("IS_CURED");
    expect_output(cured, 0, "done: ok");
}

static void a_program_gets_its_job_once_more(void **state)
{
    (void)state;
    poison("program");
    expect_output(run_tool("quarantine", "replay", NULL), 1, "failed: {signal,sigsegv,");
}

/* A file of commands for gdb, in the test's state folder. */
static const char *commands_file(const char *commands)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/commands", fixture_state_dir());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(commands, file);
    fclose(file);
    return path;
}

static void the_debugger_stops_where_the_worker_dies(void **state)
{
    (void)state;
    if (access("/usr/bin/gdb", X_OK) != 0)
        skip_because("there is no %s", "gdb");
    poison(NULL);
    expect_output(run_tool("quarantine", "replay", "-x", commands_file("run\nbacktrace\n"), NULL),
                  0, "legacy_decode ()");
    expect_fine(run_tool("quarantine", "drop", "last", NULL));
    poison("program");
    expect_output(run_tool("quarantine", "replay", "-x", commands_file("run\nbacktrace\n"), NULL),
                  0, "SIGSEGV");
}

/* With and without a node the verdict is the pool's: who has made two terms has made none. */
static void a_job_that_is_answered_twice_is_not_done(void **state)
{
    (void)state;
    poison(NULL);
    setenv("IS_CURED", "yes", 1);
    setenv("ANSWERS_TWICE", "yes", 1);
    struct program *with_node = run_tool("quarantine", "replay", NULL), *debugged = NULL;
    if (access("/usr/bin/gdb", X_OK) == 0)
        debugged = run_tool("quarantine", "replay", "-x", commands_file("run\n"), NULL);
    unsetenv("ANSWERS_TWICE");
    unsetenv("IS_CURED");
    expect_output(with_node, 1, "failed: bad_return_value");
    if (debugged)
        expect_output(debugged, 0, "failed: bad_return_value");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_job_that_was_set_aside_is_listed_and_shown),
        node_test(a_job_that_was_set_aside_names_the_reports_of_its_deaths),
        node_test(a_job_that_was_dropped_is_gone),
        node_test(a_job_that_is_spoilt_is_named_and_can_be_dropped),
        node_test(a_job_of_which_nothing_is_known_is_shown_and_not_replayed),
        node_test(a_job_is_done_once_more),
        node_test(a_job_that_is_answered_twice_is_not_done),
        node_test(a_program_gets_its_job_once_more),
        node_test(the_debugger_stops_where_the_worker_dies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
