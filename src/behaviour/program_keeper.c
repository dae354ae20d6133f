/* Keeper: forks twice, then waits in one poll. What is done between fork and exec is in program_child.c. */
#include "behaviour/program_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/cgroup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/oom.h"
#include "base/osproc.h"
#include "base/signals.h"
#include "base/sweep.h"
#include "base/title.h"
#include "base/tree.h"
#include "behaviour/program_child.h"
#include "process/confined.h"
#include "process/sandbox_seccomp.h"
#include "wire/death.h"

/* What an actor says to its keeper. */
enum { WORD_TERMINATE = 'T', WORD_KILL = 'K' };

/* How long the rest of a killed group may take to be gone before everybody is looked at, and that sweep. */
#define GROUP_PATIENCE_MS 20
#define SWEEP_MS 5000

/* How often the tree of a program with a limit of memory is looked at: so that what it can use up meanwhile is not much more
 * than it may, at a speed that few reach. */
#define FASTEST_BYTES_PER_MS (2u << 20)
#define LOOK_LEAST_MS 5
#define LOOK_MOST_MS 100

/* Where the keeper's descriptors are. */
enum {
    CHANNEL_FD = 3,
    SIGNAL_FD,
    REPORT_FD,
    CONTROL_FD,
    GROUP_FD, /* when there is one */
    KEPT_FDS = 5,
    FIRST_FREE_FD = 8
};

/* The program's ends of its streams, and the actor's. */
struct pipes {
    int child[3], own[3];
};

/* ---------------------------------------------------------------- pipes */

static void close_all(int fds[3])
{
    for (int i = 0; i < 3; i++)
        tri_fd_close(&fds[i]);
}

/* A pipe for stream i: 0 leads to the program, 1 and 2 from it. */
static int pipe_open(struct pipes *pipes, int i)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pipes->child[i] = ends[i == 0 ? 0 : 1];
    pipes->own[i] = ends[i == 0 ? 1 : 0];
    return tri_fd_set_nonblocking(pipes->own[i], 1);
}

static int pipes_open(struct pipes *pipes, enum tr_program_stderr standard_error)
{
    *pipes = (struct pipes){{-1, -1, -1}, {-1, -1, -1}};
    int r = pipe_open(pipes, 0);
    if (r == 0)
        r = pipe_open(pipes, 1);
    if (r)
        return r;
    if (standard_error == TR_STDERR_LOG || standard_error == TR_STDERR_MESSAGES)
        return pipe_open(pipes, 2);
    pipes->child[2] = standard_error == TR_STDERR_STDOUT
                          ? fcntl(pipes->child[1], F_DUPFD_CLOEXEC, FIRST_FREE_FD)
                          : open("/dev/null", O_WRONLY | O_CLOEXEC);
    return pipes->child[2] < 0 ? -errno : 0;
}

/* ---------------------------------------------------------------- the keeper */

struct kept {
    int program_os_pid;
    int first_os_pid;                        /* of the program's pid namespace, or 0 */
    const struct tr_resource_limits *limits; /* what is watched here; NULL: nothing */
    uint64_t look_ns;                        /* when the tree is looked at next, or TRI_NEVER */
    struct tri_cgroup cgroup;
    struct tri_oom oom;
    int listener_fd;  /* where denied calls are heard, or -1 */
    bool is_broken;   /* a limit or a rule, and all that is told of it */
    bool is_executed; /* or cannot be: `failure` says why */
    struct tri_keeper_news failure;
    bool is_alone;   /* the actor is gone */
    bool has_killed; /* at its word, or for want of it */
};

static void tell_news(int channel_fd, struct tri_keeper_news news)
{
    struct iovec part = {&news, sizeof news};
    tri_fd_send(channel_fd, &part, 1, -1);
}

/* How the program has ended. */
static void tell_end(struct kept *kept, const siginfo_t *info)
{
    bool is_killed = info->si_status == SIGKILL && info->si_code != CLD_EXITED;
    tell_news(CHANNEL_FD, (struct tri_keeper_news){TRI_KEEPER_ENDED, info->si_code, info->si_status,
                                                   is_killed && tri_oom_explains(&kept->oom)});
}

