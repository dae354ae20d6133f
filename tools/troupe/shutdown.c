/* shutdown: ends a node, in order or at once, and waits until nothing of it is left. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "command.h"
#include "kernel.h"
#include "options.h"
#include "say.h"
#include "view.h"

#define DEFAULT_TIMEOUT_MS 30000
#define PROGRESS_MS 200

/* A process of the kernel that cannot turn into another one. -1 when it is gone. */
static int hold(int os_pid, uint64_t start_ticks)
{
    char state;
    TRI_AUTO(tri_fd_close) int fd = os_pid > 0 ? pidfd_open(os_pid, 0) : -1;
    if (fd < 0 || !kernel_proves(os_pid, start_ticks, &state))
        return -1;
    int held = fd;
    fd = -1;
    return held;
}

static void show_progress(const struct view *view)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[Kstopping node %s: %u left ", view->dir.node,
                atomic_load(&view->table.header->actors));
}

static void end_progress(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* Waits for a process's end. Whether it came before the deadline. */
static bool wait_for_end(const struct view *view, int pidfd, uint64_t deadline_ns)
{
    struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};
    while (pidfd >= 0) {
        int timeout_ms = tri_poll_timeout_ms(deadline_ns);
        if (timeout_ms == 0)
            return false;
        int n = poll(&poll_fd, 1, timeout_ms < PROGRESS_MS ? timeout_ms : PROGRESS_MS);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
        show_progress(view);
    }
    return true;
}

/* Asks the node to stop, with a signal: that wants no room, no thread and no slot, which may be what the node lacks. 0 or
 * an exit status. */
static int ask(const struct view *view, int node_fd)
{
    if (view->condition == CONDITION_STOPPED) {
        say("node %s is stopped (SIGSTOP) and does not listen: continue it with kill -CONT %d, or "
            "end it "
            "with troupe shutdown --now",
            view->dir.node, view->table.header->node_os_pid);
        return ANSWER_NO_NODE;
    }
    if (view->condition == CONDITION_UNCLEARED) {
        char why[640];
        view_explain_uncleared(view, why, sizeof why);
        say("%s, and so does troupe shutdown --now", why);
        return ANSWER_NO_NODE;
    }
    if (node_fd < 0 || view->condition == CONDITION_DEAD) {
        say("node %s is dead", view->dir.node);
        return ANSWER_NO_NODE;
    }
    if (pidfd_send_signal(node_fd, SIGTERM, NULL, 0) < 0 && errno != ESRCH) {
        say("node %s cannot be told to stop: %s", view->dir.node, strerror(errno));
        return ANSWER_NOTHING;
    }
    return 0;
}

/* Kills the node; its guardian, woken if it is stopped, then clears what is left. */
static int kill_now(const struct view *view, int node_fd, int guardian_fd)
{
    if (node_fd < 0 && guardian_fd < 0) {
        say("node %s is dead already", view->dir.node);
        return ANSWER_NO_NODE;
    }
    if (node_fd >= 0)
        pidfd_send_signal(node_fd, SIGKILL, NULL, 0);
    if (guardian_fd >= 0)
        pidfd_send_signal(guardian_fd, SIGCONT, NULL, 0);
    return 0;
}

static int stop(const struct view *view, bool is_now, uint64_t timeout_ms)
{
    const struct tri_table_header *header = view->table.header;
    uint64_t deadline_ns = tri_deadline_ns((int64_t)timeout_ms);
    TRI_AUTO(tri_fd_close) int node_fd = hold(header->node_os_pid, header->node_start_ticks);
    TRI_AUTO(tri_fd_close)
    int guardian_fd = hold(header->guardian_os_pid, header->guardian_start_ticks);
    int answer = is_now ? kill_now(view, node_fd, guardian_fd) : ask(view, node_fd);
    if (answer)
        return answer;
    bool has_ended =
        wait_for_end(view, node_fd, deadline_ns) && wait_for_end(view, guardian_fd, deadline_ns);
    end_progress();
    if (has_ended)
        return ANSWER_FINE;
    say("node %s has not stopped after %.1f s; troupe ps -n %s shows who is left, troupe shutdown "
        "--now kills them",
        view->dir.node, (double)timeout_ms / 1000, view->dir.node);
    return ANSWER_NOTHING;
}

enum { OPTION_NOW = 256 };

static const struct option own_options[] = {
    {"now", no_argument, NULL, OPTION_NOW},
    {"timeout", required_argument, NULL, 't'},
    {0},
};

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_shutdown, .argc = argc, .argv = argv, .own = own_options};
    TRI_AUTO(view_close) struct view view = {.boxes_fd = -1, .table.fd = -1};
    bool is_now = false;
    uint64_t timeout_ms = DEFAULT_TIMEOUT_MS;
    for (int option; (option = options_next(&options)) != -1;) {
        if (option == OPTION_NOW)
            is_now = true;
        else
            timeout_ms = options_duration_ms(&options, "--timeout", optarg);
    }
    options_expect(&options, 0, 0);
    int answer = view_open(&view, options.node);
    return answer ? answer : stop(&view, is_now, timeout_ms);
}

const struct command command_shutdown = {
    .name = "shutdown",
    .arguments = "[-n NODE] [--now] [-t TIME]",
    .summary = "ends a node in order, and waits until it is gone",
    .details = "      --now             kills it and all its actors at once\n"
               "  -t, --timeout TIME    how long to wait, 30s unless you say otherwise; then the "
               "exit status is 1\n",
    .run = run,
};
