/* Channel: non-blocking, so that a process that has much to say never stops listening. */
#include "process/channel.h"

#include <errno.h>
#include <poll.h>

#include "base/auto.h"
#include "base/clock.h"
#include "process/signals.h"

/* Packets that are taken in between two looks at the room for sending. */
#define INTAKE_WHILE_FULL 16
/* ms to wait for what poll(2) cannot tell: memory, and descriptors under way. */
#define PATIENCE_MS 1

/* Waits until there may be room, and takes in what has come. */
static void wait_for_room(struct tri_process *process, int why)
{
    struct pollfd look = {.fd = process->control_fd, .events = POLLOUT | POLLIN};
    if (why == -EAGAIN)
        poll(&look, 1, -1);
    else
        poll(NULL, 0, PATIENCE_MS);
    tri_channel_take_in(process, INTAKE_WHILE_FULL);
}

int tri_channel_send(struct tri_process *process, const struct tri_parcel *parcel)
{
    for (;;) {
        if (process->node_is_gone)
            return -ENOTCONN;
        int r = tri_control_send(process->control_fd, parcel);
        if (r == -EPIPE) {
            /* What the node said before it went comes first. */
            while (!tri_channel_take_in(process, INTAKE_WHILE_FULL))
                continue;
            tri_signals_node_gone(process);
        } else if (r == -EAGAIN || r == -ENOBUFS || r == -ETOOMANYREFS) {
            wait_for_room(process, r);
        } else {
            return r;
        }
    }
}

bool tri_channel_take_in(struct tri_process *process, unsigned limit)
{
    for (unsigned i = 0; i < limit; i++) {
        TRI_AUTO(tri_packet_deinit) struct tri_packet packet = {.passed_fd = -1};
        if (process->node_is_gone)
            return true;
        int r = tri_control_receive(process->control_fd, process->packet_buffer, &packet);
        if (r == -EAGAIN)
            return true;
        if (r == -EPROTO)
            continue;
        if (r == 0) {
            process->is_taking_in = true;
            tri_signals_take(process, &packet);
            process->is_taking_in = false;
        } else if (r == -EPIPE) {
            tri_signals_node_gone(process);
            return true;
        } else {
            return false; /* no memory or no descriptors now: what has come stays where it is */
        }
    }
    return false;
}

int tri_channel_await(struct tri_process *process, uint64_t deadline_ns,
                      struct tri_packet *ret_packet)
{
    struct pollfd look = {.fd = process->control_fd, .events = POLLIN};
    for (;;) {
        int r = tri_control_receive(process->control_fd, process->packet_buffer, ret_packet);
        if (r != -EAGAIN)
            return r;
        int ready = poll(&look, 1, tri_poll_timeout_ms(deadline_ns));
        if (ready == 0 && tri_clock_ns() >= deadline_ns)
            return TR_TIMEOUT;
        if (ready < 0 && errno != EINTR)
            return -errno;
    }
}
