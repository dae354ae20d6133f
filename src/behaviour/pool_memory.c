/* Memory of a worker, as the kernel tells it: to find out whether it has grown too large. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/osproc.h"
#include "behaviour/pool.h"

enum { DEPTH = 8, CHILDREN_BYTES = 4096 };

static uint64_t own_bytes(int os_pid)
{
    char text[128];
    unsigned long pages;
    if (!tri_osproc_read(os_pid, "statm", text, sizeof text) ||
        sscanf(text, "%*u %lu", &pages) != 1)
        return 0;
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t bytes_of_tree(int os_pid, int depth)
{
    char file[32], text[CHILDREN_BYTES], *at = text, *end;
    uint64_t bytes = own_bytes(os_pid);
    snprintf(file, sizeof file, "task/%d/children", os_pid);
    if (depth == 0 || !tri_osproc_read(os_pid, file, text, sizeof text))
        return bytes;
    for (long child = strtol(at, &end, 10); end != at; child = strtol(at, &end, 10)) {
        bytes += bytes_of_tree((int)child, depth - 1);
        at = end;
    }
    return bytes;
}

uint64_t tri_resident_bytes(int os_pid, bool with_descendants)
{
    return bytes_of_tree(os_pid, with_descendants ? DEPTH : 0);
}
