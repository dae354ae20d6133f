/* Socket: nanomsg over ipc, always with NN_DONTWAIT. */
#include "mailbox/socket.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>

#include "base/panic.h"
#include "troupe/outcome.h"
#include "wire/rundir.h"

/* nanomsg tries to connect again after this long, then after twice as long …; a full backlog (10) is the usual reason.
 * The longest pause is long, because a dead receiver's socket may stay open in an idle actor; who has something to say
 * makes a new socket sooner (care.c). */
#define RECONNECT_MS 2
#define RECONNECT_MOST_MS 10000
/* Room for the little that nanomsg's thread calls; it asks for none itself, and would get 8 MiB. */
#define WORKER_STACK_BYTES ((size_t)256 * 1024)
/* More than nanomsg opens for its thread and a first socket. */
#define DESCRIPTORS 12
/* Asked of the kernel, which gives as much of it as net.core.wmem_max allows. */
#define SEND_BUFFER_BYTES (512 * 1024)

#define ADDRESS_BYTES (sizeof "ipc://" + TRI_SOCKET_PATH_BYTES)

/* What nanomsg's thread is to get, as far as it is known to do; 0: as much as any thread. */
static size_t worker_stack_bytes;

static unsigned open_sockets;

static int set_option(int id, int level, int option, int value)
{
    return nn_setsockopt(id, level, option, &value, sizeof value) < 0 ? -nn_errno() : 0;
}

static int get_fd(int id, int option, int *ret_fd)
{
    size_t size = sizeof *ret_fd;
    return nn_getsockopt(id, NN_SOL_SOCKET, option, ret_fd, &size) < 0 ? -nn_errno() : 0;
}

/* Checks a path before nanomsg sees it, and makes an address of it. */
static int address_of(const char *path, char buffer[ADDRESS_BYTES])
{
    if (strlen(path) >= TRI_SOCKET_PATH_BYTES)
        return TR_TOO_LARGE;
    snprintf(buffer, ADDRESS_BYTES, "ipc://%s", path);
    return 0;
}

/* Allocates, as nanomsg's thread is going to: the arena that it gets for this is the next thread's. */
static void *allocate(void *volatile nothing)
{
    free(nothing = malloc(1));
    return NULL;
}

static int try_thread(void)
{
    pthread_t thread;
    int r = pthread_create(&thread, NULL, allocate, NULL);
    if (r == 0)
        pthread_join(thread, NULL);
    return -r;
}

/* Sets the stack that threads have by default, 0 for no change. What it was, or 0. */
static size_t set_stack(size_t size_bytes)
{
    pthread_attr_t attributes;
    size_t before_bytes = 0;
    if (size_bytes == 0 || pthread_getattr_default_np(&attributes))
        return 0;
    pthread_attr_getstacksize(&attributes, &before_bytes);
    pthread_attr_setstacksize(&attributes, size_bytes);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
    return before_bytes;
}

int tri_socket_ask_for_thread(void)
{
    size_t usual_bytes = set_stack(WORKER_STACK_BYTES);
    int r = try_thread();
    set_stack(usual_bytes);
    worker_stack_bytes = r == 0 ? WORKER_STACK_BYTES : 0;
    return r == -EINVAL ? try_thread() : r; /* variables of threads may need more room than that */
}

/* nanomsg aborts the process when its thread gets no descriptors: so they are asked for, too. */
static int ask_for_descriptors(void)
{
    int fds[DESCRIPTORS], count = 0, r = 0;
    while (count < DESCRIPTORS && r == 0) {
        fds[count] = epoll_create1(EPOLL_CLOEXEC);
        r = fds[count] < 0 ? -errno : 0;
        count += r == 0;
    }
    while (count > 0)
        close(fds[--count]);
    return r;
}

static int ask_for_what_it_needs(void)
{
    int r = ask_for_descriptors();
    return r ? r : tri_socket_ask_for_thread();
}

/* Makes a socket. The first one starts nanomsg's thread, with the stack that threads have by default: so that is another
 * one for a moment. The thread ends with the last socket. -1: nn_errno() tells why. */
