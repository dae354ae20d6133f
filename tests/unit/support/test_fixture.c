/* Fixture: the check at the end of each test is itself a promise; here it is shown to fail when it should. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "support/node.h"

static int run_and_tear_down(const char *script)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    assert_int_equal(fixture_setup(NULL), 0);
    struct program *shell = program_start(argv);
    if (strstr(script, "exit"))
        program_wait(shell);
    return fixture_teardown(NULL);
}

static void a_test_that_leaves_nothing_passes(void **state)
{
    (void)state;
    assert_int_equal(run_and_tear_down("exit 0"), 0);
}

static void a_program_that_stops_at_sigterm_is_not_left_behind(void **state)
{
    (void)state;
    assert_int_equal(run_and_tear_down("exec sleep 1000"), 0);
}

static void a_process_of_a_session_of_its_own_is_found(void **state)
{
    (void)state;
    assert_int_equal(run_and_tear_down("setsid sleep 1000 & exit 0"), -1);
    assert_int_equal(fixture_descendants(), 0);
}

static void a_file_in_the_run_directory_is_found(void **state)
{
    (void)state;
    assert_int_equal(run_and_tear_down("mkdir $XDG_RUNTIME_DIR/troupe; exit 0"), 0);
    assert_int_equal(run_and_tear_down("mkdir -p $XDG_RUNTIME_DIR/troupe/bank; exit 0"), -1);
    assert_int_equal(run_and_tear_down(">$XDG_RUNTIME_DIR/table; exit 0"), -1);
    assert_int_equal(access(fixture_run_dir(), F_OK), -1);
}

static void output_and_exit_status_are_kept(void **state)
{
    const char *const argv[] = {"/bin/sh", "-c", "echo told; echo wrong >&2; exit 3", NULL};
    const char *const killed[] = {"/bin/sh", "-c", "kill -9 $$", NULL};
    (void)state;
    struct program *shell = program_start(argv);
    assert_int_equal(program_wait(shell), 3);
    assert_string_equal(program_stdout(shell), "told\n");
    assert_string_equal(program_stderr(shell), "wrong\n");
    assert_int_equal(program_wait(program_start(killed)), 128 + 9);
}

static void fail_in_a_guest(void *context)
{
    (void)context;
    assert_true(false);
}

static void an_assertion_that_fails_in_a_guest_is_seen(void **state)
{
    (void)state;
    assert_int_not_equal(guest_status(fail_in_a_guest, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_test_that_leaves_nothing_passes),
        cmocka_unit_test(a_program_that_stops_at_sigterm_is_not_left_behind),
        cmocka_unit_test(a_process_of_a_session_of_its_own_is_found),
        cmocka_unit_test(a_file_in_the_run_directory_is_found),
        node_test(output_and_exit_status_are_kept),
        node_test(an_assertion_that_fails_in_a_guest_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
