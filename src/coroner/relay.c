/* Relay: the pipes are watched together by an epoll of their own, so that all of them can be left alone at once. */
#include "coroner/relay.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/log.h"

/* As much is read at once; a longer line is copied in parts. With a pid before it, it can still be written at once, as pipes do it
 * (PIPE_BUF). */
#define LINE_BYTES 3072
/* Room for what is read at once, were each byte of it a line. */
#define PENDING_BYTES (LINE_BYTES * (1 + TR_PID_TEXT_BYTES))
/* Of those that have ended, how many are remembered until somebody asks. */
#define ENDED_MAX 256
#define EVENTS_MAX 16
/* As much is taken from a dead one's pipe at most: more than it can hold. Its children may go on writing. */
#define LAST_READS 64

struct ear {
    TAILQ_ENTRY(ear) entry;
    uint64_t pid;
    int fd; /* -1: it has ended */
    size_t kept_bytes, line_bytes;
    char kept[TRI_RELAY_KEPT_BYTES];
    char line[LINE_BYTES]; /* that has not ended yet */
};
TAILQ_HEAD(ears, ear);

struct tri_relay {
    int epoll_fd, ears_fd; /* the outer one watches the inner one, or standard error */
    bool is_waiting;       /* nobody reads our own standard error */
    struct ears open, ended;
    size_t ended_count;
    size_t pending_bytes; /* lines that are to be written; nothing more is read before they are */
    char pending[PENDING_BYTES];
};

static void watch(const struct tri_relay *relay, int operation, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    epoll_ctl(relay->epoll_fd, operation, fd, &event);
}

struct tri_relay *tri_relay_new(void)
{
    struct tri_relay *relay = calloc(1, sizeof *relay);
    if (!relay)
        return NULL;
    TAILQ_INIT(&relay->open);
    TAILQ_INIT(&relay->ended);
    relay->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    relay->ears_fd = epoll_create1(EPOLL_CLOEXEC);
    if (relay->epoll_fd < 0 || relay->ears_fd < 0) {
        tri_relay_free(relay);
        return NULL;
    }
    watch(relay, EPOLL_CTL_ADD, relay->ears_fd, EPOLLIN);
    return relay;
}

static void forget(struct ears *list, struct ear *ear)
{
    TAILQ_REMOVE(list, ear, entry);
    tri_fd_close(&ear->fd);
    free(ear);
}

void tri_relay_free(struct tri_relay *relay)
{
    if (!relay)
        return;
    while (!TAILQ_EMPTY(&relay->open))
        forget(&relay->open, TAILQ_FIRST(&relay->open));
    while (!TAILQ_EMPTY(&relay->ended))
        forget(&relay->ended, TAILQ_FIRST(&relay->ended));
    tri_fd_close(&relay->ears_fd);
    tri_fd_close(&relay->epoll_fd);
    free(relay);
}

int tri_relay_fd(const struct tri_relay *relay) { return relay->epoll_fd; }

/* ---------------------------------------------------------------- our own standard error */

static bool can_write(void)
{
    struct pollfd poll_fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&poll_fd, 1, 0) != 0; /* an error is found out by writing */
}

/* Begins or ends to wait for somebody to read. What cannot be waited for, as a file, can always be written to. */
static void set_waiting(struct tri_relay *relay, bool is_waiting)
{
    if (is_waiting == relay->is_waiting)
        return;
    relay->is_waiting = is_waiting;
    watch(relay, is_waiting ? EPOLL_CTL_DEL : EPOLL_CTL_ADD, relay->ears_fd, EPOLLIN);
    watch(relay, is_waiting ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, STDERR_FILENO, EPOLLOUT);
}

/* As many whole lines as can be written at once. */
static size_t portion(const struct tri_relay *relay)
{
    size_t most = relay->pending_bytes < PIPE_BUF ? relay->pending_bytes : PIPE_BUF;
    const char *last = memrchr(relay->pending, '\n', most);
    return last ? (size_t)(last + 1 - relay->pending) : most;
}

/* Writes as much as can be without waiting; false when something is left. Who reads may be gone: SIGPIPE is ignored here, and
 * there is nobody to tell. */
static bool flush(struct tri_relay *relay)
{
    while (relay->pending_bytes > 0 && can_write()) {
        size_t bytes = portion(relay);
        tri_fd_write_all(STDERR_FILENO, relay->pending, bytes);
        relay->pending_bytes -= bytes;
        memmove(relay->pending, relay->pending + bytes, relay->pending_bytes);
    }
    return relay->pending_bytes == 0;
}

static void say_line(struct tri_relay *relay, struct ear *ear)
{
    char *to = relay->pending + relay->pending_bytes;
    tr_pid_text((tr_pid){ear->pid}, to);
    size_t head = strlen(to);
    to[head++] = ' ';
    memcpy(to + head, ear->line, ear->line_bytes);
    to[head + ear->line_bytes] = '\n';
    relay->pending_bytes += head + ear->line_bytes + 1;
    ear->line_bytes = 0;
}

