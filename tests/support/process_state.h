/* Process state: what the kernel says that a process does, and stopping one, for tests and for actors that are tests. */
#ifndef SUPPORT_PROCESS_STATE_H
#define SUPPORT_PROCESS_STATE_H

#include <signal.h>
#include <unistd.h>

#include "base/osproc.h"
#include "support/wait.h"

/* R, S, T, Z …; 0 when there is no such process. */
static inline char process_state(int os_pid)
{
    struct tri_osproc process;
    return tri_osproc_look(os_pid, &process) ? process.state : 0;
}

/* Stops a process with SIGSTOP and waits until it stands. False when that cannot be. */
static inline bool process_stop(int os_pid)
{
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    bool is_sent = kill(os_pid, SIGSTOP) == 0;
    while (is_sent && process_state(os_pid) != 'T' && tri_clock_ns() < deadline_ns)
        usleep(1000);
    return process_state(os_pid) == 'T';
}

#endif
