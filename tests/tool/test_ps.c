/* ps: what it lists, in which columns, order and shape. */
#include <signal.h>
#include <sys/stat.h>

#include "support/copy.h"
#include "tool.h"
#include "troupe/node.h"

static void ps_lists_the_living_in_eleven_columns(void **state)
{
    (void)state;
    struct program *node = stage_start();
    const char *text = expect_fine(run_tool("ps", NULL));
    static const char *const headers[] = {"NAME", "PID",   "OS-PID", "STATE", "UP",       "RST",
                                          "MBOX", "MSG/S", "CPU%",   "MEM",   "LAST-EXIT"};
    const char *end = text;
    char os_pid[16];
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        end += strspn(end, " ");
        assert_memory_equal(end, headers[i], strlen(headers[i]));
        end += strlen(headers[i]);
    }
    assert_int_equal(*end, '\n');
    assert_int_equal(count_lines(text), 4);
    snprintf(os_pid, sizeof os_pid, "%d", (int)actor_os_pid("quiet"));
    expect_in(strstr(text, "quiet"), os_pid);
    assert_int_equal(node_stop(node), 0);
}

static void an_actor_without_a_name_is_shown_by_its_entry(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_in(expect_fine(run_tool("ps", NULL)), "(player)");
    assert_int_equal(node_stop(node), 0);
}

static void the_header_is_left_out_on_request(void **state)
{
    (void)state;
    struct program *node = stage_start();
    const char *text = expect_fine(run_tool("ps", "--no-header", NULL));
    expect_not_in(text, "LAST-EXIT");
    assert_int_equal(count_lines(text), 3);
    assert_int_equal(node_stop(node), 0);
}

static void columns_are_chosen_by_header_or_key(void **state)
{
    (void)state;
    struct program *node = stage_start();
    char pid[TR_PID_TEXT_BYTES], shown[TR_PID_TEXT_BYTES];
    int os_pid;
    const char *text = expect_fine(run_tool("ps", "-o", "name,os_pid,PID", "--no-header", NULL));
    const char *line = strstr(text, "quiet");
    assert_non_null(line);
    assert_int_equal(sscanf(line, "quiet %d %31s", &os_pid, shown), 2);
    assert_int_equal(os_pid, actor_os_pid("quiet"));
    assert_string_equal(shown, tr_pid_text(actor_pid("quiet"), pid));
    assert_int_equal(node_stop(node), 0);
}

static void columns_are_added_with_a_plus(void **state)
{
    (void)state;
    struct program *node = stage_start();
    const char *text = expect_fine(run_tool("ps", "-o", "+parent,kind", NULL));
    expect_in(text, "LAST-EXIT");
    expect_in(text, "PARENT");
    expect_in(text, "root");
    assert_int_equal(node_stop(node), 0);
}

