/* Doorbell: each knock is written in one call, and pipe(7) keeps what is shorter than PIPE_BUF together; so the pipe
 * holds whole knocks, as long as nobody writes anything else into it. */
#include "mailbox/doorbell.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"

/* So often at most it is read from a pipe in which there is something else: somebody may go on to write. */
#define READS_OF_GARBAGE 1024u

/* Opened for both, so that it never ends. */
static int open_pipe(const char *path, int access)
{
    int fd = open(path, access | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

int tri_doorbell_open(const char *path)
{
    if (mkfifo(path, 0600) < 0)
        return -errno;
    int fd = open_pipe(path, O_RDWR);
    if (fd >= 0 && fchmod(fd, 0622) == 0)
        return fd;
    int r = fd < 0 ? fd : -errno;
    if (fd >= 0)
        close(fd);
    unlink(path);
    return r;
}

static int write_knock(int fd, const struct tri_knock *knock)
{
    ssize_t n;
    do {
        n = write(fd, knock, sizeof *knock);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : 0;
}

/* Who has opened it for writing only is killed by SIGPIPE when its reader has just gone; unless nobody lets the signal in,
 * and takes it away. One that waits already is somebody else's. */
static int write_without_signal(int fd, const struct tri_knock *knock)
{
    sigset_t broken, before, waiting;
    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken, &before);
    sigpending(&waiting);
    int r = write_knock(fd, knock);
    if (r == -EPIPE && !sigismember(&waiting, SIGPIPE))
        sigtimedwait(&broken, NULL, &(struct timespec){0, 0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

int tri_doorbell_knock(const char *path, const struct tri_knock *knock)
{
    int access = O_RDWR;
    TRI_AUTO(tri_fd_close) int fd = open_pipe(path, access);
    if (fd == -EACCES) /* it is another user's: who must not read from it */
        fd = open_pipe(path, access = O_WRONLY);
    if (fd < 0)
        return fd;
    return access == O_RDWR ? write_knock(fd, knock) : write_without_signal(fd, knock);
}

static ssize_t read_some(int fd, void *data, size_t size_bytes)
{
    ssize_t n;
    do {
        n = read(fd, data, size_bytes);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static bool are_knocks(const struct tri_knock *knocks, ssize_t size_bytes)
{
    for (size_t i = 0; i < (size_t)size_bytes / sizeof *knocks; i++)
        if (knocks[i].magic != TRI_KNOCK_MAGIC)
            return false;
    return (size_t)size_bytes % sizeof *knocks == 0;
}

int tri_doorbell_read(int fd, struct tri_knock *ret_knocks, size_t most)
{
    ssize_t n = read_some(fd, ret_knocks, most * sizeof *ret_knocks);
    if (n <= 0)
        return n < 0 ? (int)n : -EAGAIN;
    if (are_knocks(ret_knocks, n))
        return (int)((size_t)n / sizeof *ret_knocks);
    for (unsigned i = 0; n > 0 && i < READS_OF_GARBAGE; i++)
        n = read_some(fd, ret_knocks, most * sizeof *ret_knocks);
    return -EPROTO;
}
