/* The doctor's look at the limits of this process, which a node that is started from here inherits (setrlimit(2)). */
#include "doctor.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/osproc.h"
#include "wire/box.h"
#include "wire/table.h"

/* Bits of CapEff in /proc/self/status, as capabilities(7) numbers them. */
#define CAP_SYS_ADMIN_BIT 21
#define CAP_SYS_RESOURCE_BIT 24

/* The first number of a line in /proc/PID/status. */
static uint64_t field(const char *status, const char *key, int base)
{
    const char *at = strstr(status, key);
    return at ? strtoull(at + strlen(key), NULL, base) : 0;
}

/* RLIMIT_NPROC does not bind whoever has one of these capabilities. */
static bool is_bound(void)
{
    char status[4096];
    if (!tri_osproc_read(getpid(), "status", status, sizeof status))
        return true;
    uint64_t held = field(status, "\nCapEff:", 16);
    return !(held & (1ull << CAP_SYS_ADMIN_BIT | 1ull << CAP_SYS_RESOURCE_BIT));
}

/* How many threads this user has now. */
static uint64_t count_own_threads(void)
{
    char status[4096];
    uint64_t count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));)
        if (tri_osproc_read(atoi(entry->d_name), "status", status, sizeof status) &&
            field(status, "\nUid:", 10) == getuid())
            count += field(status, "\nThreads:", 10);
    if (proc)
        closedir(proc);
    return count;
}

static uint64_t as_number(rlim_t limit)
{
    return limit == RLIM_INFINITY ? NO_LIMIT : (uint64_t)limit;
}

static void look_at_processes(struct doctor *doctor)
{
    struct rlimit limit;
    bool is_known = getrlimit(RLIMIT_NPROC, &limit) == 0;
    uint64_t there = is_known && is_bound() ? as_number(limit.rlim_cur) : NO_LIMIT;
    struct finding *finding = doctor_find_threads(doctor, "RLIMIT_NPROC", is_known ? &there : NULL,
                                                  count_own_threads() + NODE_THREADS);
    unsigned long long needed = finding->needed;
    if (as_number(limit.rlim_max) >= needed)
        doctor_remedy(finding, "ulimit -S -u %llu", needed);
    else
        doctor_remedy(finding, "%sprlimit --pid $$ --nproc=%llu:%llu", doctor->sudo, needed,
                      needed);
}

/* The node raises its soft limit to the hard one by itself. */
static void look_at_descriptors(struct doctor *doctor)
{
    struct rlimit limit;
    uint64_t most = 0;
    bool is_known = getrlimit(RLIMIT_NOFILE, &limit) == 0;
    uint64_t needed = NODE_DESCRIPTORS + doctor->actors * NODE_DESCRIPTORS_PER_ACTOR;
    uint64_t there = is_known ? as_number(limit.rlim_max) : 0;
    struct finding *finding = doctor_find(doctor, "RLIMIT_NOFILE (hard)", "descriptors",
                                          is_known ? &there : NULL, needed);
    if (doctor_read("/proc/sys/fs/nr_open", &most) && needed > most)
        doctor_remedy(finding, "%ssysctl -w fs.nr_open=%llu && %sprlimit --pid $$ --nofile=:%llu",
                      doctor->sudo, (unsigned long long)needed, doctor->sudo,
                      (unsigned long long)needed);
    else
        doctor_remedy(finding, "%sprlimit --pid $$ --nofile=:%llu", doctor->sudo,
                      (unsigned long long)needed);
}

/* The file of flight recorders is as long as all slots, though hardly any of it takes memory. */
static void look_at_file_size(struct doctor *doctor)
{
    struct rlimit limit;
    uint64_t slots = doctor->actors + 2 < TRI_DEFAULT_SLOTS ? TRI_DEFAULT_SLOTS
                     : doctor->actors + 2 < TRI_MAX_SLOTS   ? doctor->actors + 2
                                                            : TRI_MAX_SLOTS;
    bool is_known = getrlimit(RLIMIT_FSIZE, &limit) == 0;
    uint64_t needed = slots * tri_box_window_bytes((uint32_t)slots);
    uint64_t there = is_known ? as_number(limit.rlim_cur) : 0;
    struct finding *finding =
        doctor_find(doctor, "RLIMIT_FSIZE", "bytes", is_known ? &there : NULL, needed);
    if (as_number(limit.rlim_max) >= needed)
        doctor_remedy(finding, "ulimit -S -f %s",
                      limit.rlim_max == RLIM_INFINITY ? "unlimited" : "hard");
    else
        doctor_remedy(finding, "%sprlimit --pid $$ --fsize=unlimited:unlimited", doctor->sudo);
}

void doctor_look_at_process(struct doctor *doctor)
{
    look_at_processes(doctor);
    look_at_descriptors(doctor);
    look_at_file_size(doctor);
}