static void tell(int channel_fd, int word, int first, int second)
{
    tell_news(channel_fd, (struct tri_keeper_news){word, first, second, 0});
}

/* The program has not been reaped: the group is its own, and nobody else has the os_pid. */
static void signal_group(const struct kept *kept, int number)
{
    kill(-kept->program_os_pid, number);
    if (number == SIGKILL)
        kill(kept->program_os_pid, number); /* if it has left its group */
}

/* Reaps who has lost his parent to us, but the program. Tells whether children are left. */
static bool reap_others(struct kept *kept)
{
    siginfo_t info;
    for (;;) {
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
            return errno == EINTR;
        if (info.si_pid == 0 || info.si_pid == kept->program_os_pid)
            return true;
        if (info.si_pid == kept->first_os_pid)
            kept->first_os_pid = 0; /* all in the namespace end with it */
        waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG);
    }
}

/* Nothing of the program stays behind. */
static void clear_away(struct kept *kept)
{
    siginfo_t info;
    signal_group(kept, SIGKILL);
    while (waitid(P_PID, (id_t)kept->program_os_pid, &info, WEXITED) < 0 && errno == EINTR)
        ;
    kept->program_os_pid = 0;
    if (kept->first_os_pid)
        kill(kept->first_os_pid, SIGKILL); /* it has not been reaped */
    tri_cgroup_kill(&kept->cgroup);
    for (int ms = 0; ms < GROUP_PATIENCE_MS; ms++) {
        if (!reap_others(kept))
            return;
        poll(NULL, 0, 1);
    }
    tri_sweep(0, SWEEP_MS);
}

static void hear_report(struct kept *kept)
{
    struct tri_keeper_news news;
    int listener_fd = -1;
    ssize_t n = tri_fd_receive(REPORT_FD, &news, sizeof news, &listener_fd);
    if (n < 0 && n != -ECONNRESET)
        return;
    if (n == sizeof news && news.word == TRI_KEEPER_CONFINED) {
        tell_news(CHANNEL_FD, news);
        kept->listener_fd = listener_fd;
        return;
    }
    kept->is_executed = true;
    close(REPORT_FD);
    if (n == sizeof news)
        kept->failure = news;
    else
        tell(CHANNEL_FD, TRI_KEEPER_STARTED, kept->program_os_pid, 0);
}

/* ---------------------------------------------------------------- limits */

/* All of it ends, and the actor knows why. The first reason stands. */
static void end_broken(struct kept *kept, struct tri_keeper_news news)
{
    if (!kept->is_broken)
        tell_news(CHANNEL_FD, news);
    kept->is_broken = true;
    signal_group(kept, SIGKILL);
    if (kept->first_os_pid)
        kill(kept->first_os_pid, SIGKILL);
    tri_cgroup_kill(&kept->cgroup);
}

/* A call that the program was denied; who made it waits to be killed. */
static void hear_denied(struct kept *kept, short events)
{
    int call = events & POLLIN ? tri_filter_hear(kept->listener_fd) : -EPIPE;
    if (call >= 0)
        end_broken(kept, (struct tri_keeper_news){TRI_KEEPER_DENIED, call, 0, 0});
    else if (call != -EAGAIN)
        tri_fd_close(&kept->listener_fd); /* nobody is left who could be denied anything */
}

static bool is_watched(const struct tr_resource_limits *limits)
{
    return limits && (limits->memory_bytes || limits->processes);
}

/* How long it takes a process at least to use up what is left, and a little less; a look costs some 50 us. */
static uint64_t next_look_ns(const struct tr_resource_limits *limits, uint64_t resident_bytes)
{
    uint64_t left = limits->memory_bytes ? limits->memory_bytes - resident_bytes : UINT64_MAX;
    uint64_t ms = left / FASTEST_BYTES_PER_MS;
    ms = ms < LOOK_LEAST_MS ? LOOK_LEAST_MS : ms > LOOK_MOST_MS ? LOOK_MOST_MS : ms;
    return tri_deadline_ns((int64_t)ms);
}

