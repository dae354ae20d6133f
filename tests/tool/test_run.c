/* run: what is started, under which name, and what its end is worth. */
#include <signal.h>

#include "tool.h"

static struct program *run_to_end(const char *reason)
{
    return run_tool("run", stage_path(), "end", reason, NULL);
}

static void the_exit_status_tells_how_the_root_ended(void **state)
{
    (void)state;
    program_expect_exit(run_to_end("normal"), 0);
    program_expect_exit(run_to_end("shutdown"), 0);
    program_expect_exit(run_to_end("{exit_status, 3}"), 3);
    struct program *node = run_to_end("{out_of, coffee}");
    program_expect_exit(node, 1);
    expect_in(program_stderr(node), "{out_of,coffee}");
}

static void another_entry_is_named_after_a_colon(void **state)
{
    (void)state;
    char binary[4200];
    snprintf(binary, sizeof binary, "%s:other", stage_path());
    struct program *node = run_tool("run", binary, "one", "two", NULL);
    program_expect_exit(node, 0);
    assert_string_equal(program_stdout(node), "other [<<\"one\">>,<<\"two\">>]\n");
}

/* Options behind the binary are the binary's. */
static void arguments_are_passed_on_untouched(void **state)
{
    (void)state;
    char binary[4200];
    snprintf(binary, sizeof binary, "%s:other", stage_path());
    struct program *node = run_tool("run", binary, "-n", "--help", "--", "", NULL);
    program_expect_exit(node, 0);
    assert_string_equal(program_stdout(node),
                        "other [<<\"-n\">>,<<\"--help\">>,<<\"--\">>,<<>>]\n");
}

static void a_node_is_called_as_one_says(void **state)
{
    (void)state;
    struct program *node = stage_start_as("bank");
    expect_fine(run_tool("whereis", "-n", "bank", "quiet", NULL));
    expect_complaint(run_tool("whereis", "--node=stage", "quiet", NULL), 2, "stage", "bank", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void who_looks_with_ps_sees_who_is_who(void **state)
{
    (void)state;
    struct program *node = stage_start_as("bank");
    char path[64], title[64] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)census_child(node->os_pid, "node"));
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(title, sizeof title, file));
    fclose(file);
    assert_string_equal(title, "troupe: node bank");
    assert_int_equal(node_stop(node), 0);
}

static void a_second_node_of_the_same_name_is_refused(void **state)
{
    (void)state;
    struct program *node = stage_start_as("bank");
    char os_pid[32];
    snprintf(os_pid, sizeof os_pid, "%d", (int)node->os_pid);
    expect_complaint(run_tool("run", "-n", "bank", stage_path(), NULL), 2, "bank", os_pid, NULL);
    assert_int_equal(node_stop(node), 0);
}

static void ctrl_c_and_sigterm_stop_in_order(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2; i++) {
        struct program *node = stage_start_as("bank");
        program_signal(node, signals[i]);
        program_expect_exit(node, 0);
    }
}

static void bad_usage_is_refused_before_anything_is_started(void **state)
{
    (void)state;
    expect_complaint(run_tool("run", NULL), 1, "run", "usage", NULL);
    expect_complaint(run_tool("run", "--slots", "none", stage_path(), NULL), 1, "--slots", NULL);
    expect_complaint(run_tool("run", "--slots", "99999999", stage_path(), NULL), 1, "--slots",
                     NULL);
    expect_complaint(run_tool("run", "-n", "a/b", stage_path(), NULL), 2, "a/b", NULL);
}

static void a_node_without_a_free_slot_says_so(void **state)
{
    (void)state;
    struct program *node = run_tool("run", "--slots", "2", stage_path(), NULL);
    assert_int_not_equal(program_wait(node), 0);
    assert_int_equal(fixture_descendants(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(the_exit_status_tells_how_the_root_ended),
        node_test(another_entry_is_named_after_a_colon),
        node_test(arguments_are_passed_on_untouched),
        node_test(a_node_is_called_as_one_says),
        node_test(who_looks_with_ps_sees_who_is_who),
        node_test(a_second_node_of_the_same_name_is_refused),
        node_test(ctrl_c_and_sigterm_stop_in_order),
        node_test(bad_usage_is_refused_before_anything_is_started),
        node_test(a_node_without_a_free_slot_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
