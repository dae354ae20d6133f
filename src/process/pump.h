/* Pump: what keeps the runtime going whenever the program enters it. Mail, signals and own timers come in. */
#ifndef TRI_PROCESS_PUMP_H
#define TRI_PROCESS_PUMP_H

#include "process/runtime.h"

/* Takes in some of what has come, cheaply: the control channel only now and then. */
void tri_pump(struct tri_process *process);

/* Takes in everything that has come, from everywhere. */
void tri_pump_all(struct tri_process *process);

/* Waits until something may have come, an own timer fires, or deadline_ns; then takes in some of it. */
void tri_pump_wait(struct tri_process *process, uint64_t deadline_ns);

/* The same for one who waits for more than mail: fd, an epoll, has the control channel among others. */
void tri_pump_wait_beside(struct tri_process *process, int fd, uint64_t deadline_ns);

/* What the mailbox calls, within the intake, before a message enters that was sent after a signal; context is the
 * process. */
void tri_pump_let_signals_in(void *process);

/* Notes that a monitor has ended within the intake; the node is told by the next pump. */
void tri_pump_tell_end_of_monitor(struct tri_process *process, uint64_t number);

#endif
