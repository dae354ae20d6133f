/* Osproc: this process and children of it, as the kernel tells them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/osproc.h"
#include "support/process_state.h"
#include "support/skip.h"
#include "support/wait.h"

static void a_process_is_told_as_it_is(void **state)
{
    struct tri_osproc process;
    (void)state;
    assert_true(tri_osproc_look(getpid(), &process));
    assert_int_equal(process.os_pid, getpid());
    assert_int_equal(process.parent, getppid());
    assert_int_equal(process.state, 'R');
    assert_string_equal(process.comm, "test_osproc");
    assert_false(process.is_exiting);
    assert_true(process.start_ticks > 0);
    assert_int_equal(process.start_ticks, tri_osproc_start_ticks(getpid()));
}

static void it_is_told_which_signals_it_withstands(void **state)
{
    (void)state;
    assert_false(tri_osproc_withstands(getpid(), SIGXCPU));
    signal(SIGXCPU, SIG_IGN);
    assert_true(tri_osproc_withstands(getpid(), SIGXCPU));
    signal(SIGXCPU, SIG_DFL);
    assert_false(tri_osproc_withstands(getpid(), SIGXCPU));
    int os_pid = fork();
    if (os_pid == 0) {
        signal(SIGXCPU, SIG_IGN);
        _exit(0);
    }
    assert_int_equal(waitid(P_PID, (id_t)os_pid, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    assert_true(tri_osproc_withstands(os_pid, SIGXCPU));
    waitpid(os_pid, NULL, 0);
    assert_false(tri_osproc_withstands(os_pid, SIGXCPU));
}

/* Parentheses, spaces and what looks like fields: the kernel prints them as they are. */
static void a_name_that_imitates_fields_deceives_nobody(void **state)
{
    struct tri_osproc process;
    (void)state;
    assert_int_equal(prctl(PR_SET_NAME, "a) Z 1 (b) X 2"), 0);
    assert_true(tri_osproc_look(getpid(), &process));
    prctl(PR_SET_NAME, "test_osproc");
    assert_string_equal(process.comm, "a) Z 1 (b) X 2");
    assert_int_equal(process.state, 'R');
    assert_int_equal(process.parent, getppid());
}

static void who_computes_uses_the_processor(void **state)
{
    struct tri_osproc before, now = {0};
    (void)state;
    assert_true(tri_osproc_look(getpid(), &before));
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    do
        assert_true(tri_osproc_look(getpid(), &now));
    while (now.cpu_ticks < before.cpu_ticks + 2 && tri_clock_ns() < deadline_ns);
    assert_true(now.cpu_ticks >= before.cpu_ticks + 2);
}

static void who_computes_has_had_a_processor(void **state)
{
    uint64_t before_ns, ran_ns, waited_ns, deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    (void)state;
    if (!tri_osproc_turns(getpid(), &before_ns, &waited_ns))
        skip_because("the kernel does not count who waits for a processor");
    do
        assert_true(tri_osproc_turns(getpid(), &ran_ns, &waited_ns));
    while (ran_ns < before_ns + 20 * TRI_NS_PER_MS && tri_clock_ns() < deadline_ns);
    assert_true(ran_ns >= before_ns + 20 * TRI_NS_PER_MS);
    assert_false(tri_osproc_turns(-1, &ran_ns, &waited_ns));
}

static void a_zombie_is_on_its_way_out(void **state)
{
    struct tri_osproc process;
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    wait_until(process_state(child) == 'Z');
    assert_true(tri_osproc_look(child, &process));
    assert_true(process.is_exiting);
    assert_int_equal(process.parent, getpid());
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void who_does_not_exist_is_not_told(void **state)
{
    struct tri_osproc process = {.state = '?'};
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(tri_osproc_look(child, &process));
    assert_false(tri_osproc_look(0, &process));
    assert_false(tri_osproc_look(-1, &process));
    assert_int_equal(process.state, '?');
    assert_int_equal(tri_osproc_start_ticks(INT_MAX), 0);
}

static void a_file_is_cut_to_the_buffer(void **state)
{
    char text[4];
    (void)state;
    assert_true(tri_osproc_read(getpid(), "comm", text, sizeof text));
    assert_string_equal(text, "tes");
    assert_false(tri_osproc_read(getpid(), "no_such_file", text, sizeof text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_is_told_as_it_is),
        cmocka_unit_test(it_is_told_which_signals_it_withstands),
        cmocka_unit_test(a_name_that_imitates_fields_deceives_nobody),
        cmocka_unit_test(who_computes_uses_the_processor),
        cmocka_unit_test(who_computes_has_had_a_processor),
        cmocka_unit_test(a_zombie_is_on_its_way_out),
        cmocka_unit_test(who_does_not_exist_is_not_told),
        cmocka_unit_test(a_file_is_cut_to_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