static void an_unknown_column_is_refused_and_the_known_are_named(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_complaint(run_tool("ps", "-o", "name,colour", NULL), 1, "colour", "LAST-EXIT", NULL);
    expect_complaint(run_tool("ps", "--sort", "-colour", NULL), 1, "colour", "LAST-EXIT", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void rows_are_sorted_upward_and_downward(void **state)
{
    (void)state;
    struct program *node = stage_start();
    const char *text = expect_fine(run_tool("ps", "--sort", "name", NULL));
    assert_true(strstr(text, "quiet") < strstr(text, "stage"));
    text = expect_fine(run_tool("ps", "--sort=-name", NULL));
    assert_true(strstr(text, "quiet") > strstr(text, "stage"));
    assert_int_equal(node_stop(node), 0);
}

static void the_tree_shows_who_spawned_whom(void **state)
{
    (void)state;
    struct program *node = stage_start();
    setenv("LC_ALL", "C", 1); /* which has no characters to draw with */
    const char *text = expect_fine(run_tool("ps", "--tree", "-o", "name", "--no-header", NULL));
    unsetenv("LC_ALL");
    assert_string_equal(text, "(node)\n"
                              "`-stage\n"
                              "  `-quiet\n"
                              "    `-(player)\n");
    assert_int_equal(node_stop(node), 0);
}

static void the_tree_in_json_nests_children(void **state)
{
    (void)state;
    struct program *node = stage_start();
    struct program *ps = run_tool("ps", "--tree", "--json", NULL);
    expect_json(ps, ".actors[0].children[0].children[0].name == \"quiet\"");
    assert_int_equal(node_stop(node), 0);
}

static void the_dead_are_shown_with_their_reasons_on_request_only(void **state)
{
    (void)state;
    struct program *node = stage_start();
    const char *text = expect_fine(run_tool("ps", "-o", "name,state,last-exit", NULL));
    expect_not_in(text, "(victim)");
    text = expect_fine(run_tool("ps", "--all", "-o", "name,state,last-exit", NULL));
    expect_in(text, "(victim)");
    expect_in(strstr(text, "(victim)"), "dead");
    expect_in(strstr(text, "(victim)"), "{out_of,coffee}");
    expect_in(text, "(node)");
    assert_int_equal(node_stop(node), 0);
}

/* The stage is up before each of its players is in its receive. */
static bool quiet_is_waiting(void)
{
    const char *text = expect_fine(run_tool("ps", "-o", "name,state", "--no-header", NULL));
    const char *line = strstr(text, "quiet");
    char shown[16];
    return line && sscanf(line, "quiet %15s", shown) == 1 && strcmp(shown, "waiting") == 0;
}

static void json_has_all_that_is_known_of_an_actor(void **state)
{
    (void)state;
    struct program *node = stage_start();
    wait_until(quiet_is_waiting());
    struct program *ps = run_tool("ps", "--json", NULL);
    expect_fine(ps);
    expect_json(ps, "[.actors[] | select(.name == \"quiet\")] | length == 1");
    expect_json(ps, ".actors[] | select(.name == \"quiet\") | "
                    "(.pid | test(\"^<0[.][0-9]+[.][0-9]+>$\")) and .os_pid > 1 and "
                    ".state == \"waiting\" and .entry == \"player\" and .restarts == 0 and "
                    "(.image | endswith(\"/stage\")) and .is_guest == false and .links >= 2 and "
                    ".memory_bytes > 0 and .mailbox == 0 and .kind == \"actor\"");
    expect_json(ps, ".actors[0] | [\"name\",\"pid\",\"os_pid\",\"state\",\"uptime_ms\","
                    "\"restarts\",\"mailbox\",\"messages_in\",\"messages_out\",\"bytes_in\","
                    "\"bytes_out\",\"cpu_percent\",\"memory_bytes\",\"last_exit\",\"parent\","
                    "\"entry\",\"image\",\"generation\",\"slot\",\"links\",\"monitors\","
                    "\"traps_exits\",\"in_hand_age_ms\",\"oldest_message_ms\",\"dead_letters\","
                    "\"bad_frames\",\"is_guest\"] - keys == []");
    assert_int_equal(node_stop(node), 0);
}

static void a_name_in_json_is_whole_and_one_of_none_is_null(void **state)
{
    (void)state;
    struct program *node = stage_start();
    struct program *ps = run_tool("ps", "--json", "-o", "name,entry", NULL);
    expect_json(ps, "[.actors[] | .name] | sort == [null, \"quiet\", \"stage\"]");
    assert_int_equal(node_stop(node), 0);
}

/* A directory in the image's path is not UTF-8. */
static void json_is_utf8_whatever_a_path_holds(void **state)
{
    (void)state;
    char folder[64], binary[80];
    snprintf(folder, sizeof folder, "%s/\xff\x01\"", fixture_run_dir());
    snprintf(binary, sizeof binary, "%s/stage", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    copy_file(stage_path(), binary);
    const char *const argv[] = {binary, NULL};
    struct program *node = program_start(argv);
    wait_until(stage_is_ready("stage") || program_is_over(node));
    struct program *ps = run_tool("ps", "--json", NULL);
    expect_json(ps, ".actors[0].image | endswith(\"\\ufffd\\u0001\\\"/stage\")");
    assert_int_equal(node_stop(node), 0);
    assert_int_equal(unlink(binary), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_stopped_actor_is_shown_as_stopped(void **state)
{
    (void)state;
    struct program *node = stage_start();
    pid_t os_pid = actor_os_pid("quiet");
    assert_true(process_stop(os_pid));
    const char *text = expect_fine(run_tool("ps", "-o", "name,state", NULL));
    assert_int_equal(kill(os_pid, SIGCONT), 0);
    expect_in(strstr(text, "quiet"), "stopped");
    assert_int_equal(node_stop(node), 0);
}

/* Is there a list that begins with quiet, and shows it to use more than that of a CPU? On a busy machine that may not be
 * the first list. */
static bool quiet_leads_with(const char *lists, float least_percent)
{
    float percent = 0;
    for (const char *at = lists; (at = strstr(at, "\n\n")); at += 2)
        if (sscanf(at, " quiet %f", &percent) == 1 && percent > least_percent)
            return true;
    return false;
}

static void an_actor_that_computes_is_running_and_uses_the_cpu(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_fine(run_tool("send", "quiet", "compute", NULL));
    for (const char *text = ""; !strstr(text, "running");)
        text = strstr(expect_fine(run_tool("ps", "-o", "name,state", NULL)), "quiet");
    const char *const argv[] = {"bin/troupe", "ps",     "--watch=0.1", "--no-header", "-o",
                                "name,cpu%",  "--sort", "-cpu%",       NULL};
    struct program *watch = program_start(argv);
    wait_until(quiet_leads_with(program_stdout(watch), 5));
    program_signal(watch, SIGINT);
    program_expect_exit(watch, 0);
    expect_fine(run_tool("exit", "quiet", "kill", NULL));
    program_wait(node);
}

static void a_name_is_never_cut_in_a_pipe(void **state)
{
    (void)state;
    char name[200];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct program *node = node_start("bin/tests/stage", "named", name, NULL);
    wait_until(actor_exists("stage") || program_is_over(node));
    expect_in(expect_fine(run_tool("ps", NULL)), name);
    assert_int_equal(node_stop(node), 0);
}

static void there_are_no_colours_in_a_pipe(void **state)
{
    (void)state;
    struct program *node = stage_start();
    expect_not_in(expect_fine(run_tool("ps", "--all", NULL)), "\033");
    assert_int_equal(node_stop(node), 0);
}

static void watch_repeats_the_list_until_it_is_interrupted(void **state)
{
    (void)state;
    struct program *node = stage_start();
    const char *const argv[] = {"bin/troupe", "ps", "--watch", "50ms", "-o", "name", NULL};
    struct program *watch = program_start(argv);
    wait_until(count_lines(program_stdout(watch)) >= 14);
    program_signal(watch, SIGINT);
    assert_non_null(strstr(expect_fine(watch), "\n\nNAME\n"));
    assert_int_equal(node_stop(node), 0);
}

static void be_an_auditor(void *context)
{
    struct program *watch = context;
    char why[512];
    if (tr_guest_join(NULL, "audit", why, sizeof why))
        fail_msg("%s", why);
    wait_until(strstr(program_stdout(watch), "(audit)"));
    tr_guest_leave();
}

static void guests_are_listed(void **state)
{
    (void)state;
    struct program *node = stage_start();
    const char *const argv[] = {"bin/troupe", "ps", "--watch=0.05", "-o", "name,kind", NULL};
    struct program *watch = program_start(argv);
    guest_run(be_an_auditor, watch);
    program_signal(watch, SIGINT);
    program_expect_exit(watch, 0);
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(ps_lists_the_living_in_eleven_columns),
        node_test(an_actor_without_a_name_is_shown_by_its_entry),
        node_test(the_header_is_left_out_on_request),
        node_test(columns_are_chosen_by_header_or_key),
        node_test(columns_are_added_with_a_plus),
        node_test(an_unknown_column_is_refused_and_the_known_are_named),
        node_test(rows_are_sorted_upward_and_downward),
        node_test(the_tree_shows_who_spawned_whom),
        node_test(the_tree_in_json_nests_children),
        node_test(the_dead_are_shown_with_their_reasons_on_request_only),
        node_test(json_has_all_that_is_known_of_an_actor),
        node_test(a_name_in_json_is_whole_and_one_of_none_is_null),
        node_test(json_is_utf8_whatever_a_path_holds),
        node_test(a_stopped_actor_is_shown_as_stopped),
        node_test(an_actor_that_computes_is_running_and_uses_the_cpu),
        node_test(a_name_is_never_cut_in_a_pipe),
        node_test(there_are_no_colours_in_a_pipe),
        node_test(watch_repeats_the_list_until_it_is_interrupted),
        node_test(guests_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
