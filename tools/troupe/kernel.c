/* Kernel: /proc/PID/stat and statm, read once each, because ps looks at thousands of processes. */
#include "kernel.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"

enum { FIELD_STATE = 3, FIELD_UTIME = 14, FIELD_STIME = 15, FIELD_START = 22 };

/* Reads a small file of /proc whole. False when it is not there. */
static bool read_small(int os_pid, const char *file, char *buffer, size_t size_bytes)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", os_pid, file);
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, buffer, size_bytes - 1);
    if (n <= 0)
        return false;
    buffer[n] = '\0';
    return true;
}

static uint64_t ticks_to_ms(uint64_t ticks)
{
    static long per_second;
    if (!per_second)
        per_second = sysconf(_SC_CLK_TCK);
    return ticks * 1000 / (uint64_t)per_second;
}

/* The fields count from behind the last parenthesis, because a process's name may hold anything. */
static bool read_stat(int os_pid, struct kernel_facts *facts)
{
    char text[1024];
    uint64_t cpu_ticks = 0;
    if (os_pid <= 0 || !read_small(os_pid, "stat", text, sizeof text))
        return false;
    char *at = strrchr(text, ')');
    if (!at || at[1] != ' ')
        return false;
    facts->state = at[2];
    at += 2;
    for (int field = FIELD_STATE; field <= FIELD_START; field++) {
        if (field == FIELD_UTIME || field == FIELD_STIME)
            cpu_ticks += strtoull(at, NULL, 10);
        if (field == FIELD_START)
            facts->start_ticks = strtoull(at, NULL, 10);
        at = strchr(at, ' ');
        if (!at)
            return false;
        at++;
    }
    facts->cpu_ms = ticks_to_ms(cpu_ticks);
    return facts->state != 'X' && facts->state != 'x';
}

/* Resident without shared: what is there only because of this process, as far as one cheap read tells. */
static uint64_t read_memory(int os_pid)
{
    char text[256];
    unsigned long long size, resident, shared;
    if (!read_small(os_pid, "statm", text, sizeof text) ||
        sscanf(text, "%llu %llu %llu", &size, &resident, &shared) != 3 || shared > resident)
        return 0;
    return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool kernel_look(int os_pid, uint64_t start_ticks, struct kernel_facts *ret_facts)
{
    struct kernel_facts facts;
    if (!read_stat(os_pid, &facts) || facts.start_ticks != start_ticks)
        return false;
    facts.memory_bytes = read_memory(os_pid);
    *ret_facts = facts;
    return true;
}

bool kernel_proves(int os_pid, uint64_t start_ticks, char *ret_state)
{
    struct kernel_facts facts;
    if (!read_stat(os_pid, &facts) || facts.start_ticks != start_ticks)
        return false;
    *ret_state = facts.state;
    return true;
}
