/* Exit: how this process ends, by its own word or by the node's. */
#ifndef TRI_PROCESS_EXIT_H
#define TRI_PROCESS_EXIT_H

#include "process/runtime.h"

/* Tells the node why we go, and gives what was sent a moment to be taken in. */
void tri_exit_leave(struct tri_process *process, tr_term reason);

/* Sets what runs before this process ends by its own word (not when it is killed): a behaviour's last callback. It is
 * called once, and may itself end the process with another reason. NULL for nothing. */
void tri_exit_set_hook(struct tri_process *process, tri_before_exit_fn *before_exit, void *context);

/* Ends a guest that an exit signal has killed: says so on standard error, and exits with status 1. */
TR_NORETURN void tri_exit_killed(tr_term reason);

/* The mailbox has overflowed, and this process is about to end: streams are flushed, as at any exit, unless it is another
 * thread that has found out while the actor computes, and may stand in the middle of writing. */
void tri_exit_overflowed(void *process);

#endif
