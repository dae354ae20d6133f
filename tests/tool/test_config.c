/* Configurations: what troupe run makes of one, how it ends, and what troupe check says of it. */
#include "support/copy.h"
#include "town.h"

/* ---------------------------------------------------------------- running */

static void a_tree_runs_as_the_file_says(void **state)
{
    (void)state;
    struct program *node = run_file(two_and_one, "end");
    assert_true(actor_exists("ann"));
    assert_true(actor_exists("bob"));
    expect_in(expect_fine(run_tool("nodes", NULL)), "town");
    assert_int_equal(node_stop(node), 0);
    assert_string_equal(program_stderr(node), "");
}

static void the_file_may_name_the_node(void **state)
{
    (void)state;
    struct program *node = run_file("node = village\n" CLERK("ann"), "ann");
    expect_fine(run_tool("whereis", "-n", "village", "ann", NULL));
    assert_int_equal(node_stop(node), 0);
}

static void a_killed_child_is_started_again_and_the_others_are_not(void **state)
{
    (void)state;
    struct program *node = run_file(two_and_one, "end");
    pid_t ann = actor_os_pid("ann"), bob = actor_os_pid("bob");
    kill_actor("bob");
    wait_until(is_reborn("bob", bob));
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_equal(node_stop(node), 0);
}

static void a_killed_supervisor_is_started_again_with_its_children(void **state)
{
    (void)state;
    struct program *node = run_file(two_and_one, "end");
    pid_t ann = actor_os_pid("ann"), cat = actor_os_pid("cat");
    kill_actor("back");
    wait_until(is_reborn("cat", cat));
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_equal(node_stop(node), 0);
}

static void a_supervisor_of_a_binary_is_a_part_of_the_tree(void **state)
{
    (void)state;
    struct program *node =
        run_file("supervisor o { entry = STAFF:office argument = '<<\"dan\">>' }\n"
                 "server d { entry = STAFF:desk name = desk }\n",
                 "desk");
    assert_true(actor_exists("dan"));
    assert_int_equal(node_stop(node), 0);
}

static void children_stop_in_reverse_order(void **state)
{
    (void)state;
    struct program *node =
        run_file("server a { entry = STAFF:herald argument = '<<\"first\">>' }\n"
                 "supervisor s { server b { entry = STAFF:herald argument = '<<\"second\">>' } }\n"
                 "server c { entry = STAFF:herald argument = '<<\"third\">>' }\n" CLERK("end"),
                 "end");
    assert_int_equal(node_stop(node), 0);
    assert_string_equal(program_stdout(node), "third ended\nsecond ended\nfirst ended\n");
}

static void a_child_may_take_its_time_to_stop(void **state)
{
    (void)state;
    struct program *node = run_file("program slow { path = sh arguments = { '-c',\n"
                                    "    'trap \"sleep 0.3; echo done >HERE/said; exit 0\" TERM; "
                                    "echo ready; while :; do sleep 0.01; done' }\n"
                                    "  shutdown = infinity name = slow }\n",
                                    "slow");
    wait_until(strstr(program_stdout(node), "ready") || strstr(program_stderr(node), "ready"));
    assert_int_equal(node_stop(node), 0);
    assert_int_equal(access(path_of("said"), F_OK), 0);
}

static void a_tree_that_gives_up_says_so_and_is_a_failure(void **state)
{
    (void)state;
    write_file("actor a { entry = STAFF:mayfly argument = tired }\n");
    struct program *node = run_tool("run", path_of("town.conf"), NULL);
    program_expect_exit(node, 1);
    expect_in(program_stderr(node), "gave_up");
}

static void a_child_that_cannot_start_at_first_ends_it_all(void **state)
{
    (void)state;
    touch("closed");
    write_file("server d { entry = STAFF:desk argument = '{refuse, <<\"HERE/closed\">>}' }\n");
    struct program *node = run_tool("run", path_of("town.conf"), NULL);
    program_expect_exit(node, 1);
    expect_in(program_stderr(node), "no_desk");
}

static void the_end_of_a_significant_child_is_a_success(void **state)
{
    (void)state;
    struct program *node = run_file("auto_shutdown = any_significant\n" CLERK(
                                        "ann") "actor bob { entry = STAFF:clerk name = bob\n"
                                               "  restart = transient significant = true }\n",
                                    "bob");
    expect_fine(run_tool("send", "bob", "leave", NULL));
    program_expect_exit(node, 0);
}

