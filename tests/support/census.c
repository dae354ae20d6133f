/* Census: one pass over /proc, and passes over the result until no descendant is added. */
#include "support/census.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/fixture.h"

/* Reads a file of /proc/<os_pid> whole, as far as the buffer goes. Its length, 0 when it cannot be read. */
static size_t read_proc(pid_t os_pid, const char *file, char *buffer, size_t size_bytes)
{
    char path[64];
    size_t length = 0;
    ssize_t n;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)os_pid, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    while (length + 1 < size_bytes && (n = read(fd, buffer + length, size_bytes - 1 - length)) > 0)
        length += (size_t)n;
    close(fd);
    buffer[length] = '\0';
    return length;
}

static bool is_alive(const struct tri_osproc *process)
{
    return process->state != 'Z' && process->state != 'X';
}

static int by_os_pid(const void *a, const void *b)
{
    const struct tri_osproc *one = a, *other = b;
    return (one->os_pid > other->os_pid) - (one->os_pid < other->os_pid);
}

/* Every process that there is, sorted. */
static struct census take_all(void)
{
    struct census all = {0};
    size_t room = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (struct dirent *entry; (entry = readdir(proc));) {
        pid_t os_pid = atoi(entry->d_name);
        if (all.count == room) {
            room = 2 * room + 256;
            all.at = realloc(all.at, room * sizeof *all.at);
            assert_non_null(all.at);
        }
        if (tri_osproc_look(os_pid, &all.at[all.count]))
            all.count++;
    }
    closedir(proc);
    qsort(all.at, all.count, sizeof *all.at, by_os_pid);
    return all;
}

static size_t place_of(const struct census *all, pid_t os_pid)
{
    const struct tri_osproc key = {.os_pid = os_pid};
    const struct tri_osproc *found = bsearch(&key, all->at, all->count, sizeof *all->at, by_os_pid);
    return found ? (size_t)(found - all->at) : all->count;
}

/* Marks the descendants of this process in all. */
static void mark_descendants(const struct census *all, bool *is_ours)
{
    for (bool has_changed = true; has_changed;) {
        has_changed = false;
        for (size_t i = 0; i < all->count; i++) {
            size_t parent = place_of(all, all->at[i].parent);
            if (is_ours[i] || all->at[i].os_pid == getpid())
                continue;
            is_ours[i] = all->at[i].parent == getpid() || (parent < all->count && is_ours[parent]);
            has_changed |= is_ours[i];
        }
    }
}

void census_take(struct census *census)
{
    struct census all = take_all();
    bool *is_ours = calloc(all.count + 1, sizeof *is_ours);
    assert_non_null(is_ours);
    mark_descendants(&all, is_ours);
    size_t kept = 0;
    for (size_t i = 0; i < all.count; i++)
        if (is_ours[i] && is_alive(&all.at[i]))
            all.at[kept++] = all.at[i];
    all.count = kept;
    free(is_ours);
    *census = all;
}

void census_deinit(struct census *census)
{
    free(census->at);
    *census = (struct census){0};
}

static bool still_lives(const struct tri_osproc *process)
{
    struct tri_osproc now;
    return tri_osproc_look(process->os_pid, &now) && now.start_ticks == process->start_ticks &&
           is_alive(&now);
}

size_t census_living(const struct census *census)
{
    size_t living = 0;
    for (size_t i = 0; i < census->count; i++)
        living += still_lives(&census->at[i]);
    return living;
}

void census_report(const struct census *census)
{
    for (size_t i = 0; i < census->count; i++)
        if (still_lives(&census->at[i]))
            print_error("lives still: process %d %s (was child of %d)\n", census->at[i].os_pid,
                        census->at[i].comm, census->at[i].parent);
}

void census_signal(const struct census *census, int signal)
{
    for (size_t i = 0; i < census->count; i++)
        if (still_lives(&census->at[i]))
            kill(census->at[i].os_pid, signal);
}

pid_t census_child(pid_t parent, const char *comm)
{
    struct census all = take_all();
    pid_t found = 0;
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++)
        if (all.at[i].parent == parent && strcmp(all.at[i].comm, comm) == 0 && ++count)
            found = all.at[i].os_pid;
    census_deinit(&all);
    return count == 1 ? found : 0;
}

size_t census_zombies(void)
{
    struct census all = take_all();
    size_t zombies = 0;
    bool *is_ours = calloc(all.count + 1, sizeof *is_ours);
    assert_non_null(is_ours);
    mark_descendants(&all, is_ours);
    for (size_t i = 0; i < all.count; i++)
        zombies += is_ours[i] && !is_alive(&all.at[i]);
    free(is_ours);
    census_deinit(&all);
    return zombies;
}

size_t census_marked(const char *name_and_value)
{
    static char environment[256 * 1024];
    struct census all = take_all();
    size_t marked = 0;
    for (size_t i = 0; i < all.count; i++) {
        size_t length = read_proc(all.at[i].os_pid, "environ", environment, sizeof environment);
        bool is_marked = false;
        for (size_t at = 0; at < length && !is_marked; at += strlen(environment + at) + 1)
            is_marked = strcmp(environment + at, name_and_value) == 0;
        marked += is_marked && all.at[i].os_pid != getpid();
    }
    census_deinit(&all);
    return marked;
}
