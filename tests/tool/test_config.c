/* Configurations: what troupe run makes of one, what it does when it is to read it again, and how it ends. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

/* ---------------------------------------------------------------- a file of the test's own */

static char folder[PATH_MAX];

static int setup(void **state)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/troupe-config-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(folder) ? fixture_setup(state) : -1;
}

static const char *path_of(const char *name)
{
    static char path[2][PATH_MAX + 64];
    static int which;
    which = !which;
    snprintf(path[which], sizeof path[which], "%s/%s", folder, name);
    return path[which];
}

static int teardown(void **state)
{
    unlink(path_of("town.conf"));
    unlink(path_of("closed"));
    unlink(path_of("said"));
    rmdir(folder);
    return fixture_teardown(state);
}

#define config_test(body) cmocka_unit_test_setup_teardown(body, setup, teardown)

/* Writes town.conf; "STAFF" in it becomes the path of the binary, and "HERE" the folder. */
static void write_file(const char *text)
{
    char staff[PATH_MAX + 16];
    snprintf(staff, sizeof staff, "%s/tests/staff", program_folder());
    FILE *file = fopen(path_of("town.conf"), "w");
    assert_non_null(file);
    while (*text) {
        bool is_staff = strncmp(text, "STAFF", 5) == 0, is_here = strncmp(text, "HERE", 4) == 0;
        if (is_staff || is_here)
            fputs(is_staff ? staff : folder, file);
        else
            fputc(*text, file);
        text += is_staff ? 5 : is_here ? 4 : 1;
    }
    assert_int_equal(fclose(file), 0);
}

static void touch(const char *name) { close(open(path_of(name), O_WRONLY | O_CREAT, 0600)); }

/* The os_pid of the actor of that name on the only node there is; 0: none has the name, or it is not born yet. */
static pid_t os_pid_of(const char *name)
{
    struct tri_rundir dir;
    struct tri_table table;
    struct tri_row row = {.os_pid = 0};
    if (tri_rundir_find(NULL, &dir, NULL, 0) || tri_table_open(&table, &dir))
        return 0;
    tr_pid pid = tri_table_whereis(&table, name);
    bool is_there = !tr_pid_is_none(pid) && tri_table_read(&table, tr_pid_slot(pid), &row);
    tri_table_close(&table);
    return is_there && row.os_pid > 1 ? row.os_pid : 0;
}

/* Somebody else has the name now. */
static bool is_reborn(const char *name, pid_t before)
{
    pid_t os_pid = os_pid_of(name);
    return os_pid && os_pid != before;
}

