/* Control group: a few files to be written. What is not there is not an error of anybody's: then there is no group. */
#include "process/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"

/* What the groups are called that we make: each program's, and the one of the node's own processes. */
#define PREFIX "troupe-"
#define NODES_PART "troupe-node"
#define PATIENCE_MS 200

/* ---------------------------------------------------------------- files */

static int write_at(int folder_fd, const char *file, const char *text)
{
    TRI_AUTO(tri_fd_close) int fd = openat(folder_fd, file, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -errno : tri_fd_write_all(fd, text, strlen(text));
}

static int write_number(int folder_fd, const char *file, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return write_at(folder_fd, file, text);
}

/* Is it one of the words? */
static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += length)
        if ((at == text || at[-1] == ' ') && (!at[length] || strchr(" \n", at[length])))
            return true;
    return false;
}

/* ---------------------------------------------------------------- finding */

/* Where version 2 is mounted, and this process's place in it. */
static bool find_own(char *path, size_t size_bytes)
{
    char mount[256] = "", own[256] = "", line[1024], type[32];
    FILE *file = fopen("/proc/self/mounts", "re");
    while (file && !*mount && fgets(line, sizeof line, file)) {
        char place[256];
        if (sscanf(line, "%*s %255s %31s", place, type) == 2 && strcmp(type, "cgroup2") == 0)
            strcpy(mount, place);
    }
    if (file)
        fclose(file);
    file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "0::%255[^\n]", own) == 1)
            break;
    if (file)
        fclose(file);
    return *mount && *own && snprintf(path, size_bytes, "%s%s", mount, own) < (int)size_bytes;
}

static bool is_delegated(const char *path)
{
    char mark;
    return (getxattr(path, "user.delegate", &mark, 1) == 1 ||
            getxattr(path, "trusted.delegate", &mark, 1) == 1) &&
           mark == '1';
}

/* The group that is delegated to us: our own, or the one above, when we have been moved already. */
static bool find_delegated(char *path, size_t size_bytes)
{
    if (!find_own(path, size_bytes))
        return false;
    char *slash = strrchr(path, '/');
    if (strcmp(slash + 1, NODES_PART) == 0)
        *slash = '\0';
    return is_delegated(path);
}

int tri_cgroup_find(char *path, size_t size_bytes, bool *ret_has_memory, bool *ret_has_pids)
{
    char controllers[256];
    const char *given = getenv(TRI_CGROUP_VARIABLE);
    if (given && *given)
        snprintf(path, size_bytes, "%s", given);
    else if (!find_delegated(path, size_bytes))
        return -ENOENT;
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (tri_fd_read_text(fd, "cgroup.controllers", controllers, sizeof controllers) ||
        faccessat(fd, "cgroup.procs", W_OK, AT_EACCESS) < 0)
        return -ENOENT;
    *ret_has_memory = has_word(controllers, "memory");
    *ret_has_pids = has_word(controllers, "pids");
    return 0;
}

/* ---------------------------------------------------------------- making */

/* Moves the processes of a group into a part of it. */
static void make_room(int fd)
{
    char line[32], path[64];
    if (mkdirat(fd, NODES_PART, 0755) < 0 && errno != EEXIST)
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d/cgroup.procs", fd);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        write_at(fd, NODES_PART "/cgroup.procs", line);
    if (file)
        fclose(file);
}

static bool enable(int fd, const char *controller)
{
    int r = write_at(fd, "cgroup.subtree_control", controller);
    if (r == -EBUSY) {
        make_room(fd);
        r = write_at(fd, "cgroup.subtree_control", controller);
    }
    return r == 0;
}

/* What keepers have left that were killed. A group with processes stays. */
static void remove_empty(int fd)
{
    TRI_AUTO(tri_fd_close) int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    if (!folder)
        return;
    copy = -1;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
            strcmp(entry->d_name, NODES_PART) != 0)
            unlinkat(fd, entry->d_name, AT_REMOVEDIR);
    closedir(folder);
}

static void set_limits(struct tri_cgroup *cgroup, const struct tr_resource_limits *limits)
{
    if (limits->memory_bytes && cgroup->has_memory) {
        cgroup->has_memory = write_number(cgroup->fd, "memory.max", limits->memory_bytes) == 0;
        write_at(cgroup->fd, "memory.swap.max", "0");
        write_at(cgroup->fd, "memory.oom.group", "1");
    }
    if (limits->processes && cgroup->has_pids)
        cgroup->has_pids = write_number(cgroup->fd, "pids.max", limits->processes) == 0;
}

int tri_cgroup_open(struct tri_cgroup *ret_cgroup, const struct tr_resource_limits *limits)
{
    struct tri_cgroup cgroup = TRI_CGROUP_NONE;
    char above[400], name[64];
    int r = tri_cgroup_find(above, sizeof above, &cgroup.has_memory, &cgroup.has_pids);
    if (r)
        return r;
    TRI_AUTO(tri_fd_close) int fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    remove_empty(fd);
    cgroup.has_memory = limits->memory_bytes && cgroup.has_memory && enable(fd, "+memory");
    cgroup.has_pids = limits->processes && cgroup.has_pids && enable(fd, "+pids");
    snprintf(name, sizeof name, PREFIX "%d", getpid());
    snprintf(cgroup.path, sizeof cgroup.path, "%s/%s", above, name);
    if (mkdirat(fd, name, 0755) < 0 && errno != EEXIST)
        return -errno;
    cgroup.fd = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cgroup.fd < 0)
        return -errno;
    set_limits(&cgroup, limits);
    *ret_cgroup = cgroup;
    return 0;
}

/* ---------------------------------------------------------------- using */

int tri_cgroup_enter(int fd) { return write_at(fd, "cgroup.procs", "0"); }

bool tri_cgroup_was_out_of_memory(const struct tri_cgroup *cgroup)
{
    char text[512];
    const char *line;
    if (!cgroup->has_memory || tri_fd_read_text(cgroup->fd, "memory.events", text, sizeof text))
        return false;
    line = strstr(text, "oom_kill ");
    return line && atol(line + strlen("oom_kill ")) > 0;
}

void tri_cgroup_kill(const struct tri_cgroup *cgroup)
{
    if (cgroup->fd >= 0)
        write_at(cgroup->fd, "cgroup.kill", "1");
}

void tri_cgroup_close(struct tri_cgroup *cgroup)
{
    if (cgroup->fd < 0)
        return;
    tri_fd_close(&cgroup->fd);
    for (int ms = 0; rmdir(cgroup->path) < 0 && errno == EBUSY && ms < PATIENCE_MS; ms++)
        poll(NULL, 0, 1);
}
