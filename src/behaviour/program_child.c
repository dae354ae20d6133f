/* Program's child: in an order in which nothing is in the way of what follows: rights are given up late, and what a sandbox
 * refuses has been done before. */
#include "behaviour/program_child.h"

#include <errno.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/fd.h"
#include "base/signals.h"
#include "process/confined.h"
#include "process/sandbox_namespaces.h"

static void report(const struct tri_program_child *child, struct tri_keeper_news news,
                   int passed_fd)
{
    struct iovec part = {&news, sizeof news};
    tri_fd_send(child->report_fd, &part, 1, passed_fd);
}

TR_NORETURN static void fail(const struct tri_program_child *child, enum tri_keeper_step step,
                             int fault)
{
    report(child, (struct tri_keeper_news){TRI_KEEPER_FAILED, step, -fault, 0}, -1);
    _exit(127);
}

/* Death with the keeper, who may have died before that could be asked for: then nobody holds the other end of the report. */
static void die_with_keeper(const struct tri_program_child *child)
{
    struct pollfd end = {.fd = child->report_fd};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    poll(&end, 1, 0);
    if (end.revents & POLLHUP)
        _exit(127);
}

/* ---------------------------------------------------------------- pid namespace */

/* A brother. glibc's fork would run what was meant for the actor. */
static int fork_brother(void)
{
    struct clone_args arguments = {.flags = CLONE_PARENT};
    long os_pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    return os_pid < 0 ? -errno : (int)os_pid;
}

/* When it ends, so do all in the namespace. Its children are orphans of the program's, whom the kernel reaps. */
TR_NORETURN static void be_the_first(const struct tri_program_child *child)
{
    die_with_keeper(child);
    prctl(PR_SET_NAME, "troupe first");
    signal(SIGCHLD, SIG_IGN);
    tri_namespaces_settle();
    close_range(0, ~0u, 0);
    for (;;)
        pause();
}

/* The keeper goes on when it knows who is who, and we when it has reaped the one between, who would count as a process. */
static void tell_places(const struct tri_program_child *child, int program_os_pid, int first_os_pid)
{
    struct tri_program_places places = {program_os_pid, first_os_pid};
    struct iovec part = {&places, sizeof places};
    tri_fd_send(child->places_fd, &part, 1, -1);
}

/* Returns in the program only. */
static void enter_pid_namespace(const struct tri_program_child *child)
{
    int first = fork_brother();
    if (first == 0)
        be_the_first(child);
    if (first < 0)
        fail(child, TRI_STEP_FORK, first);
    int program = fork_brother();
    if (program < 0) {
        kill(first, SIGKILL);
        fail(child, TRI_STEP_FORK, program);
    }
    if (program > 0) {
        tell_places(child, program, first);
        _exit(0);
    }
    char byte;
    if (tri_fd_receive(child->places_fd, &byte, 1, NULL) != 1)
        _exit(127);
    setpgid(0, 0);
}

static void enter_namespaces(const struct tri_program_child *child)
{
    struct tri_confined *confined = child->confined;
    int r = tri_confined_enter_namespaces(confined);
    if (r)
        fail(child, TRI_STEP_FORK, -EPERM);
    if (confined->has_pid_namespace)
        enter_pid_namespace(child);
    else if (child->places_fd >= 0)
        tell_places(child, getpid(), 0);
}

/* ---------------------------------------------------------------- the whole */

static void confine(const struct tri_program_child *child)
{
    struct tri_confined *confined = child->confined;
    int listener_fd = -1;
    tri_confined_enter(confined, &listener_fd);
    if (confined->lacks && confined->confinement->is_strict) {
        report(
            child,
            (struct tri_keeper_news){TRI_KEEPER_FAILED, TRI_STEP_CONFINE, (int)confined->lacks, 0},
            -1);
        _exit(127);
    }
    report(child, (struct tri_keeper_news){TRI_KEEPER_CONFINED, (int)confined->lacks, 0, 0},
           listener_fd);
    tri_fd_close(&listener_fd);
}

/* Death with the keeper is asked for after the changes of user and namespaces, which would cancel it. */
void tri_program_child_run(const struct tri_program_child *child)
{
    const struct tri_program_spec *spec = child->spec;
    setpgid(0, 0);
    tri_signals_default();
    if (child->cgroup_fd >= 0)
        tri_cgroup_enter(child->cgroup_fd); /* what it does not see to, the keeper does */
    for (int i = 0; i < 3; i++)
        if (dup2(child->stdio[i], i) < 0)
            fail(child, TRI_STEP_EXEC, -errno);
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    if (child->confined)
        tri_confined_begin(child->confined);
    int r = tri_user_become(child->user);
    if (r)
        fail(child, TRI_STEP_USER, r);
    if (child->confined)
        enter_namespaces(child);
    die_with_keeper(child);
    if (spec->directory && chdir(spec->directory) < 0)
        fail(child, TRI_STEP_CD, -errno);
    static char *empty[] = {NULL};
    environ = spec->environment.at ? spec->environment.at : empty;
    if (child->confined)
        confine(child);
    execvp(spec->path, spec->arguments.at);
    fail(child, TRI_STEP_EXEC, -errno);
}