static void look_at_tree(struct kept *kept)
{
    const struct tr_resource_limits *limits = kept->limits;
    if (kept->look_ns == TRI_NEVER || tri_clock_ns() < kept->look_ns)
        return;
    struct tri_tree tree = tri_tree_look(kept->first_os_pid);
    if (limits->memory_bytes && tree.resident_bytes > limits->memory_bytes)
        end_broken(kept, (struct tri_keeper_news){TRI_KEEPER_LIMIT, TRI_LIMIT_MEMORY, 0,
                                                  (int64_t)tree.resident_bytes});
    else if (limits->processes && tree.tasks > limits->processes)
        end_broken(kept, (struct tri_keeper_news){TRI_KEEPER_LIMIT, TRI_LIMIT_PROCESSES, 0,
                                                  (int64_t)tree.tasks});
    kept->look_ns = kept->is_broken ? TRI_NEVER : next_look_ns(limits, tree.resident_bytes);
}

static void hear_actor(struct kept *kept)
{
    char word = 0;
    ssize_t n = read(CHANNEL_FD, &word, 1);
    if (n < 0)
        return;
    kept->is_alone = n == 0;
    if (word == WORD_TERMINATE) {
        signal_group(kept, SIGTERM);
        signal_group(kept, SIGCONT);
    } else {
        kept->has_killed = true;
        signal_group(kept, SIGKILL);
    }
}

/* What has ignored SIGXCPU is told as if that had ended it. It is a zombie still. */
static void see_cpu_limit(const struct kept *kept, siginfo_t *info)
{
    struct tri_osproc process;
    if (kept->limits && !kept->is_broken && !kept->has_killed && info->si_code == CLD_KILLED &&
        info->si_status == SIGKILL && kept->limits->cpu_s &&
        tri_osproc_withstands(info->si_pid, SIGXCPU) && tri_osproc_look(info->si_pid, &process) &&
        tri_death_is_of_cpu(process.cpu_ticks, kept->limits->cpu_s))
        info->si_status = SIGXCPU;
}

