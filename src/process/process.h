/* Process: one actor's (or guest's) runtime, as the launch layer above starts it. Public API: troupe/process.h. */
#ifndef TRI_PROCESS_PROCESS_H
#define TRI_PROCESS_PROCESS_H

#include "troupe/process.h"

/* In the template, once: does for all of its actors what need not be done in each. What fails here is done there. */
void tri_process_prepare(void);

/* Lives an actor's life, in the process that a template has just forked: reads TRI_BIRTH from control_fd, opens table and
 * mailbox, sets the title, says TRI_READY, runs the entry of this binary that it names, and ends (TRI_LEAVE, a short
 * linger, _exit). The caller has made the process clean: no other descriptors than 0–2 and control_fd, which does not
 * block, default signals, a session of its own. */
TR_NORETURN void tri_process_live(int control_fd);

#endif
