/* ZeroMQ: PUSH and PULL over ipc, with the library's own defaults (a thousand messages each way under way). */
#include "bench/bench.h"
#include "bench/transport.h"

#ifdef BENCH_ZEROMQ

#include <zmq.h>

#include "bench/library.h"

#define FUNCTIONS(X)                                                                               \
    X(zmq_ctx_new)                                                                                 \
    X(zmq_socket)                                                                                  \
    X(zmq_bind)                                                                                    \
    X(zmq_connect)                                                                                 \
    X(zmq_send)                                                                                    \
    X(zmq_recv)                                                                                    \
    X(zmq_setsockopt)                                                                              \
    X(zmq_close)                                                                                   \
    X(zmq_ctx_term)
LIBRARY(zmq, FUNCTIONS)

static void *socket_of(struct end *end, int kind)
{
    if (!end->context && library_load(BENCH_ZEROMQ_LIBRARY, zmq_names, &zmq) == 0)
        end->context = zmq.zmq_ctx_new_();
    return end->context ? zmq.zmq_socket_(end->context, kind) : NULL;
}

static int bind_end(struct end *end)
{
    char address[ADDRESS_BYTES];
    end->in = socket_of(end, ZMQ_PULL);
    return !end->in || zmq.zmq_bind_(end->in, ipc_address(end, end->side, address)) < 0
               ? complain("zmq_bind")
               : 0;
}

static int connect_end(struct end *end, int side)
{
    char address[ADDRESS_BYTES];
    end->out = socket_of(end, ZMQ_PUSH);
    return !end->out || zmq.zmq_connect_(end->out, ipc_address(end, side, address)) < 0
               ? complain("zmq_connect")
               : 0;
}

static int send_body(struct end *end, const void *body, size_t size_bytes)
{
    return zmq.zmq_send_(end->out, body, size_bytes, 0) < 0 ? -1 : 0;
}

static int receive_body(struct end *end, void *body, size_t size_bytes)
{
    return zmq.zmq_recv_(end->in, body, size_bytes, 0) == (int)size_bytes ? 0 : -1;
}

static void close_end(struct end *end)
{
    int no_linger = 0;
    void *const sockets[] = {end->in, end->out};
    for (int i = 0; i < 2; i++)
        if (sockets[i]) {
            zmq.zmq_setsockopt_(sockets[i], ZMQ_LINGER, &no_linger, sizeof no_linger);
            zmq.zmq_close_(sockets[i]);
        }
    if (end->context)
        zmq.zmq_ctx_term_(end->context);
}

const struct transport zeromq_transport = {.name = "ZeroMQ",
                                           .bind = bind_end,
                                           .connect = connect_end,
                                           .send = send_body,
                                           .receive = receive_body,
                                           .close = close_end};
#else
const struct transport zeromq_transport = {.name = "ZeroMQ"};
#endif
