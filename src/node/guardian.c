/* Guardian: a subreaper that waits. When the node dies, its orphans become the guardian's children and are swept away;
 * when the guardian dies, the node notices at the end of their channel and sweeps likewise. */
#include "node/guardian.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/cgroup.h"
#include "base/fd.h"
#include "base/osproc.h"
#include "base/sweep.h"
#include "node/fork.h"

/* How long those who are killed in control groups that a node has left are waited for. */
#define GROUPS_CLEARED_MS 1000

struct guardian {
    struct tri_rundir dir;
    int channel_fd, signal_fd, node_os_pid;
    uint64_t node_start_ticks;
    unsigned stops_asked;
    bool hears_hangup; /* SIGHUP is for the root actor, and no wish to stop */
    bool has_ended;    /* the node has said how it ended */
    int exit_status;
};

static char packet_buffer[TRI_PACKET_BUFFER_BYTES];

static int watch_signals(sigset_t *ret_before)
{
    sigset_t set;
    signal(SIGCHLD, SIG_DFL); /* ignored, it would make waitpid forget how the node ended */
    /* When nobody reads what it says, there is still a node to clear away. */
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, ret_before);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* One that finds the channel full is dropped: the node has others to tell of. */
static void forward_hangup(struct guardian *guardian)
{
    struct tri_parcel parcel = tri_parcel_of(TRI_HANGUP);
    tri_control_send(guardian->channel_fd, &parcel);
}

static void forward_signals(struct guardian *guardian)
{
    struct signalfd_siginfo info;
    while (read(guardian->signal_fd, &info, sizeof info) == sizeof info) {
        struct tri_parcel parcel = tri_parcel_of(TRI_STOP);
        if (info.ssi_signo == SIGHUP && guardian->hears_hangup) {
            forward_hangup(guardian);
            continue;
        }
        parcel.head.number = guardian->stops_asked > 0;
        if (++guardian->stops_asked > 2 || tri_control_send(guardian->channel_fd, &parcel))
            kill(guardian->node_os_pid, SIGKILL);
    }
}

/* What the node says about its end. */
static void note_end(struct guardian *guardian, const struct tri_packet *packet)
{
    guardian->has_ended = true;
    if (packet->head.kind == TRI_NODE_FAIL) {
        guardian->exit_status = 2;
        fprintf(stderr, "troupe: %s\n", packet->name);
        return;
    }
    guardian->exit_status = (int)packet->head.number;
    if (guardian->exit_status != 0)
        fprintf(stderr, "troupe: the root actor <0.%u.%u> of node %s ended: %s\n",
                tr_pid_slot((tr_pid){packet->head.pid}),
                tr_pid_generation((tr_pid){packet->head.pid}), guardian->dir.node, packet->name);
}

/* Waits until the node has closed its end of the channel. */
static void watch(struct guardian *guardian)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = guardian->channel_fd, .events = POLLIN},
                                {.fd = guardian->signal_fd, .events = POLLIN}};
        struct tri_packet packet;
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        if (fds[1].revents)
            forward_signals(guardian);
        if (!fds[0].revents)
            continue;
        int r = tri_control_receive(guardian->channel_fd, packet_buffer, &packet);
        if (r == -EAGAIN || r == -EPROTO)
            continue;
        if (r)
            return;
        if (packet.head.kind == TRI_ROOT_END || packet.head.kind == TRI_NODE_FAIL)
            note_end(guardian, &packet);
        tri_packet_deinit(&packet);
    }
}

/* The node is gone, or has let go of its channel: whatever is left of it goes too. */
static void clean_up(struct guardian *guardian)
{
    int status = 0;
    if (!guardian->has_ended)
        kill(guardian->node_os_pid, SIGKILL);
    while (waitpid(guardian->node_os_pid, &status, 0) < 0 && errno == EINTR)
        ;
    int left = tri_sweep(guardian->node_start_ticks, 5000);
    if (left > 0)
        fprintf(stderr, "troupe: %d processes of node %s could not be killed\n", left,
                guardian->dir.node);
    tri_cgroup_clear(GROUPS_CLEARED_MS);
    tri_rundir_remove(&guardian->dir);
    if (guardian->has_ended)
        return;
    guardian->exit_status = 2;
    if (WIFSIGNALED(status))
        fprintf(stderr,
                "troupe: node %s (os_pid %d) was killed by signal %d (%s); its actors are ended\n",
                guardian->dir.node, guardian->node_os_pid, WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else
        fprintf(stderr, "troupe: node %s (os_pid %d) ended without a word\n", guardian->dir.node,
                guardian->node_os_pid);
}

static int start_node(struct guardian *guardian, struct tri_node_options *options, int lock_fd)
{
    int pair[2], guardian_os_pid = getpid();
    int r = tri_fd_socketpair(pair, 0, 0);
    if (r)
        return r;
    fflush(NULL);
    r = tri_fork_node(pair[1], lock_fd);
    if (r == 0) {
        options->guardian_fd = pair[1];
        options->guardian_os_pid = guardian_os_pid;
        _exit(tri_node_run(options));
    }
    close(pair[1]);
    if (r < 0) {
        close(pair[0]);
        return r;
    }
    guardian->channel_fd = pair[0];
    guardian->node_os_pid = r;
    guardian->node_start_ticks = tri_osproc_start_ticks(r);
    return 0;
}

/* Who has named one that cannot be used is told, and has none. */
static void announce_cgroup(void)
{
    const char *given = tri_cgroup_announced();
    char named[256] = "";
    if (given)
        snprintf(named, sizeof named, "%s", given);
    int r = tri_cgroup_announce();
    if (r)
        fprintf(stderr,
                "troupe: %s=%s: %s; it is to be a group of version 2 that this user may write to. "
                "There are "
                "no control groups\n",
                TRI_CGROUP_VARIABLE, named, tr_strerror(r));
}

int tri_guardian_run(struct tri_node_options *options)
{
    struct guardian guardian = {
        .dir = options->dir, .channel_fd = -1, .hears_hangup = options->root_hears_hangup};
    char why[1024];
    sigset_t before;
    TRI_AUTO(tri_fd_close) int lock_fd = -1;
    int r = tri_rundir_create(&options->dir, &lock_fd, why, sizeof why);
    if (r) {
        fprintf(stderr, "troupe: %s\n", why);
        return 2;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    announce_cgroup();
    tri_cgroup_clear(
        GROUPS_CLEARED_MS); /* what others have left, whom nobody has cleared away after */
    guardian.signal_fd = watch_signals(&before);
    r = guardian.signal_fd < 0 ? guardian.signal_fd : start_node(&guardian, options, lock_fd);
    if (r) {
        fprintf(stderr, "troupe: cannot start node %s: %s\n", options->dir.node, tr_strerror(r));
        tri_rundir_remove(&options->dir);
        guardian.exit_status = 2;
    } else {
        watch(&guardian);
        clean_up(&guardian);
    }
    tri_fd_close(&guardian.channel_fd);
    tri_fd_close(&guardian.signal_fd);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return guardian.exit_status;
}
