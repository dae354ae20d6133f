/* Report: what is written when a behaviour ends for a reason that nobody planned (SEMANTICS 49). */
#ifndef TRI_BEHAVIOUR_REPORT_H
#define TRI_BEHAVIOUR_REPORT_H

#include "behaviour/sys.h"

/* Is this an end that was planned: normal, shutdown, {shutdown, _}? Pure. */
bool tri_reason_is_planned(tr_term reason);

/* Writes one line to the log, unless it was: who, why, the message that was handled last and the state.
 *   last    no bytes: there was none */
void tri_report_end(struct tri_sys *sys, tr_term reason, tr_term last);

/* The same for a task: what it was started with. */
void tri_report_task(const char *entry, tr_term reason, tr_term argument);

#endif
