/* Peers: each runs in a fresh copy of this program, which prints its figures.
 *
 * The copy has not touched nanomsg, has no threads and inherits no descriptors, so its contestant may fork as it likes.
 * Like an actor it leads a session of its own, and so do the processes that it forks to talk to: on a busy machine the
 * kernel shares the processors out among sessions first.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/osproc.h"
#include "base/sweep.h"
#include "bench/bench.h"

#define ARGUMENTS 8
#define WORD_BYTES 64
/* How long the system may take to end what was killed. */
#define END_MS 10000
/* The exit status that means: it is not on this machine. */
#define STATUS_NOT_THERE 77

extern char **environ;

/* Starts a copy with these words, its output in a pipe. The pipe's end or -1. */
static int start_copy(char *const *arguments, pid_t *ret_os_pid)
{
    char program[] = "/proc/self/exe";
    int fds[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(fds, O_CLOEXEC) < 0)
        return complain("pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    errno = posix_spawn(ret_os_pid, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    if (errno == 0)
        return fds[0];
    close(fds[0]);
    return complain("cannot run a copy of this program");
}

/* `--raw MEASUREMENT PEER PLACEMENT SIZE SENDERS COUNT TIME`, as words. */
static int start_peer(const struct row *row, const struct contestant *peer, pid_t *ret_os_pid)
{
    static char raw[] = "--raw", bench[] = "bench";
    char words[ARGUMENTS][WORD_BYTES], *arguments[ARGUMENTS + 2] = {bench, raw};
    const struct load *load = &row->load;
    const long numbers[] = {load->placement, (long)load->size_bytes, load->senders, load->count,
                            load->time_ms};
    snprintf(words[0], WORD_BYTES, "%s", row->measurement->name);
    snprintf(words[1], WORD_BYTES, "%s", peer->name);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        snprintf(words[2 + i], WORD_BYTES, "%ld", numbers[i]);
    for (size_t i = 0; i < ARGUMENTS - 1; i++)
        arguments[2 + i] = words[i];
    arguments[ARGUMENTS + 1] = NULL;
    return start_copy(arguments, ret_os_pid);
}

/* Reads all that comes until the end, or until it has taken too long. Whether the end came. */
static bool read_answer(int fd, long deadline_ms, char *text, size_t size_bytes)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    uint64_t deadline_ns = tri_deadline_ns(deadline_ms);
    size_t length = 0;
    for (;;) {
        int r = poll(&poll_fd, 1, tri_poll_timeout_ms(deadline_ns));
        if (r < 0 && errno == EINTR)
            continue;
        ssize_t n = r > 0 ? read(fd, text + length, size_bytes - 1 - length) : -1;
        if (n <= 0) {
            text[length] = '\0';
            return n == 0;
        }
        length += (size_t)n;
    }
}

/* Ends a copy and whatever it has started: its processes, and those of the programs that it runs. */
static void end_copy(pid_t os_pid)
{
    uint64_t since_ticks = tri_osproc_start_ticks(os_pid);
    kill(os_pid, SIGKILL);
    tri_sweep(since_ticks, END_MS);
}

int peer_run(const struct row *row, const struct contestant *peer, double *ret_figures)
{
    pid_t os_pid;
    char text[256], *at = text;
    int status = -1, fd = start_peer(row, peer, &os_pid);
    if (fd < 0)
        return -1;
    bool has_ended = read_answer(fd, row->deadline_ms, text, sizeof text);
    close(fd);
    if (!has_ended) {
        end_copy(os_pid);
        return BENCH_LATE;
    }
    while (waitpid(os_pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NOT_THERE)
        return BENCH_MISSING;
    if (status != 0)
        return -1;
    for (size_t i = 0; i < figure_count(row->measurement); i++) {
        char *end;
        ret_figures[i] = strtod(at, &end);
        if (end == at)
            return -1;
        at = end;
    }
    return 0;
}

void child_begin(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
}

static const struct measurement *find_measurement(const char *name)
{
    for (size_t i = 0; i < measurement_count; i++)
        if (strcmp(measurements[i].name, name) == 0)
            return &measurements[i];
    return NULL;
}

static const struct contestant *find_peer(const struct measurement *measurement, const char *name)
{
    for (size_t i = 0; measurement && i < PEERS_MAX && measurement->peers[i].name; i++)
        if (strcmp(measurement->peers[i].name, name) == 0)
            return &measurement->peers[i];
    return NULL;
}

int peer_main(int argc, char **argv)
{
    const struct measurement *measurement =
        argc == ARGUMENTS - 1 ? find_measurement(argv[0]) : NULL;
    const struct contestant *peer = measurement ? find_peer(measurement, argv[1]) : NULL;
    double figures[FIGURES_MAX] = {0};
    if (!peer)
        return fputs("bench: --raw MEASUREMENT PEER PLACEMENT SIZE SENDERS COUNT TIME\n", stderr),
               1;
    struct load load = {.shape = measurement->shape,
                        .placement = (enum placement)atoi(argv[2]),
                        .size_bytes = strtoul(argv[3], NULL, 10),
                        .senders = atol(argv[4]),
                        .count = atol(argv[5]),
                        .time_ms = atol(argv[6])};
    child_begin();
    int r = peer->measure(&load, peer->what, figures);
    if (r != 0)
        return r == BENCH_MISSING ? STATUS_NOT_THERE : 3;
    for (size_t i = 0; i < figure_count(measurement); i++)
        printf("%.6f ", figures[i]);
    return 0;
}
