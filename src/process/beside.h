/* Beside: waiting for mail and for descriptors at the same time, for actors that have both. Public actors have mail only. */
#ifndef TRI_PROCESS_BESIDE_H
#define TRI_PROCESS_BESIDE_H

#include "process/runtime.h"

/* What is waited for. The descriptors are watched by an epoll, level-triggered, that has the control channel in it. */
struct tri_beside {
    int epoll_fd;
    uint64_t arrival; /* what has been looked at and left: 0 begins at the oldest again */
};

/* Opens the epoll. 0 or a negative errno. */
int tri_beside_open(struct tri_process *process, struct tri_beside *beside);

/* Takes the oldest message that select (NULL: any) takes. When there is none, waits until one may have come, a descriptor
 * is ready, there is room for what was not sent (TR_BUSY), or the deadline has come: once, so that it may also return
 * for nothing. Lets no more into a full mailbox than its bound says, whatever select wants.
 *   ret_message   the caller's, or NULL */
void tri_receive_beside(struct tri_process *process, struct tri_beside *beside,
                        tr_select_fn *select, void *context, uint64_t deadline_ns,
                        struct tr_message **ret_message);

#endif
