/* The kernel's processes: what /proc tells of them, and the sweep that leaves none of ours alive. */
#ifndef TRI_BASE_OSPROC_H
#define TRI_BASE_OSPROC_H

#include <stdbool.h>
#include <stdint.h>

/* Field 22 of /proc/<os_pid>/stat: tells a process from a later one with the same os_pid. 0 when there is none. */
uint64_t tri_osproc_start_ticks(int os_pid);

/* Is it on its way out, or gone? A dying process closes its descriptors before its parent can reap it. */
bool tri_osproc_is_exiting(int os_pid);

/* Kills every descendant of the calling process that was started at since_ticks or later, and reaps its own children,
 * until there are none: also those that double-forked and called setsid, for the caller is their subreaper. Blocks
 * until they are gone, timeout_ms at most. Returns how many are left (0: clean). */
int tri_osproc_sweep(uint64_t since_ticks, int timeout_ms);

#endif
