/* tree: supervisors as they themselves tell of their children. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "tool.h"
#include "wire/box.h"

static struct program *orchard_start(void)
{
    struct program *node = node_start("bin/tests/orchard", NULL);
    wait_until(actor_exists("orchard") || program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

/* A filter that finds what the tree has under an id, wherever. */
#define ITEM(id) "[.. | objects | select(.id == \"" id "\")][0] | "

static void trees_are_shown_with_their_branches(void **state)
{
    (void)state;
    struct program *node = orchard_start();
    const char *text = expect_fine(run_tool("tree", NULL));
    expect_in(text, "STRATEGY");
    expect_in(text, "trunk ");
    expect_in(text, "rest_for_one");
    expect_in(text, "0 of 3 in 60 s");
    expect_in(text, "simple_one_for_one");
    expect_in(text, "transient");
    assert_int_equal(count_lines(text), 8);
    struct program *json = run_tool("tree", "--json", NULL);
    expect_json(json, "[.supervisors[] | .id] == [\"trunk\", \"sprouts\"] and "
                      "[.supervisors[0].children[] | .id] == [\"left\", \"twigs\", \"fruit\"]");
    expect_json(json, ITEM("twigs") ".type == \"supervisor\" and .strategy == \"one_for_one\" and "
                                    ".intensity == 1 and .period_s == 5 and "
                                    ".children[0].id == \"twig\" and "
                                    ".children[0].restart == \"temporary\" and .last_exit == null");
    expect_json(json, ITEM("sprouts") ".children | length == 1 and .[0].id == \"leaf\"");
    assert_int_equal(node_stop(node), 0);
}

static void restarts_and_the_last_exit_are_told(void **state)
{
    (void)state;
    struct program *node = orchard_start();
    tr_pid before = actor_pid("left");
    kill_actor("left");
    wait_until(actor_is_another("left", before) && actor_exists("fruit"));
    struct program *json = run_tool("tree", "-J", "trunk", NULL);
    expect_json(json, "(.supervisors | length == 1) and (" ITEM(
                          "trunk") ".recent_restarts == 1 and .intensity == 3)");
    expect_json(json, ITEM("left") ".restarts == 1 and (.last_exit | test(\"sigkill\"))");
    expect_in(expect_fine(run_tool("tree", NULL)), "1 of 3 in 60 s");
    assert_int_equal(node_stop(node), 0);
}

/* Its supervisor hears of that by the node, as the tool did that has stopped it. */
static bool is_told_as_ended(struct program **ret_json)
{
    *ret_json = run_tool("tree", "-J", NULL);
    program_wait(*ret_json);
    return strstr(program_stdout(*ret_json), "\"ended\"");
}

static void a_child_that_has_ended_for_good_is_shown_as_ended(void **state)
{
    (void)state;
    struct program *node = orchard_start(), *json;
    expect_fine(run_tool("stop", "fruit", NULL));
    wait_until(is_told_as_ended(&json));
    expect_json(json, ITEM("fruit") ".state == \"ended\" and .pid == null");
    assert_int_equal(node_stop(node), 0);
}

static void a_supervisor_that_is_silent_is_shown_without_its_children(void **state)
{
    (void)state;
    struct program *node = orchard_start();
    pid_t os_pid = actor_os_pid("trunk");
    assert_true(process_stop(os_pid));
    struct program *tree = run_tool("tree", "-t", "3", NULL);
    expect_complaint(tree, 1, "1 of the supervisors", "not answer", NULL);
    expect_in(program_stdout(tree), "silent");
    expect_in(program_stdout(tree), "sprouts");
    assert_int_equal(kill(os_pid, SIGCONT), 0);
    assert_int_equal(node_stop(node), 0);
}

/* How many messages it has taken in. */
static uint64_t messages_in(const char *name)
{
    struct tri_rundir dir;
    struct tri_table table;
    struct tri_box box;
    char path[TRI_PATH_BYTES];
    assert_int_equal(tri_rundir_find(NULL, &dir, NULL, 0), 0);
    assert_int_equal(tri_table_open(&table, &dir), 0);
    int fd = open(tri_rundir_file(&dir, "boxes", path), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(tri_box_read(fd, table.header->slots, tr_pid_slot(actor_pid(name)), &box), 0);
    close(fd);
    tri_table_close(&table);
    return box.messages_in;
}

/* Each of two is asked while the other one is silent, so neither waits for the other's time-out. */
static void all_supervisors_are_asked_at_once(void **state)
{
    (void)state;
    static const char *const names[] = {"trunk", "sprouts"}, *const argv[] = {"bin/troupe", "tree",
                                                                              "-J",         "-t",
                                                                              "100",        NULL};
    struct program *node = orchard_start();
    for (int i = 0; i < 2; i++) {
        uint64_t before = messages_in(names[i]);
        assert_true(process_stop(actor_os_pid("trunk")));
        assert_true(process_stop(actor_os_pid("sprouts")));
        struct program *tree = program_start(argv);
        assert_int_equal(kill(actor_os_pid(names[i]), SIGCONT), 0);
        wait_until(messages_in(names[i]) > before || program_is_over(tree));
        assert_false(program_is_over(tree));
        assert_int_equal(kill(actor_os_pid(names[!i]), SIGCONT), 0);
        program_expect_exit(tree, 0);
        expect_json(tree, "[.supervisors[] | .id] == [\"trunk\", \"sprouts\"]");
        expect_json(tree, ITEM("sprouts") ".children | length == 1");
        expect_json(tree, ITEM("trunk") ".children | length == 3");
    }
    assert_int_equal(node_stop(node), 0);
}

static void only_those_below_are_asked(void **state)
{
    (void)state;
    struct program *node = orchard_start();
    assert_true(process_stop(actor_os_pid("trunk")));
    expect_in(expect_fine(run_tool("tree", "sprouts", NULL)), "simple_one_for_one");
    assert_int_equal(kill(actor_os_pid("trunk"), SIGCONT), 0);
    struct program *json = run_tool("tree", "-J", "trunk", NULL);
    expect_json(json, ITEM("twigs") ".children[0].id == \"twig\"");
    assert_int_equal(node_stop(node), 0);
}

static void who_is_no_supervisor_is_told(void **state)
{
    (void)state;
    struct program *node = orchard_start();
    expect_complaint(run_tool("tree", "left", NULL), 1, "left", "no supervisor", NULL);
    expect_complaint(run_tool("tree", "nobody", NULL), 1, "nobody", NULL);
    expect_complaint(run_tool("tree", "-t", "never", NULL), 1, "--timeout", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void a_node_without_supervisors_has_no_tree(void **state)
{
    (void)state;
    struct program *node = stage_start();
    struct program *tree = run_tool("tree", NULL);
    expect_complaint(tree, 0, "no supervisors", "troupe ps --tree", NULL);
    assert_string_equal(program_stdout(tree), "");
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(trees_are_shown_with_their_branches),
        node_test(restarts_and_the_last_exit_are_told),
        node_test(a_child_that_has_ended_for_good_is_shown_as_ended),
        node_test(a_supervisor_that_is_silent_is_shown_without_its_children),
        node_test(all_supervisors_are_asked_at_once),
        node_test(only_those_below_are_asked),
        node_test(who_is_no_supervisor_is_told),
        node_test(a_node_without_supervisors_has_no_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
