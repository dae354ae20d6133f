/* Oom: "oom_kill N" in a file of the kernel's, read only after a death that needs it. */
#include "node/oom.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"

static bool read_count(const char *path, uint64_t *ret_count)
{
    char text[16384];
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n <= 0)
        return false;
    text[n] = '\0';
    const char *at = strstr(text, "oom_kill ");
    if (!at || (at > text && at[-1] != '\n'))
        return false;
    *ret_count = strtoull(at + strlen("oom_kill "), NULL, 10);
    return true;
}

/* The line "0::/path" of /proc/self/cgroup. */
static void find_group(char *path, size_t size_bytes)
{
    char text[4096];
    TRI_AUTO(tri_fd_close) int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    path[0] = '\0';
    if (n <= 0)
        return;
    text[n] = '\0';
    const char *line = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
    if (!line)
        return;
    line = strstr(line, "0::") + 3;
    int length = (int)strcspn(line, "\n");
    if (snprintf(path, size_bytes, "/sys/fs/cgroup%.*s/memory.events", length, line) >=
        (int)size_bytes)
        path[0] = '\0';
}

void tri_oom_init(struct tri_oom *oom)
{
    find_group(oom->path, sizeof oom->path);
    if (oom->path[0] && read_count(oom->path, &oom->accounted))
        return;
    snprintf(oom->path, sizeof oom->path, "/proc/vmstat");
    if (!read_count(oom->path, &oom->accounted))
        oom->path[0] = '\0';
}

bool tri_oom_explains(struct tri_oom *oom)
{
    uint64_t count;
    if (!oom->path[0] || !read_count(oom->path, &count) || count <= oom->accounted)
        return false;
    oom->accounted++;
    return true;
}
