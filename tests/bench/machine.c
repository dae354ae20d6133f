/* The machine: what it is, how much memory it has left, which of its CPUs a contestant runs on. */
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "troupe.h"
#include "wire/rundir.h"

int complain(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    return -1;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *figures, size_t count)
{
    qsort(figures, count, sizeof *figures, compare);
    return count % 2 ? figures[count / 2] : (figures[count / 2 - 1] + figures[count / 2]) / 2;
}

double percentile(double *figures, size_t count, int percent)
{
    qsort(figures, count, sizeof *figures, compare);
    return figures[(count * (size_t)percent + 99) / 100 - 1];
}

/* The value behind the first line of a file that begins with a key, in bytes when it says kB; -1 when there is none. */
static double read_kb_line(const char *path, const char *key)
{
    char line[256];
    double kb = -1;
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    while (kb < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            kb = atof(line + strlen(key));
    fclose(file);
    return kb < 0 ? -1 : kb * 1024;
}

double pss_bytes(int os_pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", os_pid);
    return read_kb_line(path, "Pss:");
}

double used_bytes(void)
{
    static const char *const kinds[] = {
        "AnonPages:", "Shmem:", "KernelStack:", "PageTables:", "SUnreclaim:", "Percpu:"};
    double sum = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        double bytes = read_kb_line("/proc/meminfo", kinds[i]);
        if (bytes < 0)
            return -1;
        sum += bytes;
    }
    return sum;
}

void machine_describe(char *buffer, size_t size_bytes)
{
    char line[256], cpu[128] = "unknown CPU", date[32];
    struct utsname system;
    cpu_set_t set;
    time_t now = (time_t)(tri_clock_wall_ns() / TRI_NS_PER_S);
    struct tm when;
    FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "model name : %127[^\n]", cpu) == 1)
            break;
    if (file)
        fclose(file);
    uname(&system);
    sched_getaffinity(0, sizeof set, &set);
    strftime(date, sizeof date, "%F", localtime_r(&now, &when));
    snprintf(buffer, size_bytes, "%s, %d cores, %s %s %s, %s", cpu, CPU_COUNT(&set), system.sysname,
             system.release, system.machine, date);
}

bool rundir_is_tmpfs(char *buffer, size_t size_bytes)
{
    struct tri_rundir dir;
    struct statfs fs;
    char node[TRI_NODE_NAME_BYTES];
    snprintf(node, sizeof node, "%.*s", (int)strcspn(tr_node(), "@"), tr_node());
    if (tri_rundir_name(node, &dir, NULL, 0) != 0 || statfs(dir.path, &fs) < 0)
        return true; /* nothing is known against it */
    snprintf(buffer, size_bytes, "%s", dir.path);
    return fs.f_type == TMPFS_MAGIC;
}

/* ---------------------------------------------------------------- placement */

/* The CPUs that this process was given, before it ever chose among them. */
static const cpu_set_t *given_cpus(void)
{
    static cpu_set_t set;
    static bool is_known;
    if (!is_known)
        sched_getaffinity(0, sizeof set, &set);
    is_known = true;
    return &set;
}

bool has_two_cpus(void) { return CPU_COUNT(given_cpus()) >= 2; }

/* nanomsg's threads too: a side that sits on two CPUs would be measured as neither placement. */
static void place_all_threads(const cpu_set_t *set)
{
    DIR *tasks = opendir("/proc/self/task");
    if (!tasks)
        return;
    for (struct dirent *task; (task = readdir(tasks));)
        if (task->d_name[0] != '.')
            sched_setaffinity(atoi(task->d_name), sizeof *set, set);
    closedir(tasks);
}

void place(enum placement placement, int side)
{
    const cpu_set_t *given = given_cpus();
    cpu_set_t set;
    int wanted = placement == PLACEMENT_TWO_CPUS ? side : 0, seen = 0;
    if (placement == PLACEMENT_FREE || CPU_COUNT(given) < 2) {
        place_all_threads(given);
        return;
    }
    CPU_ZERO(&set);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, given) && seen++ == wanted)
            CPU_SET(cpu, &set);
    place_all_threads(&set);
}
