/* Memory of a worker, as the kernel tells it: to find out whether it has grown too large. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "behaviour/pool.h"

enum { DEPTH = 8, CHILDREN_BYTES = 4096 };

/* Reads a small file of /proc into text, which is ended by NUL. False: the process is gone. */
static bool read_file(const char *path, char *text, size_t size_bytes)
{
    ssize_t n;
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    do
        n = read(fd, text, size_bytes - 1);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return false;
    text[n] = '\0';
    return true;
}

static uint64_t own_bytes(int os_pid)
{
    char path[64], text[128];
    unsigned long pages;
    snprintf(path, sizeof path, "/proc/%d/statm", os_pid);
    if (!read_file(path, text, sizeof text) || sscanf(text, "%*u %lu", &pages) != 1)
        return 0;
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t bytes_of_tree(int os_pid, int depth)
{
    char path[64], text[CHILDREN_BYTES], *at = text, *end;
    uint64_t bytes = own_bytes(os_pid);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", os_pid, os_pid);
    if (depth == 0 || !read_file(path, text, sizeof text))
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
