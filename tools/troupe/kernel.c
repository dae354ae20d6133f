/* Kernel: /proc/PID/stat and statm, read once each, because ps looks at thousands of processes. */
#include "kernel.h"

#include <stdio.h>
#include <unistd.h>

#include "base/osproc.h"

static uint64_t ticks_to_ms(uint64_t ticks)
{
    static long per_second;
    if (!per_second)
        per_second = sysconf(_SC_CLK_TCK);
    return ticks * 1000 / (uint64_t)per_second;
}

static bool find(int os_pid, uint64_t start_ticks, struct tri_osproc *ret)
{
    return tri_osproc_look(os_pid, ret) && ret->start_ticks == start_ticks && ret->state != 'X' &&
           ret->state != 'x';
}

/* Resident without shared: what is there only because of this process, as far as one cheap read tells. */
static uint64_t read_memory(int os_pid)
{
    char text[256];
    unsigned long long size, resident, shared;
    if (!tri_osproc_read(os_pid, "statm", text, sizeof text) ||
        sscanf(text, "%llu %llu %llu", &size, &resident, &shared) != 3 || shared > resident)
        return 0;
    return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool kernel_proves(int os_pid, uint64_t start_ticks, char *ret_state)
{
    struct tri_osproc process;
    if (!find(os_pid, start_ticks, &process))
        return false;
    *ret_state = process.state;
    return true;
}

bool kernel_look(int os_pid, uint64_t start_ticks, struct kernel_facts *ret_facts)
{
    struct tri_osproc process;
    if (!find(os_pid, start_ticks, &process))
        return false;
    *ret_facts = (struct kernel_facts){.state = process.state,
                                       .cpu_ms = ticks_to_ms(process.cpu_ticks),
                                       .memory_bytes = read_memory(os_pid)};
    return true;
}
