/* Beside: the mailbox sleeps on its own socket and one descriptor more; so the descriptors are gathered in one. */
#include "process/beside.h"

#include <errno.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "process/pump.h"

int tri_beside_open(struct tri_process *process, struct tri_beside *beside)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = process->control_fd};
    beside->arrival = 0;
    beside->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (beside->epoll_fd < 0)
        return -errno;
    if (epoll_ctl(beside->epoll_fd, EPOLL_CTL_ADD, process->control_fd, &event) < 0)
        return -errno;
    return 0;
}

/* The next in the mailbox that is wanted, or NULL. */
static struct tr_message *find(struct tri_process *process, struct tri_beside *beside,
                               tr_select_fn *select, void *context)
{
    struct tr_message *message;
    while ((message = tri_mailbox_next(process->mailbox, beside->arrival))) {
        beside->arrival = message->arrival;
        if (!select || select(message->term, context))
            return message;
    }
    return NULL;
}

void tri_receive_beside(struct tri_process *process, struct tri_beside *beside,
                        tr_select_fn *select, void *context, uint64_t deadline_ns,
                        struct tr_message **ret_message)
{
    struct tr_message *message = find(process, beside, select, context);
    if (!message) {
        tri_pump(process);
        message = find(process, beside, select, context);
    }
    if (!message && deadline_ns != TRI_AT_ONCE) {
        tri_process_set_activity(process, TRI_ACTIVITY_WAITING);
        tri_pump_wait_beside(process, beside->epoll_fd, deadline_ns);
        tri_process_set_activity(process, TRI_ACTIVITY_RUNNING);
        message = find(process, beside, select, context);
    }
    if (message) {
        tri_mailbox_take(process->mailbox, message);
        process->selected = message;
    }
    *ret_message = message;
}
