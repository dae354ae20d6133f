/* Guest: a stranger's way in. Everything is checked that a stopped, dying or foreign node could do to us. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "process/birth.h"
#include "process/channel.h"
#include "process/exit.h"
#include "troupe/node.h"

#define JOIN_TIMEOUT_S 5

static int say(int r, char *why, size_t why_bytes, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Explains r to people, and returns it. */
static int say(int r, char *why, size_t why_bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (why && why_bytes > 0)
        vsnprintf(why, why_bytes, format, arguments);
    va_end(arguments);
    return r;
}

static int say_silent(const struct tri_rundir *dir, char *why, size_t why_bytes)
{
    return say(TR_TIMEOUT, why, why_bytes, "node %s does not answer: is it stopped?", dir->node);
}

/* Is the one who listens there of our own user? */
static bool is_ours(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

/* Connects to the node's socket. The timeout is for a node that is stopped while its backlog is full. */
static int connect_to(const struct tri_rundir *dir, int *ret_fd, char *why, size_t why_bytes)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = JOIN_TIMEOUT_S};
    char path[TRI_PATH_BYTES];
    tri_rundir_file(dir, "node", path);
    if (strlen(path) >= TRI_SOCKET_PATH_BYTES)
        return say(TR_REFUSED, why, why_bytes, "run directory %s: path too long", dir->path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    TRI_AUTO(tri_fd_close) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return say(-errno, why, why_bytes, "socket: %s", strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    int size = TRI_CONTROL_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    while (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN)
            return say_silent(dir, why, why_bytes);
        if (errno == ECONNREFUSED || errno == ENOENT)
            return say(TR_NO_NODE, why, why_bytes, "no node named %s runs", dir->node);
        return say(-errno, why, why_bytes, "%s: %s", path, strerror(errno));
    }
    if (!is_ours(fd))
        return say(TR_REFUSED, why, why_bytes, "node %s belongs to another user", dir->node);
    int r = tri_fd_set_nonblocking(fd, true);
    if (r)
        return say(r, why, why_bytes, "%s", strerror(-r));
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/* Says who we are, and becomes what the node answers. */
static int be_born(struct tri_process *process, const char *what)
{
    TRI_AUTO(tri_packet_deinit) struct tri_packet birth = {.passed_fd = -1};
    struct tri_parcel hello = tri_parcel_of(TRI_HELLO);
    const char *entry, *name;
    hello.name = what;
    hello.name_bytes = strlen(what);
    int r = tri_channel_send(process, &hello);
    if (r == 0)
        r = tri_channel_await(process, tri_deadline_ns(JOIN_TIMEOUT_S * 1000), &birth);
    if (r == 0)
        r = birth.head.result;
    return r ? r : tri_birth_take(process, &birth, &entry, &name, NULL);
}

int tr_guest_join(const char *node, const char *what, char *why, size_t why_bytes)
{
    struct tri_rundir dir;
    int fd = -1;
    tri_fd_fill_standard(false);
    int r = tri_rundir_find(node, &dir, why, why_bytes);
    if (r == 0)
        r = connect_to(&dir, &fd, why, why_bytes);
    if (r)
        return r;
    struct tri_process *process = tri_process_new(fd, true);
    if (!process) {
        close(fd);
        return say(-ENOMEM, why, why_bytes, "no memory");
    }
    r = be_born(process, what);
    if (r == 0)
        return 0;
    tri_process_free(process);
    if (r == TR_TIMEOUT)
        return say_silent(&dir, why, why_bytes);
    if (r == -EPIPE || r == -ENOTCONN)
        return say(TR_NO_NODE, why, why_bytes, "node %s is ending", dir.node);
    return say(r, why, why_bytes, "node %s lets nobody in: %s", dir.node, tr_strerror(r));
}

void tr_guest_leave(void)
{
    struct tri_process *process = tri_process_or_null();
    struct tr_out reason = {0};
    if (!process || !process->is_guest)
        return;
    tr_put_atom(&reason, "normal");
    tri_exit_leave(process, tr_out_term(&reason));
    tr_out_deinit(&reason);
    tri_process_free(process);
}