/* ---------------------------------------------------------------- theirs */

static void keep(struct ear *ear, const char *data, size_t size_bytes)
{
    if (size_bytes > TRI_RELAY_KEPT_BYTES) {
        data += size_bytes - TRI_RELAY_KEPT_BYTES;
        size_bytes = TRI_RELAY_KEPT_BYTES;
    }
    size_t room = TRI_RELAY_KEPT_BYTES - ear->kept_bytes;
    size_t gone = size_bytes > room ? size_bytes - room : 0;
    memmove(ear->kept, ear->kept + gone, ear->kept_bytes - gone);
    ear->kept_bytes -= gone;
    memcpy(ear->kept + ear->kept_bytes, data, size_bytes);
    ear->kept_bytes += size_bytes;
}

static void copy(struct tri_relay *relay, struct ear *ear, const char *data, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        if (data[i] != '\n')
            ear->line[ear->line_bytes++] = data[i];
        if (data[i] == '\n' || ear->line_bytes == LINE_BYTES)
            say_line(relay, ear);
    }
}

/* Reads once, and writes it. False when there is nothing more now, or nobody takes more. */
static bool hear(struct tri_relay *relay, struct ear *ear)
{
    char data[LINE_BYTES];
    if (!flush(relay))
        return false;
    ssize_t n = read(ear->fd, data, sizeof data);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n > 0) {
        keep(ear, data, (size_t)n);
        copy(relay, ear, data, (size_t)n);
    } else {
        if (ear->line_bytes > 0)
            say_line(relay, ear);
        /* The node has it open, too, so that closing it does not end the watch. */
        epoll_ctl(relay->ears_fd, EPOLL_CTL_DEL, ear->fd, NULL);
        tri_fd_close(&ear->fd);
    }
    return flush(relay) && n > 0;
}

/* It has ended: it is remembered until somebody asks, or others have ended since. */
static void retire(struct tri_relay *relay, struct ear *ear)
{
    TAILQ_REMOVE(&relay->open, ear, entry);
    TAILQ_INSERT_TAIL(&relay->ended, ear, entry);
    if (++relay->ended_count > ENDED_MAX) {
        forget(&relay->ended, TAILQ_FIRST(&relay->ended));
        relay->ended_count--;
    }
}

void tri_relay_work(struct tri_relay *relay)
{
    struct epoll_event events[EVENTS_MAX];
    int count = flush(relay) ? epoll_wait(relay->ears_fd, events, EVENTS_MAX, 0) : 0;
    for (int i = 0; i < count; i++) {
        struct ear *ear = events[i].data.ptr;
        hear(relay, ear);
        if (ear->fd < 0)
            retire(relay, ear);
    }
    set_waiting(relay, relay->pending_bytes > 0);
}

void tri_relay_add(struct tri_relay *relay, uint64_t pid, int fd)
{
    struct ear *ear = calloc(1, sizeof *ear);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = ear};
    if (!ear || tri_fd_set_nonblocking(fd, true) ||
        epoll_ctl(relay->ears_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        char text[TR_PID_TEXT_BYTES];
        tri_warn("%s: nobody reads its standard error", tr_pid_text((tr_pid){pid}, text));
        free(ear);
        tri_fd_close(&fd);
        return;
    }
    ear->pid = pid;
    ear->fd = fd;
    TAILQ_INSERT_TAIL(&relay->open, ear, entry);
}

static struct ear *find(struct ears *list, uint64_t pid)
{
    struct ear *ear;
    TAILQ_FOREACH(ear, list, entry) {
        if (ear->pid == pid)
            return ear;
    }
    return NULL;
}

/* What is kept, without the rest of a line that has lost its beginning. */
static tr_bin whole_lines(const struct ear *ear)
{
    const char *stop =
        ear->kept_bytes == TRI_RELAY_KEPT_BYTES ? memchr(ear->kept, '\n', ear->kept_bytes) : NULL;
    size_t lost =
        stop && stop + 1 < ear->kept + ear->kept_bytes ? (size_t)(stop + 1 - ear->kept) : 0;
    return (tr_bin){ear->kept + lost, ear->kept_bytes - lost};
}

tr_bin tri_relay_last(struct tri_relay *relay, uint64_t pid)
{
    struct ear *ear = find(&relay->open, pid);
    if (!ear) {
        ear = find(&relay->ended, pid);
        return ear ? whole_lines(ear) : (tr_bin){"", 0};
    }
    for (int i = 0; i < LAST_READS && hear(relay, ear); i++)
        ;
    if (ear->fd < 0)
        retire(relay, ear);
    set_waiting(relay, relay->pending_bytes > 0);
    return whole_lines(ear);
}
