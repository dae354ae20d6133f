/* call, cast, state, suspend, resume, stop, spawn: servers from the command line, and what is said when they are silent,
 * dead, or none. */
#include <signal.h>

#include "tool.h"

static struct program *office_start(void)
{
    struct program *node = node_start("bin/tests/office", NULL);
    wait_until((actor_exists("office") && actor_exists("clerk")) || program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

static const char *office_path(const char *entry)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/tests/office:%s", program_folder(), entry);
    return path;
}

static void a_call_prints_the_reply(void **state)
{
    (void)state;
    struct program *node = office_start();
    char pid[TR_PID_TEXT_BYTES], os_pid[32];
    tr_pid_text(actor_pid("clerk"), pid);
    snprintf(os_pid, sizeof os_pid, "%d", (int)actor_os_pid("clerk"));
    assert_string_equal(expect_fine(run_tool("call", "clerk", "get", NULL)), "5\n");
    assert_string_equal(expect_fine(run_tool("call", pid, "{add, 2}", NULL)), "7\n");
    assert_string_equal(expect_fine(run_tool("call", os_pid, "{add, -1}", NULL)), "6\n");
    assert_string_equal(
        expect_fine(run_tool("call", "-n", "office", "clerk", "{echo, [a, #{b => <<1>>}]}", NULL)),
        "[a,#{b => <<1>>}]\n");
    assert_int_equal(node_stop(node), 0);
}

static void a_cast_is_heard(void **state)
{
    (void)state;
    struct program *node = office_start();
    assert_string_equal(expect_fine(run_tool("cast", "clerk", "{add, 10}", NULL)), "");
    /* another sender's call may come first */
    wait_until(strcmp(expect_fine(run_tool("call", "clerk", "get", NULL)), "15\n") == 0);
    assert_int_equal(node_stop(node), 0);
}

static void the_state_is_what_the_server_shows(void **state)
{
    (void)state;
    struct program *node = office_start();
    assert_string_equal(expect_fine(run_tool("state", "clerk", NULL)), "#{count => 5}\n");
    const char *status = expect_fine(run_tool("state", "--status", "clerk", NULL));
    expect_in(status, "{status,<0.");
    expect_in(status, "running");
    assert_int_equal(node_stop(node), 0);
}

static void a_suspended_server_is_said_to_be_suspended_and_resumes(void **state)
{
    (void)state;
    struct program *node = office_start();
    assert_string_equal(expect_fine(run_tool("suspend", "clerk", NULL)), "");
    assert_string_equal(expect_fine(run_tool("state", "clerk", NULL)), "#{count => 5}\n");
    expect_in(expect_fine(run_tool("state", "-s", "clerk", NULL)), "suspended");
    expect_complaint(run_tool("call", "-t", "0.1", "clerk", "{add, 1}", NULL), 1, "clerk", "0.10 s",
                     "suspended", "troupe resume clerk", NULL);
    assert_string_equal(expect_fine(run_tool("resume", "clerk", NULL)), "");
    /* What was asked meanwhile was not lost. */
    assert_string_equal(expect_fine(run_tool("call", "clerk", "get", NULL)), "6\n");
    assert_int_equal(node_stop(node), 0);
}

static void a_server_that_does_not_answer_in_time_is_told_by_what_it_does(void **state)
{
    (void)state;
    struct program *node = office_start();
    expect_complaint(run_tool("call", "-t", "0.1", "clerk", "silence", NULL), 1, "clerk", "0.10 s",
                     "--timeout", NULL);
    expect_complaint(run_tool("call", "-t", "0.1", "clerk", "compute", NULL), 1, "clerk",
                     "troupe info clerk", NULL);
    expect_complaint(run_tool("state", "-t", "0.1", "clerk", NULL), 1, "state", "0.10 s", NULL);
    kill(actor_os_pid("clerk"), SIGSTOP);
    wait_until(process_state(actor_os_pid("clerk")) == 'T');
    expect_complaint(run_tool("call", "-t", "0.1", "clerk", "get", NULL), 1, "stopped",
                     "kill -CONT", NULL);
    kill_actor("clerk");
    assert_int_equal(node_stop(node), 0);
}

static void the_reason_of_a_server_that_dies_during_the_call_is_told(void **state)
{
    (void)state;
    struct program *node = office_start();
    expect_complaint(run_tool("call", "clerk", "crash", NULL), 1, "clerk", "ended", "sigkill",
                     NULL);
    expect_complaint(run_tool("call", "clerk", "get", NULL), 1, "nobody", "clerk", "troupe ps",
                     NULL);
    assert_int_equal(node_stop(node), 0);
}

static void a_plain_actor_is_not_asked_what_it_cannot_answer(void **state)
{
    (void)state;
    struct program *node = office_start();
    expect_complaint(run_tool("state", "porter", NULL), 1, "porter", "plain actor", NULL);
    expect_complaint(run_tool("suspend", "porter", NULL), 1, "plain actor", NULL);
    expect_complaint(run_tool("resume", "porter", NULL), 1, "plain actor", NULL);
    expect_complaint(run_tool("stop", "porter", NULL), 1, "plain actor", "troupe exit porter",
                     NULL);
    expect_complaint(run_tool("call", "-t", "0.1", "porter", "get", NULL), 1, "plain actor",
                     "troupe send", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void a_program_is_seen_into_paused_and_stopped_as_a_server_is(void **state)
{
    (void)state;
    struct program *node = office_start();
    expect_fine(run_tool("spawn", "--server", "--name", "cat", office_path("$program"),
                         "{program, \"cat\", [{owner, none}]}", NULL));
    expect_in(expect_fine(run_tool("state", "cat", NULL)), "path => <<\"cat\">>");
    expect_fine(run_tool("suspend", "cat", NULL));
    expect_in(expect_fine(run_tool("state", "--status", "cat", NULL)), "suspended");
    expect_fine(run_tool("resume", "cat", NULL));
    expect_complaint(run_tool("call", "-t", "0.1", "cat", "get", NULL), 1, "a program",
                     "troupe send cat", NULL);
    expect_fine(run_tool("stop", "cat", NULL));
    assert_false(actor_exists("cat"));
    assert_int_equal(node_stop(node), 0);
}

static void nobody_and_nonsense_are_told_before_anything_is_asked(void **state)
{
    static const char *const commands[] = {"call", "cast", "state", "suspend", "resume", "stop"};
    (void)state;
    struct program *node = office_start();
    for (size_t i = 0; i < 6; i++) {
        const char *term = i < 2 ? "x" : NULL;
        expect_complaint(run_tool(commands[i], "nobody", term, NULL), 1, "nobody", "troupe ps",
                         NULL);
        expect_complaint(run_tool(commands[i], "<0.999.1>", term, NULL), 1, "never", NULL);
    }
    expect_complaint(run_tool("call", "clerk", "{a, )", NULL), 1, "character 5", NULL);
    expect_complaint(run_tool("cast", "clerk", "{", NULL), 1, "character 2", NULL);
    expect_complaint(run_tool("stop", "clerk", "a b", NULL), 1, "character 3", NULL);
    expect_complaint(run_tool("spawn", office_path("porter"), "[", NULL), 1, "character 2", NULL);
    expect_complaint(run_tool("call", "-t", "soon", "clerk", "get", NULL), 1, "--timeout", "soon",
                     NULL);
    assert_int_equal(node_stop(node), 0);
}

static void without_a_node_or_with_too_many_the_user_is_told(void **state)
{
    static const char *const commands[] = {"call",   "cast", "state", "suspend",
                                           "resume", "stop", "tree"};
    (void)state;
    for (size_t i = 0; i < 7; i++)
        expect_complaint(run_tool(commands[i], "x", i < 2 ? "y" : NULL, NULL), 2, "no node runs",
                         NULL);
    expect_complaint(run_tool("spawn", office_path("porter"), NULL), 2, "no node runs", NULL);
    struct program *one = office_start(), *two = stage_start_as("second");
    for (size_t i = 0; i < 7; i++)
        expect_complaint(run_tool(commands[i], "x", i < 2 ? "y" : NULL, NULL), 2, "several",
                         "office", "second", "-n", NULL);
    expect_complaint(run_tool("spawn", office_path("porter"), NULL), 2, "several", NULL);
    assert_int_equal(node_stop(two), 0);
    assert_int_equal(node_stop(one), 0);
}

static void a_stopped_node_is_told(void **state)
{
    (void)state;
    struct program *node = office_start();
    pid_t os_pid = node_os_pid();
    assert_true(process_stop(os_pid));
    expect_complaint(run_tool("call", "clerk", "get", NULL), 2, "stopped", "kill -CONT", NULL);
    assert_int_equal(kill(os_pid, SIGCONT), 0);
    assert_int_equal(node_stop(node), 0);
}

/* ---------------------------------------------------------------- stop */

static void stop_runs_terminate_and_returns_when_the_server_is_gone(void **state)
{
    (void)state;
    struct program *node = office_start();
    assert_string_equal(expect_fine(run_tool("stop", "clerk", NULL)), "");
    assert_false(actor_exists("clerk"));
    expect_in(program_stdout(node), "clerk ends: normal\n");
    expect_fine(run_tool("spawn", "--server", "--name", "clerk", office_path("clerk"), NULL));
    expect_fine(run_tool("stop", "clerk", "shutdown", NULL));
    expect_in(program_stdout(node), "clerk ends: shutdown\n");
    assert_int_equal(node_stop(node), 0);
}

static void another_end_than_that_which_was_asked_for_is_told(void **state)
{
    (void)state;
    struct program *node = office_start();
    expect_complaint(run_tool("stop", "clerk", "otherwise", NULL), 1, "another reason",
                     "{my,own,reason}", NULL);
    assert_int_equal(node_stop(node), 0);
}

static void a_server_that_takes_too_long_to_end_is_told(void **state)
{
    (void)state;
    struct program *node = office_start();
    expect_fine(run_tool("cast", "clerk", "linger", NULL));
    wait_until(strcmp(expect_fine(run_tool("call", "clerk", "get", NULL)), "-1\n") == 0);
    expect_complaint(run_tool("stop", "-t", "0.1", "clerk", NULL), 1, "not ended",
                     "troupe wait --gone clerk", "kill", NULL);
    expect_fine(run_tool("exit", "clerk", "kill", NULL));
    expect_fine(
        run_tool("wait", "--gone", "clerk", NULL)); /* it may be gone before it is waited for */
    assert_int_equal(node_stop(node), 0);
}

/* ---------------------------------------------------------------- spawn */

static void spawn_prints_the_pid_of_what_it_has_started(void **state)
{
    (void)state;
    struct program *node = office_start();
    char pid[TR_PID_TEXT_BYTES];
    const char *text = expect_fine(
        run_tool("spawn", "--name", "second", office_path("clerk"), "{start, 40}", NULL));
    tr_pid_text(actor_pid("second"), pid);
    assert_int_equal(strncmp(text, pid, strlen(pid)), 0);
    assert_string_equal(expect_fine(run_tool("call", pid, "{add, 2}", NULL)), "42\n");
    /* Nobody is linked with it: it has outlived the tool. An actor binary of a stranger is as good as the node's own. */
    expect_fine(run_tool("spawn", "--name", "third", "-n", "office",
                         strcat(strcpy((char[4200]){0}, stage_path()), ":player"), NULL));
    wait_until(actor_exists("third"));
    assert_int_equal(node_stop(node), 0);
}

static void spawn_waits_for_a_servers_init_and_tells_why_it_failed(void **state)
{
    (void)state;
    struct program *node = office_start();
    expect_fine(run_tool("spawn", "-s", office_path("clerk"), "{start, 1}", NULL));
    expect_complaint(run_tool("spawn", "-s", office_path("clerk"), "fail", NULL), 1,
                     "{no_room,desk}", NULL);
    expect_complaint(run_tool("spawn", "-s", office_path("clerk"), "ignore", NULL), 1,
                     "decided not to run", NULL);
    expect_complaint(run_tool("spawn", "-s", "-t", "0.1", office_path("clerk"), "never", NULL), 1,
                     "0.10 s", "killed", NULL);
    wait_until(node_actors() == 4); /* those of the office, and the first one of these */
    assert_int_equal(node_stop(node), 0);
}

static void what_cannot_be_spawned_is_told(void **state)
{
    (void)state;
    struct program *node = office_start();
    expect_complaint(run_tool("spawn", "clerk", NULL), 1, "does not name an entry", "usage", NULL);
    expect_complaint(run_tool("spawn", office_path("nix"), NULL), 1, "no entry nix", NULL);
    expect_complaint(run_tool("spawn", "/bin/true:nix", NULL), 1, "not an actor binary", NULL);
    expect_complaint(run_tool("spawn", "/nix/nix:nix", NULL), 1, "No such file", NULL);
    expect_complaint(run_tool("spawn", "--name", "porter", office_path("porter"), NULL), 1,
                     "porter", "already", "troupe whereis porter", NULL);
    expect_complaint(run_tool("spawn", "-s", "--name", "porter", office_path("clerk"), NULL), 1,
                     "already", NULL);
    expect_complaint(run_tool("spawn", "--name", "", office_path("porter"), NULL), 1, "name", NULL);
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_call_prints_the_reply),
        node_test(a_cast_is_heard),
        node_test(the_state_is_what_the_server_shows),
        node_test(a_suspended_server_is_said_to_be_suspended_and_resumes),
        node_test(a_server_that_does_not_answer_in_time_is_told_by_what_it_does),
        node_test(the_reason_of_a_server_that_dies_during_the_call_is_told),
        node_test(a_plain_actor_is_not_asked_what_it_cannot_answer),
        node_test(a_program_is_seen_into_paused_and_stopped_as_a_server_is),
        node_test(nobody_and_nonsense_are_told_before_anything_is_asked),
        node_test(without_a_node_or_with_too_many_the_user_is_told),
        node_test(a_stopped_node_is_told),
        node_test(stop_runs_terminate_and_returns_when_the_server_is_gone),
        node_test(another_end_than_that_which_was_asked_for_is_told),
        node_test(a_server_that_takes_too_long_to_end_is_told),
        node_test(spawn_prints_the_pid_of_what_it_has_started),
        node_test(spawn_waits_for_a_servers_init_and_tells_why_it_failed),
        node_test(what_cannot_be_spawned_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
