/* Control group: a few files to be written. What is not there is not an error of anybody's: then there is no group. */
#include "base/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"

/* What the groups are called that we make: each process's, with its os_pid, and the one of the node's own processes. */
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
    const char *given = tri_cgroup_announced();
    if (given && snprintf(path, size_bytes, "%s", given) >= (int)size_bytes)
        return -ENAMETOOLONG;
    if (!given && !find_delegated(path, size_bytes))
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

/* Whose group is that? 0: it is none of ours. */
static int os_pid_of(const char *name)
{
    char *end;
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
        return 0;
    long os_pid = strtol(name + strlen(PREFIX), &end, 10);
    bool is_one = os_pid > 0 && os_pid <= INT_MAX && (*end == '\0' || *end == '.');
    return is_one ? (int)os_pid : 0;
}

/* Who is in a group of ours is bounded by it, and so is what he starts: out of it leads no way, and it has no parts. */
static bool is_in_one_of_ours(void)
{
    char own[TRI_CGROUP_PATH_BYTES];
    return find_own(own, sizeof own) && os_pid_of(strrchr(own, '/') + 1);
}

int tri_cgroup_announce(void)
{
    char path[TRI_CGROUP_PATH_BYTES], absolute[PATH_MAX];
    bool has_memory, has_pids, is_given = tri_cgroup_announced();
    int r = 0;
    if (!is_in_one_of_ours()) {
        r = tri_cgroup_find(path, sizeof path, &has_memory, &has_pids);
        if (r == 0 && !realpath(path, absolute))
            r = -errno;
        if (r == 0)
            return setenv(TRI_CGROUP_VARIABLE, absolute, 1) < 0 ? -errno : 0;
    }
    unsetenv(TRI_CGROUP_VARIABLE);
    return is_given ? r : 0;
}

const char *tri_cgroup_announced(void)
{
    const char *path = getenv(TRI_CGROUP_VARIABLE);
    return path && *path ? path : NULL;
}

/* ---------------------------------------------------------------- what was left behind */

/* A group may be shared with those who count processes otherwise: in a pid namespace that is not ours, whose processes are
 * shown as 0. Theirs are theirs. */
static bool has_strangers(const char *path)
{
    char procs[TRI_CGROUP_PATH_BYTES + 32], line[32];
    bool has = false;
    snprintf(procs, sizeof procs, "%s/cgroup.procs", path);
    FILE *file = fopen(procs, "re");
    while (file && !has && fgets(line, sizeof line, file))
        has = atoi(line) == 0;
    if (file)
        fclose(file);
    return has;
}

/* One look at all. Returns how many are still there that should not be. */
static int clear_once(const char *above, bool kills)
{
    int left = 0;
    char path[TRI_CGROUP_PATH_BYTES];
    DIR *folder = opendir(above);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        int os_pid = os_pid_of(entry->d_name);
        if (!os_pid || kill(os_pid, 0) == 0 || errno != ESRCH ||
            snprintf(path, sizeof path, "%s/%s", above, entry->d_name) >= (int)sizeof path)
            continue;
        if (!kills || has_strangers(path))
            rmdir(path);
        else
            left += tri_cgroup_end(path) == -EBUSY;
    }
    if (folder)
        closedir(folder);
    return left;
}

void tri_cgroup_clear(int timeout_ms)
{
    const char *above = tri_cgroup_announced();
    for (int ms = 0; above && clear_once(above, timeout_ms > 0) > 0 && ms < timeout_ms; ms++)
        poll(NULL, 0, 1);
}

/* ---------------------------------------------------------------- making */

/* Moves the processes of a group into a part of it. The topmost group of all, which has no type, may keep its own. */
static void make_room(int fd)
{
    char line[32], path[64];
    if (faccessat(fd, "cgroup.type", F_OK, 0) < 0)
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d/cgroup.procs", fd);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (mkdirat(fd, NODES_PART, 0755) == 0 || errno == EEXIST)
            write_at(fd, NODES_PART "/cgroup.procs", line);
    if (file)
        fclose(file);
}

/* Written only once: the kernel waits then until groups that have been removed are gone for good. There must be room before:
 * memory is refused to a group with processes of its own, but pids is not, and then no part of that may be entered. */
