/* Peers: each runs in a fresh copy of this program, which prints one number.
 *
 * The copy has not touched nanomsg, has no threads and inherits no descriptors, so its contestant may fork as it likes.
 * Like an actor it leads a session of its own, and so do the processes that it forks to talk to: on a busy machine the
 * kernel shares the processors out among sessions first.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

extern char **environ;

/* Starts `bench --raw MEASUREMENT PEER SIZE COUNT PLACEMENT` with its output in a pipe. The pipe's end or -1. */
static int start_copy(const struct measurement *m, const struct contestant *peer,
                      const struct load *load, pid_t *ret_os_pid)
{
    char size[24], count[24], placement[24], program[] = "/proc/self/exe";
    char bench[] = "bench", raw[] = "--raw", name[64], peer_name[64];
    char *arguments[] = {bench, raw, name, peer_name, size, count, placement, NULL};
    int fds[2];
    posix_spawn_file_actions_t actions;
    snprintf(name, sizeof name, "%s", m->name);
    snprintf(peer_name, sizeof peer_name, "%s", peer->name);
    snprintf(size, sizeof size, "%zu", load->size_bytes);
    snprintf(count, sizeof count, "%ld", load->count);
    snprintf(placement, sizeof placement, "%d", load->placement);
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

int peer_run(const struct measurement *measurement, const struct contestant *peer,
             const struct load *load, double *ret_figure)
{
    pid_t os_pid;
    char text[64];
    int status = -1, fd = start_copy(measurement, peer, load, &os_pid);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    while (waitpid(os_pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (n <= 0 || status != 0)
        return -1;
    text[n] = '\0';
    *ret_figure = atof(text);
    return 0;
}

void child_begin(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
}

static const struct contestant *find(const char *measurement, const char *peer)
{
    for (size_t i = 0; i < measurement_count; i++)
        for (size_t k = 0; k < PEERS_MAX && measurements[i].peers[k].name; k++)
            if (strcmp(measurements[i].name, measurement) == 0 &&
                strcmp(measurements[i].peers[k].name, peer) == 0)
                return &measurements[i].peers[k];
    return NULL;
}

int peer_main(int argc, char **argv)
{
    const struct contestant *peer = argc == 5 ? find(argv[0], argv[1]) : NULL;
    double figure;
    if (!peer)
        return fputs("bench: --raw MEASUREMENT PEER SIZE COUNT PLACEMENT\n", stderr), 1;
    struct load load = {strtoul(argv[2], NULL, 10), atol(argv[3]), (enum placement)atoi(argv[4])};
    child_begin();
    if (peer->measure(&load, &figure) < 0)
        return 3;
    printf("%.6f\n", figure);
    return 0;
}
