/* Exit: how this process ends, by its own word or by the node's. */
#ifndef TRI_PROCESS_EXIT_H
#define TRI_PROCESS_EXIT_H

#include "process/runtime.h"

/* Tells the node why we go, and gives what was sent a moment to be taken in. */
void tri_exit_leave(struct tri_process *process, tr_term reason);

/* Ends a guest that an exit signal has killed: says so on standard error, and exits with status 1. */
TR_NORETURN void tri_exit_killed(tr_term reason);

#endif
