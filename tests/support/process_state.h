/* Process state: what the kernel says that a process does, for tests and for actors that are tests. */
#ifndef SUPPORT_PROCESS_STATE_H
#define SUPPORT_PROCESS_STATE_H

#include "base/osproc.h"

/* R, S, T, Z …; 0 when there is no such process. */
static inline char process_state(int os_pid)
{
    struct tri_osproc process;
    return tri_osproc_look(os_pid, &process) ? process.state : 0;
}

#endif
