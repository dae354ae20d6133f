/* Raw nanomsg: PUSH and PULL over ipc with blocking calls, as a program would use it by itself. */
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>

#include "bench/bench.h"
#include "bench/transport.h"

static int bind_end(struct end *end)
{
    char address[ADDRESS_BYTES];
    int any_size = -1;
    end->out_fd = -1;
    end->in_fd = nn_socket(AF_SP, NN_PULL);
    if (end->in_fd < 0)
        return complain("nn_socket");
    nn_setsockopt(end->in_fd, NN_SOL_SOCKET, NN_RCVMAXSIZE, &any_size, sizeof any_size);
    return nn_bind(end->in_fd, ipc_address(end, end->side, address)) < 0 ? complain("nn_bind") : 0;
}

static int connect_end(struct end *end, int side)
{
    char address[ADDRESS_BYTES];
    end->out_fd = nn_socket(AF_SP, NN_PUSH);
    if (end->out_fd < 0)
        return complain("nn_socket");
    return nn_connect(end->out_fd, ipc_address(end, side, address)) < 0 ? complain("nn_connect")
                                                                        : 0;
}

static int send_body(struct end *end, const void *body, size_t size_bytes)
{
    return nn_send(end->out_fd, body, size_bytes, 0) < 0 ? -1 : 0;
}

static int receive_body(struct end *end, void *body, size_t size_bytes)
{
    return nn_recv(end->in_fd, body, size_bytes, 0) == (int)size_bytes ? 0 : -1;
}

static void close_end(struct end *end)
{
    if (end->out_fd >= 0)
        nn_close(end->out_fd);
    nn_close(end->in_fd);
}

const struct transport nanomsg_transport = {.name = "nanomsg",
                                            .bind = bind_end,
                                            .connect = connect_end,
                                            .send = send_body,
                                            .receive = receive_body,
                                            .close = close_end};