/* Has the program ended? It stays a zombie. */
static bool has_ended(struct kept *kept, siginfo_t *ret_info)
{
    struct signalfd_siginfo pending;
    while (read(SIGNAL_FD, &pending, sizeof pending) > 0)
        ;
    reap_others(kept);
    ret_info->si_pid = 0;
    return waitid(P_PID, (id_t)kept->program_os_pid, ret_info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ret_info->si_pid != 0;
}

/* Has somebody in it been killed because there was no memory? */
static bool was_out_of_memory(const struct tri_cgroup *cgroup)
{
    bool is_of_limit;
    return cgroup->fd >= 0 && cgroup->has_memory &&
           tri_cgroup_oom_kills(cgroup->path, &is_of_limit) > 0;
}

TR_NORETURN static void keep(struct kept *kept)
{
    siginfo_t info;
    while (!has_ended(kept, &info)) {
        struct pollfd list[] = {{.fd = SIGNAL_FD, .events = POLLIN},
                                {.fd = kept->is_alone ? -1 : CHANNEL_FD, .events = POLLIN},
                                {.fd = kept->is_executed ? -1 : REPORT_FD, .events = POLLIN},
                                {.fd = kept->listener_fd, .events = POLLIN}};
        if (poll(list, TRI_ARRAY_LENGTH(list), tri_poll_timeout_ms(kept->look_ns)) < 0)
            continue;
        look_at_tree(kept);
        if (list[3].revents)
            hear_denied(kept, list[3].revents);
        if (list[2].revents)
            hear_report(kept);
        if (list[1].revents)
            hear_actor(kept);
    }
    while (!kept->is_executed)
        hear_report(kept);
    if (!kept->is_broken && was_out_of_memory(&kept->cgroup))
        tell_news(CHANNEL_FD, (struct tri_keeper_news){TRI_KEEPER_LIMIT, TRI_LIMIT_MEMORY, 0,
                                                       (int64_t)kept->limits->memory_bytes});
    see_cpu_limit(kept, &info);
    clear_away(kept);
    tri_cgroup_close(&kept->cgroup);
    if (kept->failure.word)
        tell(CHANNEL_FD, kept->failure.word, kept->failure.first, kept->failure.second);
    else
        tell_end(kept, &info);
    _exit(0);
}

/* The descriptors at their places, and no others but 0 to 2. */
static int arrange(int channel_fd, int signal_fd, int report_fd, int control_fd, int *group_fd)
{
    int given[KEPT_FDS] = {channel_fd, signal_fd, report_fd, control_fd, *group_fd};
    int count = *group_fd < 0 ? KEPT_FDS - 1 : KEPT_FDS;
    for (int i = 0; i < count; i++)
        if ((given[i] = fcntl(given[i], F_DUPFD_CLOEXEC, FIRST_FREE_FD)) < 0)
            return -errno;
    for (int i = 0; i < count; i++)
        if (dup3(given[i], CHANNEL_FD + i, O_CLOEXEC) < 0)
            return -errno;
    close_range((unsigned)(CHANNEL_FD + count), ~0u, 0);
    *group_fd = *group_fd < 0 ? -1 : GROUP_FD;
    return 0;
}

static int watch_children(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

TR_NORETURN static void give_up(int channel_fd, int fault)
{
    tell(channel_fd, TRI_KEEPER_FAILED, TRI_STEP_FORK, -fault);
    _exit(1);
}

/* The program in a full sandbox: who that is, is told by whom we have forked, who then ends. When that one has failed, he is
 * taken for the program, and his report tells why. */
static void find_program(struct kept *kept, int places_fd)
{
    struct tri_program_places places;
    siginfo_t info;
    char byte = 0;
    struct iovec go_on = {&byte, 1};
    ssize_t n = tri_fd_receive(places_fd, &places, sizeof places, NULL);
    if (n != sizeof places || !places.first_os_pid)
        return;
    while (waitid(P_PID, (id_t)kept->program_os_pid, &info, WEXITED) < 0 && errno == EINTR)
        ;
    kept->program_os_pid = places.program_os_pid;
    kept->first_os_pid = places.first_os_pid;
    tri_fd_send(places_fd, &go_on, 1, -1);
}

/* Forks the program. */
static int fork_program(struct kept *kept, const struct tri_program_child *child,
                        int keepers_report_fd)
{
    struct tri_program_child own = *child;
    int places[2] = {-1, -1};
    bool is_full = child->confined && child->confined->may_have_pid_namespace;
    int r = is_full ? tri_fd_socketpair(places, 0, 0) : 0;
    if (r)
        return r;
    own.places_fd = places[1];
    kept->program_os_pid = fork();
    if (kept->program_os_pid == 0) {
        close(keepers_report_fd);
        tri_fd_close(&places[0]);
        tri_program_child_run(&own);
    }
    r = kept->program_os_pid < 0 ? -errno : 0;
    tri_fd_close(&places[1]);
    if (r == 0 && is_full)
        find_program(kept, places[0]);
    tri_fd_close(&places[0]);
    return r;
}

/* What keepers have left that were killed goes, too. */
static void open_group(struct kept *kept)
{
    char name[TRI_CGROUP_NAME_BYTES];
    tri_cgroup_name(name, getpid(), 0, 0);
    tri_cgroup_clear(0);
    tri_cgroup_open(&kept->cgroup, name, kept->limits);
}

/* In the child of the actor. A session of its own: who signals the actor's group does not reach it. */
TR_NORETURN static void become_keeper(const struct tri_program_spec *spec,
                                      const struct tri_user *user, struct tri_confined *confined,
                                      const struct pipes *pipes, int channel_fd, int control_fd,
                                      const char *title)
{
    const struct tr_resource_limits *limits = confined ? &confined->confinement->limits : NULL;
    struct kept kept = {.limits = limits,
                        .cgroup = TRI_CGROUP_NONE,
                        .listener_fd = -1,
                        .look_ns = is_watched(limits) ? 0 : TRI_NEVER};
    int report[2];
    tri_signals_default();
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    tri_title_set("keeper", "%s", title);
    int signal_fd = watch_children();
    int r = signal_fd < 0 ? signal_fd : tri_fd_socketpair(report, 0, 0);
    if (r)
        give_up(channel_fd, r);
    tri_oom_init(&kept.oom);
    if (is_watched(limits))
        open_group(&kept);
    const struct tri_program_child child = {
        .cgroup_fd = kept.cgroup.fd,
        .spec = spec,
        .user = user,
        .confined = confined,
        .stdio = {pipes->child[0], pipes->child[1], pipes->child[2]},
        .report_fd = report[1]};
    r = fork_program(&kept, &child, report[0]);
    if (r)
        give_up(channel_fd, r);
    setpgid(kept.program_os_pid, kept.program_os_pid);
    r = arrange(channel_fd, signal_fd, report[0], control_fd, &kept.cgroup.fd);
    if (r)
        give_up(channel_fd, r); /* the program dies with its keeper */
    keep(&kept);
}

/* ---------------------------------------------------------------- the actor */

int tri_keeper_start(const struct tri_program_spec *spec, const struct tri_user *user,
                     struct tri_confined *confined, int control_fd, const char *title,
                     struct tri_keeper *ret_keeper)
{
    struct pipes pipes;
    int channel[2] = {-1, -1};
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int r = pipes_open(&pipes, spec->standard_error);
    if (r == 0)
        r = tri_fd_socketpair(channel, 0, 0);
    if (r == 0)
        r = tri_fd_set_nonblocking(channel[0], 1);
    if (r == 0) {
        fflush(NULL);
        int os_pid = fork();
        if (os_pid == 0)
            become_keeper(spec, user, confined, &pipes, channel[1], control_fd, title);
        r = os_pid < 0 ? -errno : 0;
        *ret_keeper = (struct tri_keeper){.os_pid = os_pid};
    }
    close_all(pipes.child);
    tri_fd_close(&channel[1]);
    if (r) {
        close_all(pipes.own);
        tri_fd_close(&channel[0]);
        return r;
    }
    ret_keeper->channel_fd = channel[0];
    ret_keeper->in_fd = pipes.own[0];
    ret_keeper->out_fd = pipes.own[1];
    ret_keeper->err_fd = pipes.own[2];
    return 0;
}

bool tri_keeper_hear(struct tri_keeper *keeper, struct tri_keeper_news *ret_news)
{
    struct tri_keeper_news news;
    if (keeper->channel_fd < 0)
        return false;
    ssize_t n = tri_fd_receive(keeper->channel_fd, &news, sizeof news, NULL);
    if (n == -EAGAIN)
        return false;
    *ret_news = n == sizeof news ? news : (struct tri_keeper_news){.word = TRI_KEEPER_LOST};
    return true;
}

static void say(struct tri_keeper *keeper, char word)
{
    struct iovec part = {&word, 1};
    tri_fd_send(keeper->channel_fd, &part, 1, -1);
}

void tri_keeper_terminate(struct tri_keeper *keeper) { say(keeper, WORD_TERMINATE); }

void tri_keeper_kill(struct tri_keeper *keeper) { say(keeper, WORD_KILL); }

void tri_keeper_leave(struct tri_keeper *keeper)
{
    tri_fd_close(&keeper->channel_fd);
    kill(keeper->os_pid, SIGKILL); /* it may have been stopped; it is our child, and not reaped */
    while (waitpid(keeper->os_pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

void tri_keeper_dismiss(struct tri_keeper *keeper)
{
    tri_keeper_leave(keeper);
    /* Who is our child now has lost the keeper. */
    if (waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) == 0)
        tri_sweep(0, SWEEP_MS);
}
