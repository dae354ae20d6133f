/* send: to whom, what, and what is said when either is wrong. */
#include "tool.h"

static void a_term_arrives_by_name_pid_and_os_pid(void **state)
{
    (void)state;
    struct program *node = stage_start();
    char pid[TR_PID_TEXT_BYTES], bare[TR_PID_TEXT_BYTES], os_pid[32];
    tr_pid_text(actor_pid("quiet"), pid);
    snprintf(bare, sizeof bare, "%.*s", (int)strlen(pid) - 2, pid + 1);
    snprintf(os_pid, sizeof os_pid, "%d", (int)actor_os_pid("quiet"));
    expect_fine(run_tool("send", "quiet", "{by, name}", NULL));
    expect_fine(run_tool("send", pid, "{by, pid}", NULL));
    expect_fine(run_tool("send", bare, "{by, bare_pid}", NULL));
    expect_fine(run_tool("send", os_pid, "{by, os_pid}", NULL));
    wait_until(strstr(program_stdout(node), "os_pid"));
    assert_string_equal(program_stdout(node), "got {by,name}\n"
                                              "got {by,pid}\n"
                                              "got {by,bare_pid}\n"
                                              "got {by,os_pid}\n");
    assert_int_equal(node_stop(node), 0);
}

static void every_kind_of_term_arrives_as_it_was_written(void **state)
{
    (void)state;
    struct program *node = stage_start();
    static const char term[] =
        "{1,-2.5,'an atom',\"text\",<<\"bytes\">>,[a,b|c],#{k => [<0.1.1>]}}";
    expect_fine(run_tool("send", "-n", "stage", "quiet", term, NULL));
    wait_until(strchr(program_stdout(node), '\n'));
    expect_in(program_stdout(node), term);
    assert_int_equal(node_stop(node), 0);
}

static void a_negative_number_is_a_term_and_no_option(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_fine(run_tool("send", "quiet", "-5", "-n", "stage", NULL));
    wait_until(strchr(program_stdout(node), '\n'));
    assert_string_equal(program_stdout(node), "got -5\n");
    assert_int_equal(node_stop(node), 0);
}

/* More than a packet: it travels in a file. */
static void a_large_term_arrives(void **state)
{
    (void)state;
    struct program *node = stage_start();
    enum { LETTERS = 100000 };
    char *term = malloc(LETTERS + 8);
    assert_non_null(term);
    memset(term, 'x', LETTERS + 8);
    memcpy(term, "<<\"", 3);
    memcpy(term + LETTERS, "\">>", 4);
    expect_fine(run_tool("send", "quiet", term, NULL));
    wait_until(strchr(program_stdout(node), '\n'));
    expect_in(program_stdout(node), term);
    free(term);
    assert_int_equal(node_stop(node), 0);
}

static void a_syntax_error_is_told_with_its_character(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_complaint(run_tool("send", "quiet", "{a, )", NULL), 1, "character 5", NULL);
    expect_complaint(run_tool("send", "quiet", "", NULL), 1, "character 1", NULL);
    expect_complaint(run_tool("send", "quiet", "\"open", NULL), 1, "character", NULL);
    expect_complaint(run_tool("send", "quiet", "a b", NULL), 1, "character 3", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void who_does_not_exist_is_told_from_who_is_dead(void **state)
{
    (void)state;
    struct program *node = stage_start();
    char os_pid[32];
    snprintf(os_pid, sizeof os_pid, "%d", (int)getpid());
    expect_complaint(run_tool("send", "nobody", "x", NULL), 1, "nobody", "troupe ps", NULL);
    expect_complaint(run_tool("send", "<0.9999.1>", "x", NULL), 1, "<0.9999.1>", "never", NULL);
    expect_complaint(run_tool("send", "0.1.77", "x", NULL), 1, "0.1.77", "never", NULL);
    expect_complaint(run_tool("send", os_pid, "x", NULL), 1, os_pid, NULL);
    assert_int_equal(node_stop(node), 0);
}

static void the_dead_are_said_to_be_dead_with_their_reason(void **state)
{
    (void)state;
    struct program *node = stage_start();
    const char *text = expect_fine(run_tool("ps", "--all", "-o", "name,pid", "--no-header", NULL));
    char pid[TR_PID_TEXT_BYTES];
    assert_int_equal(sscanf(strstr(text, "(victim)"), "(victim) %31s", pid), 1);
    expect_complaint(run_tool("send", pid, "x", NULL), 1, pid, "dead", "{out_of,coffee}", NULL);
    expect_complaint(run_tool("whereis", pid, NULL), 1, pid, "dead", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void the_node_itself_is_no_actor(void **state)
{
    (void)state;
    struct program *node = stage_start();
    char os_pid[32];
    snprintf(os_pid, sizeof os_pid, "%d", (int)node_os_pid());
    expect_complaint(run_tool("send", os_pid, "x", NULL), 1, "node itself", NULL);
    expect_complaint(run_tool("exit", "<0.0.1>", "kill", NULL), 1, "node itself", NULL);
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_term_arrives_by_name_pid_and_os_pid),
        node_test(every_kind_of_term_arrives_as_it_was_written),
        node_test(a_negative_number_is_a_term_and_no_option),
        node_test(a_large_term_arrives),
        node_test(a_syntax_error_is_told_with_its_character),
        node_test(who_does_not_exist_is_told_from_who_is_dead),
        node_test(the_dead_are_said_to_be_dead_with_their_reason),
        node_test(the_node_itself_is_no_actor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
