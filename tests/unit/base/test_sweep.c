/* Sweep: whoever descends from this process is gone, also when there is little time. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sweep.h"

enum { PATIENCE_MS = 30000 };

/* One that waits, and so does its child, which has left its session. */
static int begin_family(void)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    int os_pid = fork();
    if (os_pid == 0) {
        if (fork() == 0) {
            setsid();
            _exit(write(ready[1], "", 1) == 1 ? pause() : 1);
        }
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return os_pid;
}

static void who_has_left_its_session_is_swept_too(void **state)
{
    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    begin_family();
    assert_int_equal(tri_sweep(0, PATIENCE_MS), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left, and nobody to be reaped */
}

static void without_any_patience_all_are_killed_once(void **state)
{
    siginfo_t info;
    (void)state;
    int os_pid = begin_family();
    tri_sweep(0, 0);
    if (waitid(P_PID, (id_t)os_pid, &info, WEXITED) == 0) /* else it was reaped by then */
        assert_int_equal(info.si_status, SIGKILL);
    assert_int_equal(tri_sweep(0, PATIENCE_MS), 0);
}

static void who_is_spared_stays(void **state)
{
    (void)state;
    int spared = begin_family();
    begin_family();
    assert_int_equal(tri_sweep_others(&spared, 1, PATIENCE_MS), 0);
    assert_int_equal(kill(spared, 0), 0);
    assert_int_equal(tri_sweep(0, PATIENCE_MS), 0);
    assert_int_equal(kill(spared, 0), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_left_its_session_is_swept_too),
        cmocka_unit_test(without_any_patience_all_are_killed_once),
        cmocka_unit_test(who_is_spared_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
