/* Sweep: leaves none of ours alive, whatever has become of the node. */
#ifndef TRI_BASE_SWEEP_H
#define TRI_BASE_SWEEP_H

#include <stddef.h>
#include <stdint.h>

/* Kills every descendant of the calling process that was started at since_ticks or later, and reaps its own children,
 * until there are none: also those that double-forked and called setsid, for the caller is their subreaper. Looks at least
 * once; blocks until they are gone, or until timeout_ms have passed since there were fewer than ever. Returns how many are
 * left (0: clean). */
int tri_sweep(uint64_t since_ticks, int timeout_ms);

/* The same, but for some children of the caller's and all that descends from them. These are not reaped either. */
int tri_sweep_others(const int *spared, size_t spared_count, int timeout_ms);

#endif
