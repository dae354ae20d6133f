/* Reloads: what troupe run does when it is to read its configuration again. */
#include "town.h"

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

/* Whom the kernel knows as the owner of the actor of that name. */
static long uid_of(const char *name)
{
    char path[64], line[256];
    long uid = -1;
    snprintf(path, sizeof path, "/proc/%d/status", actor_os_pid(name));
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (uid < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, "Uid:", 4) == 0)
            uid = strtol(line + 4, NULL, 10);
    fclose(file);
    return uid;
}

/* Each is who it is told to be; one whose user is another is another actor. */
static void a_child_runs_as_its_user(void **state)
{
    (void)state;
    need_root("another user");
    static const char file[] =
        "actor ann { entry = STAFF:clerk name = ann user = '4711' }\n"
        "server desk { entry = STAFF:desk name = desk user = '4711:4712' }\n"
        "supervisor boss { entry = STAFF:office name = boss argument = '<<\"bob\">>' user = '%s' "
        "}\n"
        "supervisor back { name = back user = '4713'\n"
        "  program p { path = sleep arguments = { '1000' } name = p } }\n" CLERK("end");
    char text[1024];
    snprintf(text, sizeof text, file, "4711");
    struct program *node = run_file(text, "end");
    assert_int_equal(uid_of("ann"), 4711);
    assert_int_equal(uid_of("desk"), 4711);
    assert_int_equal(uid_of("boss"), 4711);
    assert_int_equal(uid_of("bob"), 4711);
    assert_int_equal(uid_of("back"), 4713);
    assert_int_equal(uid_of("p"), 4713);
    assert_int_equal(uid_of("end"), 0);
    pid_t ann = actor_os_pid("ann"), back = actor_os_pid("back");
    snprintf(text, sizeof text, file, "4714");
    reload(node, text, 1);
    expect_in(program_stderr(node), "0 started, 0 stopped, 1 restarted, 5 as they were");
    assert_int_equal(uid_of("boss"), 4714);
    assert_int_equal(uid_of("bob"), 4714);
    assert_int_equal(actor_os_pid("ann"), ann);
    assert_int_equal(actor_os_pid("back"), back);
    reload(node, CLERK("end"), 2);
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        config_test(other_surroundings_are_another_actor),
        config_test(a_child_runs_as_its_user),
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