static int new_socket(int protocol)
{
    int r = open_sockets == 0 ? ask_for_what_it_needs() : 0;
    if (r) {
        errno = -r;
        return -1;
    }
    size_t usual_bytes = set_stack(worker_stack_bytes);
    worker_stack_bytes = 0;
    int id = nn_socket(AF_SP, protocol), why = errno;
    set_stack(usual_bytes);
    open_sockets += id >= 0;
    errno = why;
    return id;
}

int tri_socket_bind(struct tri_socket *socket, const char *path, size_t largest_bytes)
{
    char address[ADDRESS_BYTES];
    struct tri_socket made = TRI_SOCKET_CLOSED;
    int r = address_of(path, address);
    if (r)
        return r;
    made.id = new_socket(NN_PULL);
    if (made.id < 0)
        return -nn_errno();
    r = set_option(made.id, NN_SOL_SOCKET, NN_RCVMAXSIZE, (int)largest_bytes);
    if (r == 0)
        r = get_fd(made.id, NN_RCVFD, &made.fd);
    if (r == 0 && nn_bind(made.id, address) < 0)
        r = -nn_errno();
    if (r) {
        tri_socket_close(&made);
        return r;
    }
    *socket = made;
    return 0;
}

int tri_socket_connect(struct tri_socket *socket, const char *path)
{
    char address[ADDRESS_BYTES];
    struct tri_socket made = TRI_SOCKET_CLOSED;
    int r = address_of(path, address);
    if (r)
        return r;
    made.id = new_socket(NN_PUSH);
    if (made.id < 0)
        return -nn_errno();
    r = set_option(made.id, NN_SOL_SOCKET, NN_SNDBUF, SEND_BUFFER_BYTES);
    if (r == 0)
        r = set_option(made.id, NN_SOL_SOCKET, NN_RECONNECT_IVL, RECONNECT_MS);
    if (r == 0)
        r = set_option(made.id, NN_SOL_SOCKET, NN_RECONNECT_IVL_MAX, RECONNECT_MOST_MS);
    if (r == 0)
        r = get_fd(made.id, NN_SNDFD, &made.fd);
    if (r == 0 && nn_connect(made.id, address) < 0)
        r = -nn_errno();
    if (r) {
        tri_socket_close(&made);
        return r;
    }
    *socket = made;
    return 0;
}

void tri_socket_close(struct tri_socket *socket)
{
    open_sockets -= socket->id >= 0;
    while (socket->id >= 0 && nn_close(socket->id) < 0 && nn_errno() == EINTR)
        ;
    *socket = TRI_SOCKET_CLOSED;
}

_Static_assert(sizeof(struct nn_iovec) == sizeof(struct iovec) &&
                   offsetof(struct nn_iovec, iov_len) == offsetof(struct iovec, iov_len),
               "nanomsg's parts are the system's by another name");

int tri_socket_send(struct tri_socket *socket, const struct iovec *parts, size_t count)
{
    struct nn_msghdr message = {.msg_iov = (struct nn_iovec *)(uintptr_t)parts,
                                .msg_iovlen = (int)count};
    for (;;) {
        if (nn_sendmsg(socket->id, &message, NN_DONTWAIT) >= 0)
            return 0;
        if (nn_errno() != EINTR)
            return -nn_errno();
    }
}

int tri_socket_receive(struct tri_socket *socket, void **ret_frame, size_t *ret_size_bytes)
{
    for (;;) {
        void *frame;
        int size = nn_recv(socket->id, &frame, NN_MSG, NN_DONTWAIT);
        if (size >= 0) {
            TRI_ASSERT((uintptr_t)frame % 8 == 0);
            *ret_frame = frame;
            *ret_size_bytes = (size_t)size;
            return 0;
        }
        if (nn_errno() != EINTR)
            return -nn_errno();
    }
}

void *tri_socket_new_frame(size_t size_bytes) { return nn_allocmsg(size_bytes, 0); }

void tri_socket_free(void *frame)
{
    if (frame)
        nn_freemsg(frame);
}

uint64_t tri_socket_connections(const struct tri_socket *socket)
{
    return nn_get_statistic(socket->id, NN_STAT_ESTABLISHED_CONNECTIONS);
}

bool tri_socket_is_connected(const struct tri_socket *socket)
{
    return nn_get_statistic(socket->id, NN_STAT_CURRENT_CONNECTIONS) > 0;
}
