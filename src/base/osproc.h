/* Osproc: what the kernel tells of a process, in /proc/PID. The one place that takes its `stat` apart. */
#ifndef TRI_BASE_OSPROC_H
#define TRI_BASE_OSPROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tri_osproc {
    int os_pid, parent;
    char comm[16]; /* its short name */
    char state;    /* R, S, D, T, t, Z, X … */
    /* on its way out: a dying process closes its descriptors before its parent can reap it */
    bool is_exiting;
    uint64_t start_ticks; /* tells it from a later one with the same os_pid */
    uint64_t cpu_ticks;   /* of its own, in user and kernel mode */
};

/* Looks at a process, whoever's it is. False when there is none of that number. */
bool tri_osproc_look(int os_pid, struct tri_osproc *ret);

/* When it was started, in the kernel's ticks; 0 when there is none. */
uint64_t tri_osproc_start_ticks(int os_pid);

/* Does it ignore, catch or block that signal? Of a zombie, too. */
bool tri_osproc_withstands(int os_pid, int signal);

/* How long its first thread has had a processor, and waited for one while it could have run. A wait that is still going on is
 * not in it. False when the kernel does not tell, which is one without CONFIG_SCHED_INFO. */
bool tri_osproc_turns(int os_pid, uint64_t *ret_ran_ns, uint64_t *ret_waited_ns);

/* Reads a small file of /proc/<os_pid>, as much as the kernel gives at once, as text. False when it is not there. */
bool tri_osproc_read(int os_pid, const char *file, char *buffer, size_t size_bytes);

#endif
