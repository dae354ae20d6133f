/* Core: where the kernel has put a core file, by /proc/sys/kernel/core_pattern (core(5)). */
#ifndef TRI_CORONER_CORE_H
#define TRI_CORONER_CORE_H

#include <stdbool.h>
#include <stdint.h>

#define TRI_CORE_PATH_BYTES 1024

/* Who has left one. */
struct tri_core {
    int os_pid, thread_id, signal;
    uint64_t time_s;         /* when, since 1970 */
    const char *executable;  /* its path, or "" */
    const char *thread_name; /* or "" */
};

/* Spells a pattern out as the kernel does: "core.%p" becomes "core.4711".
 *   adds_os_pid   what /proc/sys/kernel/core_uses_pid says
 * False when it is too long, or has something in it that only the kernel knew (%c, %C, %d, %F). */
bool tri_core_spell(const char *pattern, bool adds_os_pid, const struct tri_core *core,
                    char ret_path[TRI_CORE_PATH_BYTES]);

/* Finds the core file. False when there is none to be found; then *ret_path is what gets cores instead, "|/usr/…", or "". */
bool tri_core_find(const struct tri_core *core, char ret_path[TRI_CORE_PATH_BYTES]);

#endif
