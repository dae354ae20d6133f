/* whereis and info: one actor, seen closely. */
#include <signal.h>

#include "tool.h"

static void whereis_prints_a_pid(void **state)
{
    (void)state;
    struct program *node = stage_start();
    char expected[TR_PID_TEXT_BYTES + 1], os_pid[32];
    tr_pid_text(actor_pid("quiet"), expected);
    strcat(expected, "\n");
    snprintf(os_pid, sizeof os_pid, "%d", (int)actor_os_pid("quiet"));
    assert_string_equal(expect_fine(run_tool("whereis", "quiet", NULL)), expected);
    assert_string_equal(expect_fine(run_tool("whereis", os_pid, NULL)), expected);
    expect_complaint(run_tool("whereis", "nobody", NULL), 1, "nobody", "stage", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void info_tells_what_only_the_node_knows(void **state)
{
    (void)state;
    struct program *node = stage_start();
    char root[TR_PID_TEXT_BYTES];
    tr_pid_text(actor_pid("stage"), root);
    const char *text = expect_fine(run_tool("info", "quiet", NULL));
    expect_in(text, "registered_name");
    const char *links = strstr(text, "\nlinks ");
    assert_non_null(links);
    assert_true(strstr(links, root) < strchr(links + 1, '\n'));
    expect_in(text, "\nmemory_bytes ");
    expect_in(text, "\nstate ");
    assert_int_equal(node_stop(node), 0);
}

static void info_in_json_is_json(void **state)
{
    (void)state;
    struct program *node = stage_start();
    struct program *info = run_tool("info", "--json", "quiet", NULL);
    expect_fine(info);
    expect_json(info, ".actors[0] | .registered_name == \"quiet\" and (.links | length) == 2 and "
                      ".os_pid > 1 and .trap_exit == false and .monitored_by == [] and "
                      ".memory_bytes > 0 and (.image | endswith(\"/stage\"))");
    assert_int_equal(node_stop(node), 0);
}

static void info_falls_back_to_the_table_when_the_node_is_stopped(void **state)
{
    (void)state;
    struct program *node = stage_start();
    pid_t os_pid = node_os_pid();
    assert_true(process_stop(os_pid));
    struct program *info = run_tool("info", "quiet", NULL);
    assert_int_equal(kill(os_pid, SIGCONT), 0);
    expect_complaint(info, 0, "stopped", "table", NULL);
    expect_in(program_stdout(info), "quiet");
    assert_int_equal(node_stop(node), 0);
}

/* It has its name before it is born, and its confinement is known when it is. */
static bool is_born(const char *name)
{
    return strstr(expect_fine(run_tool("info", name, NULL)), "\nconfinement ");
}

/* Root's processes are not counted. */
static void info_tells_what_of_a_confinement_is_not_enforced(void **state)
{
    (void)state;
    need_exact_memory();
    struct program *node = node_start("bin/tests/legacy", ":ward", NULL);
    wait_until(actor_exists("decoder") || program_is_over(node));
    wait_until(is_born("decoder"));
    const char *text = expect_fine(run_tool("info", "decoder", NULL));
    expect_in(text, "cpu => 77");
    expect_in(text, geteuid() == 0 ? "not_enforced => [processes]" : "not_enforced => []");
    node_stop(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(whereis_prints_a_pid),
        node_test(info_tells_what_only_the_node_knows),
        node_test(info_tells_what_of_a_confinement_is_not_enforced),
        node_test(info_in_json_is_json),
        node_test(info_falls_back_to_the_table_when_the_node_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
