/* Restart: from kill -9 of a supervised server until its replacement has answered a call by its name. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/side.h"

/* Who calls a name that nobody has looks again after so long, without keeping a processor from those who restart. */
#define LOOK_AGAIN_NS 50000

#define NAME "phoenix"

static struct tr_step init(tr_term argument, void **ret_state)
{
    (void)argument;
    *ret_state = NULL;
    return tr_ok();
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    (void)request;
    (void)from;
    (void)state;
    return tr_answer("OsPid", getpid());
}

static const struct tr_server_callbacks callbacks = {.init = init, .handle_call = handle_call};
TR_SERVER(phoenix, &callbacks)

/* Restarts are what is counted here, so their number is no reason to give up. The lines about them are written, as
 * anywhere, but nobody wants to read hundreds of them. */
static void plant(tr_term argument, struct tr_tree *tree)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)argument;
    if (nowhere >= 0) {
        dup2(nowhere, STDERR_FILENO);
        close(nowhere);
    }
    tr_tree_set(tree, &(struct tr_supervision){.intensity = 1000000, .period_s = 1});
    tr_tree_add(tree, TR_CHILD("phoenix", .name = NAME), "[]");
}
TR_SUPERVISOR(nest, plant)

/* Calls until one answers that was not killed. 0 or -1. */
static int await_answer(int killed_os_pid, int *ret_os_pid)
{
    const struct timespec pause = {.tv_nsec = LOOK_AGAIN_NS};
    uint64_t deadline_ns = tri_deadline_ns(ANSWER_MS);
    while (tri_clock_ns() < deadline_ns) {
        TR_REPLY reply = {0};
        if (tr_call(NAME, ANSWER_MS, &reply, "os_pid") == 0 &&
            tr_match(reply.term, "OsPid", ret_os_pid) == 0 && *ret_os_pid != killed_os_pid)
            return 0;
        if (tr_pid_is_none(tr_whereis(NAME)))
            nanosleep(&pause, NULL);
    }
    return -1;
}

static int kill_all(double *times_ms, long count)
{
    int os_pid;
    int r = await_answer(0, &os_pid);
    for (long i = 0; i < count && r == 0; i++) {
        uint64_t begin_ns = tri_clock_ns();
        kill(os_pid, SIGKILL);
        r = await_answer(os_pid, &os_pid);
        times_ms[i] = (double)(tri_clock_ns() - begin_ns) / 1e6;
    }
    return r;
}

int troupe_restart(const struct load *load, const void *what, double *ret_figures)
{
    double *times_ms = calloc((size_t)load->count, sizeof *times_ms);
    tr_pid supervisor;
    (void)what;
    prctl(PR_SET_TIMERSLACK, 1);
    int r = times_ms ? tr_server_start_link(&supervisor, "nest", NULL, "[]") : -1;
    if (r == 0) {
        r = kill_all(times_ms, load->count);
        tr_unlink(supervisor);
        tr_server_stop(supervisor, ANSWER_MS, NULL, "normal");
    }
    if (r == 0) {
        ret_figures[0] = median(times_ms, (size_t)load->count);
        ret_figures[1] = percentile(times_ms, (size_t)load->count, 99);
    }
    free(times_ms);
    return r ? -1 : 0;
}
