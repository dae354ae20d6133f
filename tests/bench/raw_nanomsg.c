/* Raw nanomsg: PUSH and PULL over ipc between two processes with blocking calls, as a program would use it by itself.
 *
 * Runs in a process that has not touched nanomsg before: it forks first.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>

#include "base/clock.h"
#include "bench/bench.h"

#define WARM_UP 50

/* One side: what it reads from and what it writes to. */
struct side {
    int pull, push;
};

/* Both sides and the directory of their sockets. side 0 measures, side 1 is its child. */
struct pair {
    char directory[64];
    int sync[2];
    pid_t os_pid;
};

static void address(const struct pair *pair, int side, char buffer[128])
{
    snprintf(buffer, 128, "ipc://%s/%d", pair->directory, side);
}

/* Binds, waits until the other has bound too, and connects: nobody has to wait for a second try. */
static int side_open(struct side *side, const struct pair *pair, int which)
{
    char mine[128], other[128], byte = 0;
    int any_size = -1;
    address(pair, which, mine);
    address(pair, !which, other);
    side->pull = nn_socket(AF_SP, NN_PULL);
    side->push = nn_socket(AF_SP, NN_PUSH);
    if (side->pull < 0 || side->push < 0)
        return complain("nn_socket");
    nn_setsockopt(side->pull, NN_SOL_SOCKET, NN_RCVMAXSIZE, &any_size, sizeof any_size);
    if (nn_bind(side->pull, mine) < 0)
        return complain("nn_bind");
    if (write(pair->sync[which], &byte, 1) != 1 || read(pair->sync[which], &byte, 1) != 1)
        return complain("the other side");
    return nn_connect(side->push, other) < 0 ? complain("nn_connect") : 0;
}

static void side_close(struct side *side)
{
    nn_close(side->push);
    nn_close(side->pull);
}

/* Forks side 1, which runs serve and ends. 0 or -1. */
static int pair_open(struct pair *pair, const struct load *load,
                     void (*serve)(struct side *side, const struct load *load))
{
    snprintf(pair->directory, sizeof pair->directory, "/tmp/bench.XXXXXX");
    if (!mkdtemp(pair->directory))
        return complain("mkdtemp");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair->sync) < 0)
        return complain("socketpair");
    pair->os_pid = fork();
    if (pair->os_pid < 0)
        return complain("fork");
    if (pair->os_pid == 0) {
        struct side side;
        child_begin();
        place(load->placement, 1);
        if (side_open(&side, pair, 1) == 0)
            serve(&side, load);
        _exit(0);
    }
    place(load->placement, 0);
    return 0;
}

static void pair_close(struct pair *pair)
{
    char path[80];
    kill(pair->os_pid, SIGKILL);
    waitpid(pair->os_pid, NULL, 0);
    for (int side = 0; side < 2; side++) {
        snprintf(path, sizeof path, "%s/%d", pair->directory, side);
        unlink(path);
        close(pair->sync[side]);
    }
    rmdir(pair->directory);
}

static void serve_echo(struct side *side, const struct load *load)
{
    char *body = malloc(load->size_bytes);
    for (int n; (n = nn_recv(side->pull, body, load->size_bytes, 0)) >= 0;)
        nn_send(side->push, body, (size_t)n, 0);
}

/* Answers the last of count messages, which is one byte shorter, with one message. */
static void serve_sink(struct side *side, const struct load *load)
{
    char *body = malloc(load->size_bytes);
    for (int n; (n = nn_recv(side->pull, body, load->size_bytes, 0)) >= 0;)
        if ((size_t)n < load->size_bytes)
            nn_send(side->push, body, 1, 0);
}

static int trips(struct side *side, char *body, const struct load *load, long count)
{
    for (long i = 0; i < count; i++)
        if (nn_send(side->push, body, load->size_bytes, 0) < 0 ||
            nn_recv(side->pull, body, load->size_bytes, 0) < 0)
            return complain("nanomsg");
    return 0;
}

static int pour(struct side *side, char *body, const struct load *load, long count)
{
    for (long i = 0; i < count; i++)
        if (nn_send(side->push, body, load->size_bytes, 0) < 0)
            return complain("nn_send");
    return nn_send(side->push, body, load->size_bytes - 1, 0) < 0 ||
                   nn_recv(side->pull, body, load->size_bytes, 0) < 0
               ? complain("nanomsg")
               : 0;
}

int nanomsg_round_trip(const struct load *load, double *ret_figure)
{
    struct pair pair;
    struct side side;
    char *body = calloc(1, load->size_bytes);
    int r = body ? pair_open(&pair, load, serve_echo) : -1;
    if (r < 0)
        return r;
    r = side_open(&side, &pair, 0);
    place(load->placement, 0);
    if (r == 0)
        r = trips(&side, body, load, WARM_UP);
    uint64_t begin_ns = tri_clock_ns();
    if (r == 0)
        r = trips(&side, body, load, load->count);
    *ret_figure = (double)(tri_clock_ns() - begin_ns) / (double)load->count / 1e3;
    side_close(&side);
    pair_close(&pair);
    free(body);
    return r;
}

int nanomsg_throughput(const struct load *load, double *ret_figure)
{
    struct pair pair;
    struct side side;
    char *body = calloc(1, load->size_bytes);
    int r = body ? pair_open(&pair, load, serve_sink) : -1;
    if (r < 0)
        return r;
    r = side_open(&side, &pair, 0);
    if (r == 0)
        r = pour(&side, body, load, load->count / 20 + 1);
    uint64_t begin_ns = tri_clock_ns();
    if (r == 0)
        r = pour(&side, body, load, load->count);
    *ret_figure = (double)load->count / ((double)(tri_clock_ns() - begin_ns) / 1e9);
    side_close(&side);
    pair_close(&pair);
    free(body);
    return r;
}
