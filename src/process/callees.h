/* Callees: the processes that this one has called lately, each with a monitor that stays.
 *
 * A call must be told of its server's end, with the reason that only the node knows, after everything that the server
 * had still sent. A monitor for each call would cost two packets to the node; this one is made at the first call to a
 * server and kept, so that every further one costs nothing. The one used longest ago gives way to a new one.
 * Pure: sends nothing. */
#ifndef TRI_PROCESS_CALLEES_H
#define TRI_PROCESS_CALLEES_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"

#define TRI_CALLEES 64u

struct tri_callee {
    tr_pid pid;
    uint64_t number;  /* of the monitor's reference */
    uint64_t used_at; /* counts uses, of all of them */
};

/* Zeroed, it is empty and ready. */
struct tri_callees {
    uint32_t count;
    uint64_t uses;
    struct tri_callee at[TRI_CALLEES];
};

/* Is that process watched? Then it counts as used now. */
bool tri_callees_use(struct tri_callees *callees, tr_pid pid);

/* Enters one that is not in here. Returns the number of the monitor that gave way to it and is to be ended, or 0. */
uint64_t tri_callees_add(struct tri_callees *callees, tr_pid pid, uint64_t number);

/* Its monitor has ended. Tells whether it was one of these. */
bool tri_callees_remove(struct tri_callees *callees, uint64_t number);

#endif
