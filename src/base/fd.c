/* File descriptors: packets with descriptors beside them, and reads and writes that come back whole. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void tri_fd_fill_standard(bool output_counts)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", output_counts && fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) < 0)
            return;
}

void tri_fd_close(int *fd)
{
    int kept = errno;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = kept;
}

int tri_fd_socketpair(int ret_fds[2], int flags, int buffer_bytes)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0, fds) < 0)
        return -errno;
    for (int i = 0; buffer_bytes > 0 && i < 2; i++)
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    ret_fds[0] = fds[0];
    ret_fds[1] = fds[1];
    return 0;
}

int tri_fd_write_all(int fd, const void *data, size_t size_bytes)
{
    const char *at = data;
    while (size_bytes > 0) {
        ssize_t n = write(fd, at, size_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -ENOSPC;
        at += n;
        size_bytes -= (size_t)n;
    }
    return 0;
}

/* From where a write came to its end. 0 or a negative errno. */
static int write_rest(int fd, const struct iovec *part, size_t done_bytes, off_t offset)
{
    while (done_bytes < part->iov_len) {
        ssize_t n = pwrite(fd, (const char *)part->iov_base + done_bytes,
                           part->iov_len - done_bytes, offset + (off_t)done_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -ENOSPC;
        done_bytes += (size_t)n;
    }
    return 0;
}

int tri_fd_write_parts(int fd, const struct iovec *parts, size_t count, off_t offset)
{
    ssize_t n = count > 0 ? pwritev(fd, parts, (int)count, offset) : 0;
    if (n < 0 && errno != EINTR)
        return -errno;
    size_t done_bytes = n < 0 ? 0 : (size_t)n;
    for (size_t i = 0; i < count; i++) {
        size_t here = done_bytes < parts[i].iov_len ? done_bytes : parts[i].iov_len;
        int r = write_rest(fd, &parts[i], here, offset);
        if (r)
            return r;
        done_bytes -= here;
        offset += (off_t)parts[i].iov_len;
    }
    return 0;
}

ssize_t tri_fd_read_at(int fd, void *data, size_t size_bytes, off_t offset)
{
    size_t done = 0;
    while (done < size_bytes) {
        ssize_t n = pread(fd, (char *)data + done, size_bytes - done, offset + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

int tri_fd_read_text(int folder_fd, const char *path, char *ret_text, size_t size_bytes)
{
    int fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -errno : tri_fd_read_at(fd, ret_text, size_bytes - 1, 0);
    tri_fd_close(&fd);
    ret_text[n > 0 ? n : 0] = '\0';
    return n < 0 ? (int)n : 0;
}

int tri_fd_send(int fd, struct iovec *parts, size_t part_count, int passed_fd)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } beside = {0};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = part_count};
    if (passed_fd >= 0) {
        message.msg_control = beside.space;
        message.msg_controllen = sizeof beside.space;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &passed_fd, sizeof(int));
    }
    for (;;) {
        ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (n >= 0)
            return 0;
        if (errno != EINTR)
            return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
    }
}

/* Keeps the first descriptor that came beside a packet and closes the others. */
static int take_passed(struct msghdr *message)
{
    int first = -1;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h; h = CMSG_NXTHDR(message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof fd);
            if (first < 0)
                first = fd;
            else
                close(fd);
        }
    }
    return first;
}

ssize_t tri_fd_receive(int fd, void *buffer, size_t size_bytes, int *ret_passed_fd)
{
    struct iovec part = {buffer, size_bytes};
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(4 * sizeof(int))];
    } beside;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = beside.space,
                             .msg_controllen = sizeof beside.space};
    ssize_t n;
    do {
        n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        /* A peer that closed with unread packets leaves ECONNRESET, once, before the packets that it had sent. */
    } while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n < 0)
        return -errno;
    int passed = take_passed(&message);
    if (message.msg_flags & MSG_TRUNC) {
        tri_fd_close(&passed);
        return -EMSGSIZE;
    }
    if (ret_passed_fd)
        *ret_passed_fd = passed;
    else
        tri_fd_close(&passed);
    return n;
}

int tri_fd_set_nonblocking(int fd, int is_on)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return -errno;
    flags = is_on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}
