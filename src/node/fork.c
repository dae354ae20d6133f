/* Fork: four births. Guardian → node by fork; node → template by fork and exec, node → coroner by fork; template → actor by
 * clone3 with CLONE_PARENT, so that the node is the parent that the kernel tells of the actor's death. */
#include "node/fork.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/panic.h"
#include "base/signals.h"
#include "base/title.h"
#include "node/binary.h"

#ifndef PR_FUTEX_HASH
#define PR_FUTEX_HASH 78
#define PR_FUTEX_HASH_SET_SLOTS 1
#endif

static struct rlimit users_descriptors;

void tri_descriptors_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    users_descriptors = limit;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void descriptors_restore(void)
{
    if (users_descriptors.rlim_max > 0)
        setrlimit(RLIMIT_NOFILE, &users_descriptors);
}

int tri_die_with_parent(int parent_os_pid)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return getppid() == parent_os_pid;
}

void tri_stdin_null(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        dup2(fd, STDIN_FILENO);
        if (fd > STDERR_FILENO)
            close(fd);
    }
}

/* Closes everything above standard error except two descriptors (which may be the same). */
static void close_all_but(int one, int two)
{
    int low = one < two ? one : two, high = one < two ? two : one;
    if (low > 3)
        close_range(3, (unsigned)low - 1, 0);
    if (high > low + 1)
        close_range((unsigned)low + 1, (unsigned)high - 1, 0);
    close_range((unsigned)high + 1, ~0u, 0);
}

int tri_fork_node(int keep_fd, int lock_fd)
{
    int os_pid = fork();
    if (os_pid < 0)
        return -errno;
    if (os_pid == 0) {
        setsid();
        close_all_but(keep_fd, lock_fd);
    }
    return os_pid;
}

/* The environment with room for a template's title in front. NULL when there is no memory. */
static char **roomy_environment(void)
{
    static char room[sizeof TRI_TITLE_ROOM_VARIABLE "=" + TRI_TITLE_ROOM_BYTES];
    size_t count = 0;
    while (environ[count])
        count++;
    char **roomy = malloc((count + 2) * sizeof *roomy);
    if (!roomy)
        return NULL;
    memset(room, ' ', sizeof room - 1);
    memcpy(room, TRI_TITLE_ROOM_VARIABLE "=", strlen(TRI_TITLE_ROOM_VARIABLE "="));
    roomy[0] = room;
    memcpy(roomy + 1, environ, (count + 1) * sizeof *roomy);
    return roomy;
}

/* Executes path as a template. Returns only when that cannot be: what stands in the report. */
static void execute(const char *path, bool is_wary, int channel_fd, const char *node,
                    struct tri_exec_report *report)
{
    char number[16];
    char *arguments[] = {(char *)path, NULL};
    report->result = tri_binary_check(path, report->why, sizeof report->why);
    if (report->result == 0 && is_wary)
        report->result = tri_binary_check_owner(path, report->why, sizeof report->why);
    if (report->result)
        return;
    snprintf(number, sizeof number, "%d", channel_fd);
    setenv(TRI_BIND_VARIABLE, TRI_BIND_VALUE, 0);
    if (setenv(TRI_TEMPLATE_VARIABLE, number, 1) == 0 && setenv(TRI_NODE_VARIABLE, node, 1) == 0) {
        fcntl(channel_fd, F_SETFD, 0);
        char **roomy = roomy_environment();
        execve(path, arguments, roomy ? roomy : environ);
    }
    report->result = -errno;
    snprintf(report->why, sizeof report->why, "%.200s: cannot be executed: %s", path,
             strerror(errno));
}

/* In the child between fork and exec. The path may lead to a mount that hangs, and this process with it: so it has the
 * name of what it is going to be, and holds none of the node's descriptors open. */
static void become_template(const char *path, bool is_wary, int channel_fd, const char *node,
                            int node_os_pid, int report_fd)
{
    struct tri_exec_report report = {0};
    if (!tri_die_with_parent(node_os_pid))
        _exit(0);
    tri_signals_default();
    prctl(PR_SET_NAME, TRI_TEMPLATE_NAME);
    close_all_but(channel_fd, report_fd);
    tri_stdin_null();
    descriptors_restore();
    execute(path, is_wary, channel_fd, node, &report);
    ssize_t written = write(report_fd, &report, sizeof report);
    (void)written;
    _exit(127);
}

int tri_fork_template(const char *path, bool is_wary, int channel_fd, const char *node,
                      int *ret_exec_fd)
{
    int report[2], node_os_pid = getpid();
    if (pipe2(report, O_CLOEXEC) < 0)
        return -errno;
    int os_pid = fork();
    if (os_pid == 0)
        become_template(path, is_wary, channel_fd, node, node_os_pid, report[1]);
    int r = os_pid < 0 ? -errno : os_pid;
    close(report[1]);
    if (r < 0)
        close(report[0]);
    else
        *ret_exec_fd = report[0];
    return r;
}

int tri_fork_coroner(int channel_fd, int boxes_fd, int node_os_pid)
{
    int os_pid = fork();
    if (os_pid < 0)
        return -errno;
    if (os_pid > 0)
        return os_pid;
    if (!tri_die_with_parent(node_os_pid))
        _exit(0);
    tri_signals_default();
    close_all_but(channel_fd, boxes_fd);
    return 0;
}

/* What glibc's fork would do for the child's only thread: tell the kernel where its thread id is kept, and where its
 * list of robust mutexes begins. */
struct thread_places {
    int *thread_id;
    void *robust_list;
    size_t robust_bytes;
};

static struct thread_places thread_places(void)
{
    struct thread_places places = {0};
    prctl(PR_GET_TID_ADDRESS, &places.thread_id, 0, 0, 0);
    syscall(SYS_get_robust_list, 0, &places.robust_list, &places.robust_bytes);
    return places;
}

/* The actor's end of its control channel becomes descriptor 3, and there is no other. */
static void keep_only_control(int control_fd)
{
    if (control_fd != 3 && dup3(control_fd, 3, O_CLOEXEC) < 0)
        _exit(126);
    close_range(4, ~0u, 0);
}

/* With its second thread a process would get a table of futexes of its own, of 2 KiB (Linux 6.16). Most actors have just
 * two threads, which meet rarely: the table that all processes share does, as it did before. */
static void share_futex_table(void) { prctl(PR_FUTEX_HASH, PR_FUTEX_HASH_SET_SLOTS, 0, 0, 0); }

int tri_fork_actor(int control_fd, int node_os_pid)
{
    struct thread_places places = thread_places();
    struct clone_args arguments = {.flags = CLONE_PARENT};
    if (places.thread_id) {
        arguments.flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
        arguments.child_tid = (uint64_t)(uintptr_t)places.thread_id;
    }
    long os_pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (os_pid < 0)
        return -errno;
    if (os_pid > 0)
        return (int)os_pid;
    if (places.robust_list)
        syscall(SYS_set_robust_list, places.robust_list, places.robust_bytes);
    if (!tri_die_with_parent(node_os_pid))
        _exit(0);
    setsid();
    share_futex_table();
    keep_only_control(control_fd);
    return 0;
}
