/* Bare fork, from a small process: what birth, death and being there cost before anything is built on them. */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/bench.h"

static int await(pid_t os_pid)
{
    siginfo_t info;
    return waitid(P_PID, (id_t)os_pid, &info, WEXITED) < 0 ? complain("waitid") : 0;
}

static int live_once(double *ret_ms)
{
    uint64_t begin_ns = tri_clock_ns();
    pid_t os_pid = fork();
    if (os_pid < 0)
        return complain("fork");
    if (os_pid == 0)
        _exit(0);
    int r = await(os_pid);
    *ret_ms = (double)(tri_clock_ns() - begin_ns) / 1e6;
    return r;
}

/* The child says through a pipe when it is going to crash; both read the same clock. */
static int crash_once(double *ret_ms)
{
    int fds[2];
    uint64_t when_ns = 0;
    volatile int *volatile nowhere = (volatile int *)16; /* NULL would be UBSan's */
    if (pipe(fds) < 0)
        return complain("pipe");
    pid_t os_pid = fork();
    if (os_pid < 0)
        return complain("fork");
    if (os_pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        prctl(PR_SET_DUMPABLE, 0);
        when_ns = tri_clock_ns() + 3 * TRI_NS_PER_MS;
        if (write(fds[1], &when_ns, sizeof when_ns) != sizeof when_ns)
            _exit(1);
        while (tri_clock_ns() < when_ns)
            ;
        *nowhere = 1;
    }
    ssize_t n = read(fds[0], &when_ns, sizeof when_ns);
    int r = await(os_pid);
    *ret_ms = (double)(int64_t)(tri_clock_ns() - when_ns) / 1e6;
    close(fds[0]);
    close(fds[1]);
    return n == sizeof when_ns ? r : -1;
}

static int repeat(int (*once)(double *ret_ms), const struct load *load, double *ret_figures)
{
    double *times = calloc((size_t)load->count, sizeof *times);
    int r = times ? 0 : -1;
    for (long i = 0; i < load->count && r == 0; i++)
        r = once(&times[i]);
    if (r == 0)
        *ret_figures = median(times, (size_t)load->count);
    free(times);
    return r;
}

int fork_life(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    return repeat(live_once, load, ret_figures);
}

int fork_crash(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    return repeat(crash_once, load, ret_figures);
}

/* ---------------------------------------------------------------- many at once */

/* The child's life: it says that it has come so far, and does nothing. */
static void idle(int fd)
{
    char byte = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (write(fd, &byte, 1) == 1)
        pause();
    _exit(1);
}

/* Forks count children that do nothing, several births being under way at once, and waits until all have come so far.
 * How many came to be. */
static long gather(pid_t *os_pids, long count)
{
    int fds[2];
    char byte;
    long forked = 0, ready = 0;
    if (pipe(fds) < 0)
        return 0;
    while (ready < count)
        if (forked < count && forked - ready < BIRTHS_UNDER_WAY) {
            os_pids[forked] = fork();
            if (os_pids[forked] < 0)
                break;
            if (os_pids[forked++] == 0)
                idle(fds[1]);
        } else if (read(fds[0], &byte, 1) == 1) {
            ready++;
        } else {
            break;
        }
    close(fds[0]);
    close(fds[1]);
    return forked;
}

static void dismiss(const pid_t *os_pids, long count)
{
    for (long i = 0; i < count; i++)
        kill(os_pids[i], SIGKILL);
    for (long i = 0; i < count; i++)
        await(os_pids[i]);
}

int fork_rate(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    pid_t *os_pids = calloc((size_t)load->count, sizeof *os_pids);
    if (!os_pids)
        return -1;
    uint64_t begin_ns = tri_clock_ns();
    long count = gather(os_pids, load->count);
    *ret_figures = (double)count / ((double)(tri_clock_ns() - begin_ns) / 1e9);
    dismiss(os_pids, count);
    free(os_pids);
    return count == load->count ? 0 : -1;
}

int fork_own_memory(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    pid_t *os_pids = calloc((size_t)load->count, sizeof *os_pids);
    double sum = 0;
    if (!os_pids)
        return -1;
    long count = gather(os_pids, load->count);
    for (long i = 0; i < count; i++)
        sum += pss_bytes(os_pids[i]);
    dismiss(os_pids, count);
    free(os_pids);
    *ret_figures = sum / (double)load->count / 1024;
    return count == load->count ? 0 : -1;
}

int fork_machine_memory(const struct load *load, const void *what, double *ret_figures)
{
    (void)what;
    pid_t *os_pids = calloc((size_t)load->count, sizeof *os_pids);
    double before = used_bytes();
    if (!os_pids)
        return -1;
    long count = gather(os_pids, load->count);
    double after = used_bytes();
    dismiss(os_pids, count);
    free(os_pids);
    *ret_figures = (after - before) / (double)load->count / 1024;
    return count == load->count && before >= 0 && after >= 0 ? 0 : -1;
}