/* Runs it, and waits until the actor of that name lives: all that stand before it in the file have been started then. */
static struct program *run_file(const char *text, const char *name)
{
    write_file(text);
    const char *const argv[] = {"bin/troupe", "run", path_of("town.conf"), NULL};
    struct program *node = program_start(argv);
    wait_until(os_pid_of(name) || program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

/* Writes the file, has it read again, and waits until that has been told `times` times altogether. */
static void reload(struct program *node, const char *text, size_t times)
{
    write_file(text);
    program_signal(node, SIGHUP);
    size_t count = 0;
    wait_until(({
        count = 0;
        for (const char *at = program_stderr(node); (at = strstr(at, "has been read again")); at++)
            count++;
        count >= times || program_is_over(node);
    }));
    assert_int_equal(count, times);
}

#define CLERK(name) "actor " name " { entry = STAFF:clerk name = " name " }\n"

static const char two_and_one[] =
    CLERK("ann") CLERK("bob") "supervisor back { name = back\n" CLERK("cat") "}\n" CLERK("end");

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

/* Waits until somebody has written the file `said`: these words, and the test's folder. Removes it. */
static void expect_said(const char *words)
{
    char expected[PATH_MAX + 64], said[PATH_MAX + 64] = "";
    snprintf(expected, sizeof expected, "%s %s\n", words, folder);
    wait_until(({
        FILE *file = fopen(path_of("said"), "r");
        bool is_there = file && fgets(said, sizeof said, file) && strchr(said, '\n');
        if (file)
            fclose(file);
        is_there;
    }));
    assert_string_equal(said, expected);
    unlink(path_of("said"));
}

#define SCRIBE(colour)                                                                             \
    "actor scribe { entry = STAFF:scribe name = scribe argument = '<<\"said\">>'\n"                \
    "  directory = HERE environment = { 'COLOUR=" colour "', HOME } }\n"

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

static void other_surroundings_are_another_actor(void **state)
{
    (void)state;
    struct program *node = run_file(CLERK("ann") SCRIBE("blue"), "scribe");
    pid_t ann = actor_os_pid("ann");
    expect_said("blue none");
    reload(node, CLERK("ann") SCRIBE("red"), 1);
    expect_in(program_stderr(node), "0 started, 0 stopped, 1 restarted, 1 as they were");
    expect_said("red none");
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_equal(node_stop(node), 0);
}

static void an_actor_of_another_user_is_refused_with_a_way_out(void **state)
{
    (void)state;
    write_file(CLERK("ann") "actor z {\n  entry = STAFF:clerk\n  user = '4711' }\n");
    expect_complaint(run_tool("run", path_of("town.conf"), NULL), 2,
                     "town.conf:4: user:", "make it a program", NULL);
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

/* ---------------------------------------------------------------- reading it again */

static void a_reload_changes_only_what_differs(void **state)
{
    (void)state;
    struct program *node = run_file(CLERK("ann") CLERK("bob") CLERK("cat"), "cat");
    pid_t ann = actor_os_pid("ann"), bob = actor_os_pid("bob");
    reload(node,
           CLERK("dan") CLERK("ann") "actor bob { entry = STAFF:clerk name = bob shutdown = 1s }\n"
                                     "supervisor back { " CLERK("eve") "}\n",
           1);
    expect_in(program_stderr(node), "2 started, 1 stopped, 1 restarted, 1 as they were");
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_not_equal(actor_os_pid("bob"), bob);
    assert_true(actor_exists("dan") && actor_exists("eve"));
    assert_false(actor_exists("cat"));
    assert_int_equal(node_stop(node), 0);
}

static void a_reload_reaches_into_supervisors_that_stay(void **state)
{
    (void)state;
    struct program *node = run_file(two_and_one, "end");
    pid_t back = actor_os_pid("back"), cat = actor_os_pid("cat");
    reload(node,
           CLERK("ann") "supervisor back { name = back\n" CLERK("cat")
               CLERK("bob") "}\n" CLERK("end"),
           1);
    assert_int_equal(actor_os_pid("back"), back);
    assert_int_equal(actor_os_pid("cat"), cat);
    assert_true(actor_exists("bob"));
    assert_int_equal(node_stop(node), 0);
}

static void a_supervisor_that_is_started_again_has_the_new_file(void **state)
{
    (void)state;
    struct program *node = run_file(two_and_one, "end");
    reload(node, CLERK("ann") "supervisor back { name = back\n" CLERK("dan") "}\n", 1);
    pid_t dan = actor_os_pid("dan");
    kill_actor("back");
    wait_until(is_reborn("dan", dan));
    assert_false(actor_exists("cat"));
    assert_int_equal(node_stop(node), 0);
}

static void a_reload_puts_children_in_the_order_of_the_file(void **state)
{
    (void)state;
#define HERALD(name)                                                                               \
    "server " name " { entry = STAFF:herald argument = '<<\"" name "\">>' name = " name " }\n"
    struct program *node = run_file(HERALD("ann") HERALD("cat"), "cat");
    pid_t ann = actor_os_pid("ann"), cat = actor_os_pid("cat");
    reload(node, HERALD("cat") HERALD("bob") HERALD("ann"), 1);
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_equal(actor_os_pid("cat"), cat);
    assert_int_equal(node_stop(node), 0);
    assert_string_equal(program_stdout(node), "ann ended\nbob ended\ncat ended\n");
}

static void a_reload_gives_a_supervisor_its_new_strategy(void **state)
{
    (void)state;
    struct program *node = run_file(CLERK("ann") CLERK("bob"), "bob");
    pid_t ann = actor_os_pid("ann"), bob = actor_os_pid("bob");
    reload(node, "strategy = one_for_all\n" CLERK("ann") CLERK("bob"), 1);
    assert_int_equal(actor_os_pid("ann"), ann);
    kill_actor("bob");
    wait_until(is_reborn("ann", ann) && is_reborn("bob", bob));
    assert_int_equal(node_stop(node), 0);
}

static void a_strategy_without_order_starts_all_anew(void **state)
{
    (void)state;
    struct program *node = run_file(CLERK("ann"), "ann");
    write_file("strategy = dynamic\n");
    program_signal(node, SIGHUP);
    wait_until(!actor_exists("ann"));
    write_file(CLERK("bob"));
    wait_until(({
        program_signal(node, SIGHUP);
        actor_exists("bob") || program_is_over(node);
    }));
    assert_false(program_is_over(node));
    assert_int_equal(node_stop(node), 0);
}

static void a_reload_of_a_bad_file_changes_nothing_and_says_why(void **state)
{
    (void)state;
    struct program *node = run_file(two_and_one, "end");
    pid_t ann = actor_os_pid("ann"), cat = actor_os_pid("cat");
    write_file(CLERK("ann") "restrat = permanent\nactor z { entry = STAFF:nobody }\n");
    program_signal(node, SIGHUP);
    wait_until(strstr(program_stderr(node), "all goes on as before"));
    expect_in(program_stderr(node), "town.conf:2: unknown key \"restrat\"");
    expect_in(program_stderr(node), "town.conf:3: entry:");
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_equal(actor_os_pid("cat"), cat);
    unlink(path_of("town.conf"));
    program_signal(node, SIGHUP);
    wait_until(strstr(program_stderr(node), "No such file"));
    reload(node, two_and_one, 1);
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_equal(node_stop(node), 0);
}

/* A file that is there no more, or is none: the tree stays. */
static void a_reload_of_what_is_no_file_changes_nothing(void **state)
{
    (void)state;
    struct program *node = run_file(CLERK("ann"), "ann");
    pid_t ann = actor_os_pid("ann");
    unlink(path_of("town.conf"));
    assert_int_equal(mkfifo(path_of("town.conf"), 0600), 0);
    program_signal(node, SIGHUP);
    wait_until(strstr(program_stderr(node), "Not a regular file; all goes on as before"));
    unlink(path_of("town.conf"));
    assert_int_equal(mkdir(path_of("town.conf"), 0700), 0);
    program_signal(node, SIGHUP);
    wait_until(strstr(program_stderr(node), "Is a directory; all goes on as before"));
    rmdir(path_of("town.conf"));
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_equal(node_stop(node), 0);
}

static void a_running_node_keeps_its_name(void **state)
{
    (void)state;
    struct program *node = run_file(CLERK("ann"), "ann");
    reload(node, CLERK("ann") "node = village\n", 1);
    expect_in(program_stderr(node), "town.conf:2: node: this one keeps its name, town@");
    assert_int_equal(node_stop(node), 0);
}

/* Children c0 … in the file, from one to another. */
static const char *many_clerks(int from, int to)
{
    static char text[64 * 1024];
    size_t length = (size_t)sprintf(text, "intensity = 1000\n");
    for (int i = from; i < to; i++)
        length += (size_t)sprintf(text + length, CLERK("c%d"), i, i);
    return text;
}

static void three_hundred_children_are_killed_and_changed_at_once(void **state)
{
    char name[16];
    (void)state;
    struct program *node = run_file(many_clerks(0, 300), "c299");
    pid_t killed = actor_os_pid("c150"), kept = actor_os_pid("c120");
    write_file(many_clerks(100, 320));
    program_signal(node, SIGHUP);
    for (int i = 150; i < 200; i++) {
        snprintf(name, sizeof name, "c%d", i);
        kill_actor(name);
    }
    wait_until(strstr(program_stderr(node), "has been read again") || program_is_over(node));
    expect_in(program_stderr(node), "20 started, 100 stopped, 0 restarted, 200 as they were");
    wait_until(is_reborn("c150", killed) && actor_exists("c199") && actor_exists("c319"));
    assert_int_equal(actor_os_pid("c120"), kept);
    assert_false(actor_exists("c99"));
    assert_int_equal(node_stop(node), 0);
}

static void a_reload_while_a_restart_waits_is_done(void **state)
{
    (void)state;
#define LAZY(name) "actor " name " { entry = STAFF:clerk name = " name " backoff_min = 1min }\n"
    struct program *node = run_file("strategy = one_for_all\n" LAZY("ann") LAZY("bob"), "bob");
    kill_actor("ann");
    wait_until(!actor_exists("bob"));
    reload(node, "strategy = one_for_all intensity = 9\n" LAZY("ann") CLERK("cat") LAZY("bob"), 1);
    assert_true(actor_exists("cat"));
    expect_in(expect_fine(run_tool("tree", NULL)), " of 9 in 5 s");
    reload(node, "strategy = one_for_all intensity = 9\n" CLERK("ann") CLERK("bob"), 2);
    assert_true(actor_exists("ann") && actor_exists("bob"));
    assert_int_equal(node_stop(node), 0);
}

static void who_cannot_be_started_by_a_reload_is_tried_at_the_next(void **state)
{
    static const char with_desk[] =
        CLERK("ann") "server d { entry = STAFF:desk name = desk\n"
                     "  argument = '{refuse, <<\"HERE/closed\">>}' }\n" CLERK("bob");
    (void)state;
    touch("closed");
    struct program *node = run_file(CLERK("ann"), "ann");
    pid_t ann = actor_os_pid("ann");
    reload(node, with_desk, 1);
    expect_in(program_stderr(node), "town.conf:2: server \"d\" could not be started");
    expect_in(program_stderr(node), "no_desk");
    assert_true(actor_exists("bob"));
    unlink(path_of("closed"));
    reload(node, with_desk, 2);
    assert_true(actor_exists("desk"));
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_equal(node_stop(node), 0);
}

static void many_reloads_at_once_end_with_the_last_file(void **state)
{
    (void)state;
    struct program *node = run_file(CLERK("ann"), "ann");
    for (int i = 0; i < 20; i++) {
        write_file(i % 2 ? CLERK("ann") CLERK("bob") : CLERK("ann") CLERK("cat"));
        program_signal(node, SIGHUP);
    }
    write_file(CLERK("ann") CLERK("dan"));
    program_signal(node, SIGHUP);
    wait_until(actor_exists("dan") && !actor_exists("bob") && !actor_exists("cat"));
    assert_int_equal(node_stop(node), 0);
}

static void a_node_can_be_stopped_while_it_reloads(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct program *node = run_file(two_and_one, "end");
        write_file(CLERK("dan") "supervisor back { name = back\n" CLERK("eve") "}\n");
        program_signal(node, SIGHUP);
        program_signal(node, SIGTERM);
        program_expect_exit(node, 0);
    }
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
    wait_until(os_pid_of(name) || program_is_over(node));
    close(reader);
    return node;
}

static void a_log_that_nobody_reads_ends_nobody_and_leaves_nothing(void **state)
{
    (void)state;
    struct program *node = run_unread("supervisor back {\n" CLERK("cat") "}\n" CLERK("end"), "end");
    pid_t cat = os_pid_of("cat"), end = os_pid_of("end");
    kill_actor("cat"); /* of which its supervisor tells */
    wait_until(is_reborn("cat", cat) || program_is_over(node));
    assert_int_equal(os_pid_of("end"), end);
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
    expect_complaint(run_tool("check", folder, NULL), 1, "directory", NULL);
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
        config_test(other_surroundings_are_another_actor),
        config_test(an_actor_of_another_user_is_refused_with_a_way_out),
        config_test(a_directory_that_has_gone_ends_it_with_its_name),
        config_test(a_reload_changes_only_what_differs),
        config_test(a_reload_reaches_into_supervisors_that_stay),
        config_test(a_supervisor_that_is_started_again_has_the_new_file),
        config_test(a_reload_puts_children_in_the_order_of_the_file),
        config_test(a_reload_gives_a_supervisor_its_new_strategy),
        config_test(a_strategy_without_order_starts_all_anew),
        config_test(a_reload_of_a_bad_file_changes_nothing_and_says_why),
        config_test(a_reload_of_what_is_no_file_changes_nothing),
        config_test(a_running_node_keeps_its_name),
        config_test(three_hundred_children_are_killed_and_changed_at_once),
        config_test(a_reload_while_a_restart_waits_is_done),
        config_test(who_cannot_be_started_by_a_reload_is_tried_at_the_next),
        config_test(many_reloads_at_once_end_with_the_last_file),
        config_test(a_node_can_be_stopped_while_it_reloads),
        config_test(nothing_is_left_when_the_node_is_killed),
        config_test(a_log_that_nobody_reads_ends_nobody_and_leaves_nothing),
        config_test(check_is_silent_about_what_is_right),
        config_test(check_tells_all_that_is_wrong),
        config_test(what_is_wrong_is_not_run),
        config_test(the_example_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
