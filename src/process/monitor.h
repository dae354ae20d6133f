/* Monitors and aliases, as the rest of the runtime uses them. */
#ifndef TRI_PROCESS_MONITOR_H
#define TRI_PROCESS_MONITOR_H

#include "process/runtime.h"

/* Enters a monitor that the node is about to be told of. 0 and its number, or -ENOMEM. */
int tri_monitor_enter(struct tri_process *process, struct tr_to to, unsigned alias,
                      uint64_t *ret_number);

/* What the mailbox asks for each message that bears an alias; context is the process. */
bool tri_monitor_accepts_alias(uint64_t alias, void *process);

#endif
