/* A pair of AF_UNIX sockets, SEQPACKET and STREAM: one system call for each message and end. The least that a message
 * between processes costs when the kernel carries it. A stream has no messages: both sides know their size.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/transport.h"

static int prepare(struct end *end, int kind)
{
    return socketpair(AF_UNIX, kind | SOCK_CLOEXEC, 0, end->fds) < 0 ? complain("socketpair") : 0;
}

static int prepare_seqpacket(struct end *end, size_t size_bytes)
{
    (void)size_bytes;
    return prepare(end, SOCK_SEQPACKET);
}

static int prepare_stream(struct end *end, size_t size_bytes)
{
    (void)size_bytes;
    return prepare(end, SOCK_STREAM);
}

static int bind_end(struct end *end)
{
    close(end->fds[!end->side]);
    end->in_fd = end->fds[end->side];
    return 0;
}

static int send_packet(struct end *end, const void *body, size_t size_bytes)
{
    return send(end->in_fd, body, size_bytes, MSG_NOSIGNAL) == (ssize_t)size_bytes ? 0 : -1;
}

static int receive_packet(struct end *end, void *body, size_t size_bytes)
{
    return recv(end->in_fd, body, size_bytes, 0) == (ssize_t)size_bytes ? 0 : -1;
}

static int send_stream(struct end *end, const void *body, size_t size_bytes)
{
    for (size_t done = 0; done < size_bytes;) {
        ssize_t n = send(end->in_fd, (const char *)body + done, size_bytes - done, MSG_NOSIGNAL);
        if (n <= 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

static int receive_stream(struct end *end, void *body, size_t size_bytes)
{
    for (size_t done = 0; done < size_bytes;) {
        ssize_t n = recv(end->in_fd, (char *)body + done, size_bytes - done, 0);
        if (n <= 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

static void close_end(struct end *end) { close(end->in_fd); }

const struct transport seqpacket_transport = {.name = "seqpacket",
                                              .prepare = prepare_seqpacket,
                                              .bind = bind_end,
                                              .send = send_packet,
                                              .receive = receive_packet,
                                              .close = close_end};
const struct transport stream_transport = {.name = "stream",
                                           .prepare = prepare_stream,
                                           .bind = bind_end,
                                           .send = send_stream,
                                           .receive = receive_stream,
                                           .close = close_end};
