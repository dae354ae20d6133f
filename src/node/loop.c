/* Loop: one batch of events at a time. What a handler closes in the middle of a batch has fd -1 from then on and is
 * passed over; its memory is freed after the batch (the graveyard). */
#include "node/loop.h"

#include <errno.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/fd.h"

#define BATCH 64
#define BATCHES_TO_SETTLE 16

int tri_source_add(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(node->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) < 0)
        return -errno;
    source->events = events;
    return 0;
}

void tri_source_change(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (source->fd < 0 || source->events == events)
        return;
    /* Without any event wanted the source leaves epoll altogether, which would go on to report hang-ups. */
    int operation = events == 0           ? EPOLL_CTL_DEL
                    : source->events == 0 ? EPOLL_CTL_ADD
                                          : EPOLL_CTL_MOD;
    if (epoll_ctl(node->epoll_fd, operation, source->fd, &event) == 0)
        source->events = events;
}

void tri_source_close(struct tri_node *node, struct tri_source *source)
{
    if (source->fd < 0)
        return;
    if (source->events)
        epoll_ctl(node->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
    source->events = 0;
    tri_fd_close(&source->fd);
}

int tri_loop_once(struct tri_node *node, uint64_t deadline_ns)
{
    struct epoll_event events[BATCH];
    int count = epoll_wait(node->epoll_fd, events, BATCH, tri_poll_timeout_ms(deadline_ns));
    for (int i = 0; i < count; i++) {
        struct tri_source *source = events[i].data.ptr;
        if (source->fd >= 0)
            source->ready(node, source, events[i].events);
    }
    return count;
}

void tri_loop_settle(struct tri_node *node)
{
    for (int batch = 0; batch < BATCHES_TO_SETTLE && tri_loop_once(node, 0) > 0; batch++)
        ;
}
