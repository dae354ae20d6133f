/* Handing over memory with nothing around it: a memfd is filled, its descriptor goes through a socket, and the other
 * process maps it and reads its first and its last byte. What a blob's hand-over cannot be below.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/bench.h"

union control {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

/* Sends or receives a time and, beside it, a descriptor. */
static struct msghdr message_of(struct iovec *iov, union control *control)
{
    return (struct msghdr){.msg_iov = iov,
                           .msg_iovlen = 1,
                           .msg_control = control->bytes,
                           .msg_controllen = sizeof control->bytes};
}

static int send_fd(int socket, uint64_t begin_ns, int fd)
{
    union control control = {0};
    struct iovec iov = {&begin_ns, sizeof begin_ns};
    struct msghdr message = message_of(&iov, &control);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == sizeof begin_ns ? 0 : -1;
}

static int receive_fd(int socket, uint64_t *ret_begin_ns)
{
    union control control = {0};
    struct iovec iov = {ret_begin_ns, sizeof *ret_begin_ns};
    struct msghdr message = message_of(&iov, &control);
    int fd = -1;
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != sizeof *ret_begin_ns)
        return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header)
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

/* The other side: maps, reads two bytes, says how long that took since the beginning. */
static void serve(int socket, size_t size_bytes)
{
    uint64_t ns;
    for (int fd; (fd = receive_fd(socket, &ns)) >= 0;) {
        volatile char *bytes = mmap(NULL, size_bytes, PROT_READ, MAP_SHARED, fd, 0);
        if (bytes == MAP_FAILED || bytes[0] + bytes[size_bytes - 1] != 2)
            return;
        ns = tri_clock_ns() - ns;
        if (write(socket, &ns, sizeof ns) != sizeof ns)
            return;
        munmap((void *)(uintptr_t)bytes, size_bytes);
        close(fd);
    }
}

static int hand_over(int socket, size_t size_bytes, double *ret_ms)
{
    uint64_t ns = 0;
    int fd = memfd_create("bench", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)size_bytes) < 0)
        return complain("memfd");
    char *bytes = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return complain("mmap");
    memset(bytes, 1, size_bytes);
    int r = send_fd(socket, tri_clock_ns(), fd);
    if (r == 0 && read(socket, &ns, sizeof ns) != sizeof ns)
        r = -1;
    munmap(bytes, size_bytes);
    close(fd);
    *ret_ms = (double)ns / 1e6;
    return r;
}

int memfd_hand_over(const struct load *load, const void *what, double *ret_figures)
{
    int fds[2];
    double *times = calloc((size_t)load->count, sizeof *times);
    (void)what;
    if (!times || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return complain("socketpair");
    pid_t os_pid = fork();
    if (os_pid < 0)
        return complain("fork");
    int side = os_pid == 0 ? 1 : 0, r = 0;
    close(fds[!side]);
    place(load->placement, side);
    if (side == 1) {
        child_begin();
        serve(fds[1], load->size_bytes);
        _exit(0);
    }
    for (long i = 0; i < load->count && r == 0; i++)
        r = hand_over(fds[0], load->size_bytes, &times[i]);
    close(fds[0]);
    waitpid(os_pid, NULL, 0);
    *ret_figures = median(times, (size_t)load->count);
    free(times);
    return r < 0 ? complain("memfd") : 0;
}