static bool enable(int fd, const char *controller)
{
    char enabled[256], order[16];
    if (tri_fd_read_text(fd, "cgroup.subtree_control", enabled, sizeof enabled) == 0 &&
        has_word(enabled, controller))
        return true;
    make_room(fd);
    snprintf(order, sizeof order, "+%s", controller);
    return write_at(fd, "cgroup.subtree_control", order) == 0;
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

/* One that is there already has been left by somebody who had the same os_pid. */
static int make(int above_fd, const char *name)
{
    if (mkdirat(above_fd, name, 0755) == 0)
        return 0;
    if (errno == EEXIST && unlinkat(above_fd, name, AT_REMOVEDIR) == 0 &&
        mkdirat(above_fd, name, 0755) == 0)
        return 0;
    return errno == EBUSY ? -EEXIST : -errno;
}

void tri_cgroup_name(char ret_name[TRI_CGROUP_NAME_BYTES], int os_pid, uint32_t slot,
                     uint32_t generation)
{
    if (slot)
        snprintf(ret_name, TRI_CGROUP_NAME_BYTES, PREFIX "%d.%u.%u", os_pid, slot, generation);
    else
        snprintf(ret_name, TRI_CGROUP_NAME_BYTES, PREFIX "%d", os_pid);
}

int tri_cgroup_open(struct tri_cgroup *ret_cgroup, const char *name,
                    const struct tr_resource_limits *limits)
{
    struct tri_cgroup cgroup = TRI_CGROUP_NONE;
    char above[TRI_CGROUP_PATH_BYTES - TRI_CGROUP_NAME_BYTES];
    int r = tri_cgroup_find(above, sizeof above, &cgroup.has_memory, &cgroup.has_pids);
    if (r)
        return r;
    TRI_AUTO(tri_fd_close) int fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    cgroup.has_memory = limits->memory_bytes && cgroup.has_memory && enable(fd, "memory");
    cgroup.has_pids = limits->processes && cgroup.has_pids && enable(fd, "pids");
    snprintf(cgroup.path, sizeof cgroup.path, "%s/%s", above, name);
    r = make(fd, name);
    if (r)
        return r;
    cgroup.fd = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cgroup.fd < 0) {
        r = -errno;
        unlinkat(fd, name, AT_REMOVEDIR);
        return r;
    }
    set_limits(&cgroup, limits);
    *ret_cgroup = cgroup;
    return 0;
}

/* ---------------------------------------------------------------- using */

int tri_cgroup_enter(int fd) { return write_at(fd, "cgroup.procs", "0"); }

/* The number behind a word at the beginning of a line; 0 when it is not there. */
static uint64_t count_of(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, word, length) == 0 && line[length] == ' ')
            return strtoull(line + length, NULL, 10);
    }
    return 0;
}

/* A group of ours has no parts, so the events below it are its own. Who meets a limit is told of it in the group whose limit
 * that is, and in those above: so a group that knows of kills, and of no limit that was met, has suffered from another's. */
uint64_t tri_cgroup_oom_kills(const char *path, bool *ret_is_of_limit)
{
    char file[TRI_CGROUP_PATH_BYTES + 32], text[512];
    snprintf(file, sizeof file, "%s/memory.events", path);
    tri_fd_read_text(AT_FDCWD, file, text, sizeof text);
    *ret_is_of_limit = count_of(text, "oom") > 0;
    return count_of(text, "oom_kill");
}

void tri_cgroup_kill(const struct tri_cgroup *cgroup)
{
    if (cgroup->fd >= 0)
        write_at(cgroup->fd, "cgroup.kill", "1");
}

int tri_cgroup_end(const char *path)
{
    char file[TRI_CGROUP_PATH_BYTES + 32];
    if (rmdir(path) == 0)
        return 0;
    if (errno != EBUSY)
        return -errno;
    snprintf(file, sizeof file, "%s/cgroup.kill", path);
    write_at(AT_FDCWD, file, "1");
    return -EBUSY;
}

void tri_cgroup_close(struct tri_cgroup *cgroup)
{
    if (cgroup->fd < 0)
        return;
    tri_fd_close(&cgroup->fd);
    for (int ms = 0; rmdir(cgroup->path) < 0 && errno == EBUSY && ms < PATIENCE_MS; ms++)
        poll(NULL, 0, 1);
}
