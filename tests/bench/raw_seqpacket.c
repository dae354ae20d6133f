/* Raw SEQPACKET: a pair of AF_UNIX sockets between two processes, one system call for each message and end. The least
 * that a message between processes costs, and the most that it can do without.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/bench.h"

#define WARM_UP 50

static void serve(int fd, char *body, const struct load *load, bool is_echo)
{
    for (ssize_t n; (n = recv(fd, body, load->size_bytes, 0)) > 0;)
        if (is_echo)
            send(fd, body, (size_t)n, MSG_NOSIGNAL);
        else if ((size_t)n < load->size_bytes)
            send(fd, body, 1, MSG_NOSIGNAL);
}

/* Forks the other side. The socket or -1. */
static int start(const struct load *load, char *body, bool is_echo, pid_t *ret_os_pid)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return complain("socketpair");
    *ret_os_pid = fork();
    if (*ret_os_pid < 0)
        return complain("fork");
    if (*ret_os_pid == 0) {
        child_begin();
        close(fds[0]);
        place(load->placement, 1);
        serve(fds[1], body, load, is_echo);
        _exit(0);
    }
    close(fds[1]);
    place(load->placement, 0);
    return fds[0];
}

static int trips(int fd, char *body, const struct load *load, long count)
{
    for (long i = 0; i < count; i++)
        if (send(fd, body, load->size_bytes, MSG_NOSIGNAL) < 0 ||
            recv(fd, body, load->size_bytes, 0) <= 0)
            return complain("seqpacket");
    return 0;
}

/* The last message is a byte shorter, and is answered. */
static int pour(int fd, char *body, const struct load *load, long count)
{
    for (long i = 0; i < count; i++)
        if (send(fd, body, load->size_bytes, MSG_NOSIGNAL) < 0)
            return complain("send");
    return send(fd, body, load->size_bytes - 1, MSG_NOSIGNAL) < 0 ||
                   recv(fd, body, load->size_bytes, 0) <= 0
               ? complain("seqpacket")
               : 0;
}

/* Runs one of the two, warm-up first, and gives the time of the rest. 0 or -1. */
static int measure(const struct load *load, bool is_echo, double *ret_ns)
{
    pid_t os_pid = -1;
    char *body = calloc(1, load->size_bytes);
    int fd = body ? start(load, body, is_echo, &os_pid) : -1;
    if (fd < 0)
        return -1;
    int (*go)(int, char *, const struct load *, long) = is_echo ? trips : pour;
    int r = go(fd, body, load, WARM_UP);
    uint64_t begin_ns = tri_clock_ns();
    if (r == 0)
        r = go(fd, body, load, load->count);
    *ret_ns = (double)(tri_clock_ns() - begin_ns);
    close(fd);
    waitpid(os_pid, NULL, 0);
    free(body);
    return r;
}

int seqpacket_round_trip(const struct load *load, double *ret_figure)
{
    double ns;
    int r = measure(load, true, &ns);
    *ret_figure = ns / (double)load->count / 1e3;
    return r;
}

int seqpacket_throughput(const struct load *load, double *ret_figure)
{
    double ns;
    int r = measure(load, false, &ns);
    *ret_figure = (double)load->count / (ns / 1e9);
    return r;
}
