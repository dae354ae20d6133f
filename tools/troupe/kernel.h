/* Kernel: what the kernel says about a process, which is the only proof that it lives. */
#ifndef TROUPE_TOOL_KERNEL_H
#define TROUPE_TOOL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

struct kernel_facts {
    char state; /* as in struct tri_osproc */
    uint64_t cpu_ms;
    uint64_t memory_bytes; /* resident and its own: neither files nor shared memory */
};

/* Looks at a process. False when there is none of that number that was started at that time (the kernel gives os_pids
 * again), or when it is past being a zombie. */
bool kernel_look(int os_pid, uint64_t start_ticks, struct kernel_facts *ret_facts);

/* As kernel_look, without reading its memory: half the price. */
bool kernel_proves(int os_pid, uint64_t start_ticks, char *ret_state);

#endif
