/* Care: what an actor asks the node to see to about it: that it does not hang, that its last complaints are not lost. */
#ifndef TRI_PROCESS_CARE_H
#define TRI_PROCESS_CARE_H

#include "process/runtime.h"

/* Asks for it. Sends one packet; called at birth, before anybody hears of the actor, or later.
 *   hang_ms        how long it may compute without tr_receive or tr_heartbeat; 0: as long as it likes
 *   keeps_stderr   its standard error goes through the node's coroner from now on
 * 0 or a negative errno. */
int tri_care_ask(struct tri_process *process, int64_t hang_ms, bool keeps_stderr);

#endif
