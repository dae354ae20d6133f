/* The kernel's processes: a scan of /proc for descendants (no child list is kept by every kernel), then pidfds, so that
 * a signal never reaches a stranger who got the os_pid meanwhile. */
#include "base/osproc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"

/* PF_EXITING in field 9 of /proc/PID/stat (proc(5) leaves the bits to the kernel's sched.h). */
#define FLAG_EXITING 0x4u

struct osproc {
    int os_pid, parent;
    uint64_t start_ticks;
    char state;
    bool is_exiting, is_ours;
};

/* Reads /proc/<os_pid>/stat. The command's name is skipped from the right, for it may hold anything. */
static bool read_stat(int os_pid, struct osproc *ret)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", os_pid);
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n =
        read(fd, text, sizeof text - 1); /* whole at once: the kernel prints it anew each time */
    if (n <= 0)
        return false;
    text[n] = '\0';
    const char *after_name = strrchr(text, ')');
    unsigned long long start = 0;
    char state;
    int parent;
    unsigned flags;
    if (!after_name ||
        sscanf(after_name + 1,
               " %c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &state, &parent, &flags, &start) != 4)
        return false;
    *ret = (struct osproc){os_pid, parent, start, state, flags & FLAG_EXITING, false};
    return true;
}

uint64_t tri_osproc_start_ticks(int os_pid)
{
    struct osproc process;
    return read_stat(os_pid, &process) ? process.start_ticks : 0;
}

bool tri_osproc_is_exiting(int os_pid)
{
    struct osproc process;
    return !read_stat(os_pid, &process) || process.is_exiting;
}

static struct osproc *read_all(size_t *ret_count)
{
    struct osproc *all = NULL;
    size_t count = 0, capacity = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        int os_pid = atoi(entry->d_name);
        if (count == capacity) {
            capacity = capacity ? 2 * capacity : 256;
            struct osproc *more = realloc(all, capacity * sizeof *all);
            if (!more)
                break;
            all = more;
        }
        if (os_pid > 0 && read_stat(os_pid, &all[count]))
            count++;
    }
    if (proc)
        closedir(proc);
    *ret_count = count;
    return all;
}

static int by_os_pid(const void *a, const void *b)
{
    const struct osproc *left = a, *right = b;
    return (left->os_pid > right->os_pid) - (left->os_pid < right->os_pid);
}

/* Marks the descendants of self among processes sorted by os_pid: repeats until a pass marks no more. */
static void mark_descendants(struct osproc *all, size_t count, int self, uint64_t since_ticks)
{
    bool has_changed = true;
    while (has_changed) {
        has_changed = false;
        for (size_t i = 0; i < count; i++) {
            struct osproc *each = &all[i];
            if (each->is_ours || each->start_ticks < since_ticks || each->os_pid == self)
                continue;
            struct osproc key = {.os_pid = each->parent};
            const struct osproc *parent = bsearch(&key, all, count, sizeof *all, by_os_pid);
            if (each->parent == self || (parent && parent->is_ours))
                each->is_ours = has_changed = true;
        }
    }
}

static void kill_exactly(const struct osproc *victim)
{
    struct osproc now;
    TRI_AUTO(tri_fd_close) int fd = pidfd_open(victim->os_pid, 0);
    if (fd >= 0 && read_stat(victim->os_pid, &now) && now.start_ticks == victim->start_ticks)
        pidfd_send_signal(fd, SIGKILL, NULL, 0);
}

static void reap_all(void)
{
    siginfo_t info;
    do {
        info.si_pid = 0;
    } while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0);
}

/* One pass. Returns how many descendants it saw alive. */
static int sweep_once(uint64_t since_ticks)
{
    size_t count = 0;
    int alive = 0;
    struct osproc *all = read_all(&count);
    if (!all)
        return 0;
    qsort(all, count, sizeof *all, by_os_pid);
    mark_descendants(all, count, getpid(), since_ticks);
    for (size_t i = 0; i < count; i++) {
        if (!all[i].is_ours || all[i].state == 'Z')
            continue;
        alive++;
        kill_exactly(&all[i]);
    }
    free(all);
    return alive;
}

int tri_osproc_sweep(uint64_t since_ticks, int timeout_ms)
{
    uint64_t deadline = tri_deadline_ns(timeout_ms);
    int alive = 0, clean_passes = 0;
    /* One clean pass may have missed a child that was born behind the scan; a second one sees it. */
    while (clean_passes < 2 && tri_clock_ns() < deadline) {
        alive = sweep_once(since_ticks);
        reap_all();
        clean_passes = alive == 0 ? clean_passes + 1 : 0;
        if (alive > 0)
            usleep(1000);
    }
    return alive;
}
