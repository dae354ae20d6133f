/* Sweep: a scan of /proc for descendants (no child list is kept by every kernel), then pidfds, so that a signal never
 * reaches a stranger who got the os_pid meanwhile. */
#include "base/sweep.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/osproc.h"

struct found {
    struct tri_osproc process;
    bool is_ours;
};

/* Who is to go. */
struct aim {
    uint64_t since_ticks;
    const int *spared;
    size_t spared_count;
};

static bool is_spared(const struct aim *aim, int os_pid)
{
    for (size_t i = 0; i < aim->spared_count; i++)
        if (aim->spared[i] == os_pid)
            return true;
    return false;
}

static struct found *read_all(size_t *ret_count)
{
    struct found *all = NULL;
    size_t count = 0, capacity = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        int os_pid = atoi(entry->d_name);
        if (count == capacity) {
            capacity = capacity ? 2 * capacity : 256;
            struct found *more = realloc(all, capacity * sizeof *all);
            if (!more)
                break;
            all = more;
        }
        all[count].is_ours = false;
        if (tri_osproc_look(os_pid, &all[count].process))
            count++;
    }
    if (proc)
        closedir(proc);
    *ret_count = count;
    return all;
}

static int by_os_pid(const void *a, const void *b)
{
    const struct found *left = a, *right = b;
    int left_pid = left->process.os_pid, right_pid = right->process.os_pid;
    return (left_pid > right_pid) - (left_pid < right_pid);
}

/* Marks the descendants of self among processes sorted by os_pid: repeats until a pass marks no more. */
static void mark_descendants(struct found *all, size_t count, int self, const struct aim *aim)
{
    bool has_changed = true;
    while (has_changed) {
        has_changed = false;
        for (size_t i = 0; i < count; i++) {
            const struct tri_osproc *each = &all[i].process;
            if (all[i].is_ours || each->start_ticks < aim->since_ticks || each->os_pid == self ||
                is_spared(aim, each->os_pid))
                continue;
            struct found key = {.process.os_pid = each->parent};
            const struct found *parent = bsearch(&key, all, count, sizeof *all, by_os_pid);
            if (each->parent == self || (parent && parent->is_ours))
                all[i].is_ours = has_changed = true;
        }
    }
}

static void kill_exactly(const struct tri_osproc *victim)
{
    TRI_AUTO(tri_fd_close) int fd = pidfd_open(victim->os_pid, 0);
    if (fd >= 0 && tri_osproc_start_ticks(victim->os_pid) == victim->start_ticks)
        pidfd_send_signal(fd, SIGKILL, NULL, 0);
}

/* One pass. Returns how many descendants it saw alive. */
static int sweep_once(const struct aim *aim)
{
    size_t count = 0;
    int alive = 0;
    struct found *all = read_all(&count);
    if (!all)
        return 0;
    qsort(all, count, sizeof *all, by_os_pid);
    mark_descendants(all, count, getpid(), aim);
    for (size_t i = 0; i < count; i++) {
        if (!all[i].is_ours)
            continue;
        if (all[i].process.state == 'Z') {
            /* When it cannot be reaped, only its first thread is one: others are not quite gone. */
            alive += all[i].process.parent == getpid() &&
                     waitpid(all[i].process.os_pid, NULL, WNOHANG) == 0;
            continue;
        }
        alive++;
        kill_exactly(&all[i].process);
    }
    free(all);
    return alive;
}

static void reap_all(void)
{
    siginfo_t info;
    do {
        info.si_pid = 0;
    } while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0);
}

/* A machine that is busy with the deaths of thousands is slow, and that is no reason to leave the rest of them: who is patient
 * is so from the last that has gone. They can only go so often: there must be fewer than ever. */
static int sweep(const struct aim *aim, int timeout_ms)
{
    uint64_t deadline = 0;
    int alive, fewest = INT_MAX, clean_passes = 0;
    /* One clean pass may have missed a child that was born behind the scan; a second one sees it. */
    do {
        alive = sweep_once(aim);
        if (aim->spared_count == 0)
            reap_all();
        if (alive < fewest) {
            fewest = alive;
            deadline = tri_deadline_ns(timeout_ms);
        }
        clean_passes = alive == 0 ? clean_passes + 1 : 0;
        if (alive > 0)
            usleep(1000);
    } while (clean_passes < 2 && tri_clock_ns() < deadline);
    return alive;
}

int tri_sweep(uint64_t since_ticks, int timeout_ms)
{
    return sweep(&(struct aim){.since_ticks = since_ticks}, timeout_ms);
}

int tri_sweep_others(const int *spared, size_t spared_count, int timeout_ms)
{
    return sweep(&(struct aim){.spared = spared, .spared_count = spared_count}, timeout_ms);
}