static void a_program_has_what_the_file_gives_it(void **state)
{
    (void)state;
    struct program *node = run_file(
        "program p { path = sh name = p directory = HERE\n"
        "  environment = { 'COLOUR=blue', HOME }\n"
        "  arguments = { '-c', 'echo $0 $1 $COLOUR ${HOME-none} $(pwd) >said; exec sleep 1000', "
        "zero, 'one 1' } }\n",
        "p");
    expect_said("zero one 1 blue none");
    assert_int_equal(node_stop(node), 0);
}

/* Also when it is started again. */
static void an_actor_has_what_the_file_gives_it(void **state)
{
    (void)state;
    struct program *node = run_file(SCRIBE("blue"), "scribe");
    expect_said("blue none");
    kill_actor("scribe");
    expect_said("blue none");
    assert_int_equal(node_stop(node), 0);
}

/* Nobody at all, where root runs the tests. */
static void another_user_needs_root(void **state)
{
    (void)state;
    struct copies copies;
    char troupe[COPY_PATH_BYTES], staff[COPY_PATH_BYTES], text[512];
    copies_begin(&copies);
    copies_add(&copies, "troupe", "troupe", troupe);
    copies_add(&copies, "tests/staff", "staff", staff);
    assert_int_equal(chmod(town_folder, 0711), 0);
    snprintf(text, sizeof text,
             "actor ann { entry = '%s:clerk' }\n"
             "actor z {\n  entry = '%s:clerk'\n  user = '4711' }\n",
             staff, staff);
    write_file(text);
    const char *const argv[] = {"/usr/bin/env",
                                "setpriv",
                                "--reuid=65534",
                                "--regid=65534",
                                "--clear-groups",
                                troupe,
                                "run",
                                path_of("town.conf"),
                                NULL};
    struct program *run = program_start(geteuid() == 0 ? argv : argv + 5);
    program_wait(run);
    expect_complaint(run, 2, "town.conf:4: user: only root can run an actor as another user", NULL);
    copies_end(&copies);
}

static void a_directory_that_has_gone_ends_it_with_its_name(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of("gone"), 0700), 0);
    struct program *node = run_file(CLERK("ann") "actor z { entry = STAFF:clerk name = z\n"
                                                 "  directory = HERE/gone }\n" CLERK("end"),
                                    "end");
    assert_int_equal(rmdir(path_of("gone")), 0);
    kill_actor("z");
    program_expect_exit(node, 1);
    expect_in(program_stderr(node), "{chdir,enoent,");
}

static void nothing_is_left_when_the_node_is_killed(void **state)
{
    (void)state;
    struct program *node = run_file("program p { path = sleep arguments = 1000 name = p }\n", "p");
    struct census census;
    census_take(&census);
    pid_t guardian = node_guardian_os_pid();
    kill(node_os_pid(), SIGKILL);
    program_expect_exit(node, 2);
    assert_true(guardian > 0);
    wait_until(census_living(&census) == 0);
    census_deinit(&census);
}

