/* Oom: "oom_kill N" in a file of the kernel's. */
#include "base/oom.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"

static bool read_count(const char *path, uint64_t *ret_count)
{
    char text[16384];
    if (tri_fd_read_text(AT_FDCWD, path, text, sizeof text))
        return false;
    const char *at = strstr(text, "oom_kill ");
    if (!at || (at > text && at[-1] != '\n'))
        return false;
    *ret_count = strtoull(at + strlen("oom_kill "), NULL, 10);
    return true;
}

static bool take_file(struct tri_oom *oom, const char *mount, const char *group, const char *file)
{
    return snprintf(oom->path, sizeof oom->path, "%s%s/%s", mount, group, file) <
               (int)sizeof oom->path &&
           read_count(oom->path, &oom->accounted);
}

static bool has_memory(char *controllers)
{
    char *rest = controllers;
    for (char *one; (one = strsep(&rest, ","));)
        if (strcmp(one, "memory") == 0)
            return true;
    return false;
}

/* A line of /proc/self/cgroup: "0::/path" of version 2, "N:controllers:/path" of version 1 (cgroups(7)). The kills in its own
 * group are what counts, not those in groups below it, whose keepers tell of them. */
static bool take_group(struct tri_oom *oom, char *line)
{
    char *rest = line, *number = strsep(&rest, ":"), *controllers = strsep(&rest, ":");
    if (!controllers || !rest)
        return false;
    const char *group = strcmp(rest, "/") == 0 ? "" : rest;
    if (!*controllers && strcmp(number, "0") == 0)
        return take_file(oom, "/sys/fs/cgroup", group, "memory.events.local") ||
               take_file(oom, "/sys/fs/cgroup", group, "memory.events");
    return has_memory(controllers) &&
           take_file(oom, "/sys/fs/cgroup/memory", group, "memory.oom_control");
}

static bool find_group(struct tri_oom *oom)
{
    char text[4096], *rest = text;
    tri_fd_read_text(AT_FDCWD, "/proc/self/cgroup", text, sizeof text);
    for (char *line; (line = strsep(&rest, "\n"));)
        if (take_group(oom, line))
            return true;
    return false;
}

void tri_oom_init(struct tri_oom *oom)
{
    *oom = (struct tri_oom){0};
    if (!find_group(oom) && !take_file(oom, "/proc", "", "vmstat"))
        oom->path[0] = '\0';
    oom->seen = oom->accounted;
}

void tri_oom_look(struct tri_oom *oom)
{
    uint64_t count, now_ns = tri_clock_ns();
    if (oom->accounted < oom->seen && now_ns >= oom->seen_ns + TRI_OOM_FRESH_MS * TRI_NS_PER_MS)
        oom->accounted = oom->seen;
    if (!oom->path[0] || !read_count(oom->path, &count) || count <= oom->seen)
        return;
    oom->seen = count;
    oom->seen_ns = now_ns;
}

bool tri_oom_explains(struct tri_oom *oom)
{
    tri_oom_look(oom);
    if (oom->accounted == oom->seen)
        return false;
    oom->accounted++;
    return true;
}
