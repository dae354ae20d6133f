/* Usage: help everywhere, and one line for every mistake. */
#include <fcntl.h>

#include "tool.h"

static const char *const commands[] = {"run",     "ps",       "send",   "exit", "whereis", "info",
                                       "nodes",   "shutdown", "doctor", "call", "cast",    "state",
                                       "suspend", "resume",   "spawn",  "stop", "wait",    "tree"};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void every_command_helps(void **state)
{
    (void)state;
    char usage[64];
    for (size_t i = 0; i < COMMANDS; i++) {
        snprintf(usage, sizeof usage, "Usage: troupe %s ", commands[i]);
        const char *text = expect_fine(run_tool(commands[i], "--help", NULL));
        assert_memory_equal(text, usage, strlen(usage));
        expect_in(text, "--node");
        assert_string_equal(expect_fine(run_tool("help", commands[i], NULL)), text);
    }
}

static void the_overview_names_every_command(void **state)
{
    (void)state;
    const char *text = expect_fine(run_tool("--help", NULL));
    for (size_t i = 0; i < COMMANDS; i++)
        expect_in(text, commands[i]);
    assert_string_equal(expect_fine(run_tool("help", NULL)), text);
    expect_in(expect_fine(run_tool("--version", NULL)), "troupe 0.");
}

static void the_help_of_ps_lists_all_columns(void **state)
{
    (void)state;
    const char *text = expect_fine(run_tool("ps", "--help", NULL));
    static const char *const some[] = {"LAST-EXIT", "in_hand_age_ms", "dead_letters", "is_guest"};
    for (size_t i = 0; i < 4; i++)
        expect_in(text, some[i]);
}

static void what_is_no_command_is_refused(void **state)
{
    (void)state;
    expect_complaint(run_tool("sned", "counter", "x", NULL), 1, "sned", "troupe help", NULL);
    expect_complaint(run_tool("-n", "bank", "ps", NULL), 1, "behind the command", NULL);
    expect_complaint(run_tool("help", "sned", NULL), 1, "sned", "troupe help", NULL);
    const char *const argv[] = {"bin/troupe", NULL};
    struct program *bare = program_start(argv);
    program_expect_exit(bare, 1);
    expect_in(program_stderr(bare), "Usage: troupe COMMAND");
}

static void unknown_options_are_refused_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMANDS; i++) {
        expect_complaint(run_tool(commands[i], "--colour", NULL), 1, commands[i], "--colour",
                         "usage: troupe", NULL);
        expect_complaint(run_tool(commands[i], "-x", NULL), 1, commands[i], "-x", NULL);
        expect_complaint(run_tool(commands[i], "-n", NULL), 1, commands[i], "-n", NULL);
    }
}

static void wrong_numbers_of_arguments_are_refused(void **state)
{
    (void)state;
    expect_complaint(run_tool("send", NULL), 1, "missing", "WHO TERM", NULL);
    expect_complaint(run_tool("send", "counter", NULL), 1, "missing", NULL);
    expect_complaint(run_tool("send", "counter", "a", "b", NULL), 1, "too many", "b", NULL);
    expect_complaint(run_tool("exit", NULL), 1, "missing", NULL);
    expect_complaint(run_tool("whereis", NULL), 1, "missing", NULL);
    expect_complaint(run_tool("info", "a", "b", NULL), 1, "too many", NULL);
    expect_complaint(run_tool("ps", "counter", NULL), 1, "too many", NULL);
    expect_complaint(run_tool("nodes", "bank", NULL), 1, "too many", NULL);
    expect_complaint(run_tool("shutdown", "bank", NULL), 1, "too many", NULL);
    expect_complaint(run_tool("call", "kv", NULL), 1, "missing", "WHO TERM", NULL);
    expect_complaint(run_tool("state", "kv", "x", NULL), 1, "too many", NULL);
    expect_complaint(run_tool("spawn", NULL), 1, "missing", NULL);
    expect_complaint(run_tool("wait", NULL), 1, "missing", NULL);
    expect_complaint(run_tool("stop", "a", "b", "c", NULL), 1, "too many", NULL);
    expect_complaint(run_tool("tree", "a", "b", NULL), 1, "too many", NULL);
}

static void wrong_values_are_refused(void **state)
{
    (void)state;
    expect_complaint(run_tool("ps", "--watch=often", NULL), 1, "--watch", "often", NULL);
    expect_complaint(run_tool("ps", "--watch", "0", NULL), 1, "--watch", NULL);
    expect_complaint(run_tool("ps", "-o", "", NULL), 1, "column", NULL);
    expect_complaint(run_tool("shutdown", "-t", "soon", NULL), 1, "--timeout", NULL);
    expect_complaint(run_tool("wait", "-t", "5d", "x", NULL), 1, "--timeout", "10ms to 24h", NULL);
    expect_complaint(run_tool("wait", "-t", "25h", "x", NULL), 1, "--timeout", "10ms to 24h", NULL);
}

static void a_full_disk_does_not_look_like_success(void **state)
{
    (void)state;
    char command[4200];
    snprintf(command, sizeof command, "exec %s/troupe help >/dev/full", program_folder());
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    expect_complaint(program_start(argv), 1, "standard output", "No space", NULL);
}

/* Each command that prints without a node to ask. */
static void what_cannot_be_printed_is_told_by_all(void **state)
{
    (void)state;
    static const char *const prints[] = {"version",   "ps --help",      "complete ''",
                                         "doctor",    "crashes --json", "quarantine list --json",
                                         "map --help"};
    static const char *const streams[] = {">/dev/full", ">&-"};
    for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++)
        for (size_t j = 0; j < 2; j++) {
            char command[4300];
            snprintf(command, sizeof command, "exec %s/troupe %s %s", program_folder(), prints[i],
                     streams[j]);
            const char *const argv[] = {"/bin/sh", "-c", command, NULL};
            expect_complaint(program_start(argv), 1, "standard output", j ? "Bad file" : "No space",
                             NULL);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(every_command_helps),
        node_test(the_overview_names_every_command),
        node_test(the_help_of_ps_lists_all_columns),
        node_test(what_is_no_command_is_refused),
        node_test(unknown_options_are_refused_everywhere),
        node_test(wrong_numbers_of_arguments_are_refused),
        node_test(wrong_values_are_refused),
        node_test(a_full_disk_does_not_look_like_success),
        node_test(what_cannot_be_printed_is_told_by_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