/* Runs the file with a standard error that somebody reads until it runs, and nobody afterwards. */
static struct program *run_unread(const char *text, const char *name)
{
    write_file(text);
    assert_int_equal(mkfifo(path_of("said"), 0600), 0);
    int reader = open(path_of("said"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    char tool[PATH_MAX + 16];
    snprintf(tool, sizeof tool, "%s/troupe", program_folder());
    const char *const argv[] = {
        "/bin/sh",       "-c", "exec \"$0\" run \"$1\" 2>\"$2\"", tool, path_of("town.conf"),
        path_of("said"), NULL};
    struct program *node = program_start(argv);
    wait_until(actor_os_pid_now(name) || program_is_over(node));
    close(reader);
    return node;
}

static void a_log_that_nobody_reads_ends_nobody_and_leaves_nothing(void **state)
{
    (void)state;
    struct program *node = run_unread("supervisor back {\n" CLERK("cat") "}\n" CLERK("end"), "end");
    pid_t cat = actor_os_pid_now("cat"), end = actor_os_pid_now("end");
    kill_actor("cat"); /* of which its supervisor tells */
    wait_until(is_reborn("cat", cat) || program_is_over(node));
    assert_int_equal(actor_os_pid_now("end"), end);
    kill(node_os_pid(), SIGKILL); /* of which the guardian tells */
    program_expect_exit(node, 2);
}

/* ---------------------------------------------------------------- checking */

static void check_is_silent_about_what_is_right(void **state)
{
    (void)state;
    write_file(two_and_one);
    assert_string_equal(expect_fine(run_tool("check", path_of("town.conf"), NULL)), "");
    assert_int_equal(fixture_descendants(), 0);
}

static void check_tells_all_that_is_wrong(void **state)
{
    (void)state;
    write_file("period = 5\nactor a { entry = STAFF:nobody }\nactor a { entry = nowhere:a }\n"
               "program p { path = sh user = no-such-user }\nnonsense = 1\n");
    struct program *check = run_tool("check", path_of("town.conf"), NULL);
    program_expect_exit(check, 1);
    assert_string_equal(program_stdout(check), "");
    assert_int_equal(count_lines(program_stderr(check)), 6);
    expect_in(program_stderr(check), "town.conf:1: period: \"5\" is not a time");
    expect_in(program_stderr(check), "has no \"nobody\"; it has: clerk desk herald mayfly office");
    expect_in(program_stderr(check), "town.conf:3: the id \"a\" is taken, see line 2");
    expect_in(program_stderr(check), "town.conf:3: entry:");
    expect_in(program_stderr(check), "town.conf:4: user: there is no user \"no-such-user\"");
    expect_in(program_stderr(check), "town.conf:5: unknown key \"nonsense\"");
}

static void what_is_wrong_is_not_run(void **state)
{
    (void)state;
    write_file(CLERK("ann") "bogus = 1\n");
    expect_complaint(run_tool("run", path_of("town.conf"), NULL), 2, "town.conf:2:", "bogus", NULL);
    expect_complaint(run_tool("run", "/nowhere/x.conf", NULL), 2, "/nowhere/x.conf", "No such",
                     NULL);
    write_file(CLERK("ann"));
    expect_complaint(run_tool("run", path_of("town.conf"), "more", NULL), 1, "more", NULL);
    expect_complaint(run_tool("check", NULL), 1, "usage", NULL);
    expect_complaint(run_tool("check", "/nowhere/x.conf", NULL), 1, "/nowhere/x.conf", NULL);
    expect_complaint(run_tool("check", town_folder, NULL), 1, "directory", NULL);
    expect_complaint(run_tool("check", "/dev/zero", NULL), 1, "/dev/zero: Not a regular", NULL);
}

static void the_example_runs(void **state)
{
    char path[PATH_MAX];
    (void)state;
    snprintf(path, sizeof path, "%s/examples/app.conf", getenv("TROUPE_SOURCE_DIR"));
    setenv("TROUPE_BIN", program_folder(), 1);
    expect_fine(run_tool("check", path, NULL));
    const char *const argv[] = {"bin/troupe", "run", path, NULL};
    struct program *node = program_start(argv);
    wait_until(actor_exists("clock") || program_is_over(node));
    assert_true(actor_exists("counter") && actor_exists("sorter"));
    assert_int_equal(node_stop(node), 0);
    unsetenv("TROUPE_BIN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        config_test(a_tree_runs_as_the_file_says),
        config_test(the_file_may_name_the_node),
        config_test(a_killed_child_is_started_again_and_the_others_are_not),
        config_test(a_killed_supervisor_is_started_again_with_its_children),
        config_test(a_supervisor_of_a_binary_is_a_part_of_the_tree),
        config_test(children_stop_in_reverse_order),
        config_test(a_child_may_take_its_time_to_stop),
        config_test(a_tree_that_gives_up_says_so_and_is_a_failure),
        config_test(a_child_that_cannot_start_at_first_ends_it_all),
        config_test(the_end_of_a_significant_child_is_a_success),
        config_test(a_program_has_what_the_file_gives_it),
        config_test(an_actor_has_what_the_file_gives_it),
        config_test(another_user_needs_root),
        config_test(a_directory_that_has_gone_ends_it_with_its_name),
        config_test(nothing_is_left_when_the_node_is_killed),
        config_test(a_log_that_nobody_reads_ends_nobody_and_leaves_nothing),
        config_test(check_is_silent_about_what_is_right),
        config_test(check_tells_all_that_is_wrong),
        config_test(what_is_wrong_is_not_run),
        config_test(the_example_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
