/* The doctor's look at the kernel: what is shared by all users of the machine. */
#include "doctor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "wire/control.h"
#include "wire/table.h"

/* The most that the kernel takes for kernel.pid_max. */
#define MOST_PIDS 4194304
/* os_pids below this are not given again once the numbers have come around. */
#define RESERVED_PIDS 300

/* The number that sysctl(8) shows under a name. */
static bool read_sysctl(const char *name, uint64_t *ret_number)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/sys/%s", name);
    for (char *at = path; *at; at++)
        *at = *at == '.' ? '/' : *at;
    return doctor_read(path, ret_number);
}

static void remedy_by_sysctl(struct doctor *doctor, struct finding *finding, uint64_t most)
{
    if (finding->needed <= most)
        doctor_remedy(finding, "%ssysctl -w %s=%llu", doctor->sudo, finding->limit,
                      (unsigned long long)finding->needed);
    else
        doctor_remedy(finding, "the kernel allows %llu at most: take fewer actors",
                      (unsigned long long)most);
}

/* A limit that sysctl(8) raises, to INT32_MAX at most. */
static void look_at_sysctl(struct doctor *doctor, const char *name, const char *unit,
                           uint64_t needed)
{
    uint64_t there;
    bool is_known = read_sysctl(name, &there);
    remedy_by_sysctl(doctor, doctor_find(doctor, name, unit, is_known ? &there : NULL, needed),
                     INT32_MAX);
}

/* How many threads there are now, of all users and of the kernel: the number behind the slash in /proc/loadavg. */
static uint64_t count_threads(void)
{
    char text[128];
    tri_fd_read_text(AT_FDCWD, "/proc/loadavg", text, sizeof text);
    const char *slash = strchr(text, '/');
    return slash ? strtoull(slash + 1, NULL, 10) : 0;
}

/* A number of KiB in /proc/meminfo. */
static bool read_memory(const char *key, uint64_t *ret_bytes)
{
    char text[4096];
    tri_fd_read_text(AT_FDCWD, "/proc/meminfo", text, sizeof text);
    const char *at = strstr(text, key);
    if (!at)
        return false;
    *ret_bytes = strtoull(at + strlen(key), NULL, 10) * 1024;
    return true;
}

static void look_at_memory(struct doctor *doctor)
{
    uint64_t there;
    bool is_known = read_memory("MemAvailable:", &there);
    struct finding *finding =
        doctor_find(doctor, "memory available", "bytes", is_known ? &there : NULL,
                    doctor->actors * MEMORY_BYTES_PER_ACTOR);
    if (is_known)
        doctor_remedy(finding, "add memory: what there is suffices for %llu actors",
                      (unsigned long long)(there / MEMORY_BYTES_PER_ACTOR));
}

static void look_at_slots(struct doctor *doctor)
{
    uint64_t there = TRI_DEFAULT_SLOTS, needed = doctor->actors + 2;
    struct finding *finding = doctor_find(doctor, "slots of a node", "actors", &there, needed);
    if (needed <= TRI_MAX_SLOTS)
        doctor_remedy(finding, "troupe run --slots %llu BINARY", (unsigned long long)needed);
    else
        doctor_remedy(finding, "a node has %u at most: take several nodes", TRI_MAX_SLOTS);
}

static void look_at_threads(struct doctor *doctor)
{
    uint64_t there, others = count_threads() + NODE_THREADS;
    bool is_known = read_sysctl("kernel.pid_max", &there);
    remedy_by_sysctl(doctor,
                     doctor_find_threads(doctor, "kernel.pid_max", is_known ? &there : NULL,
                                         others + RESERVED_PIDS),
                     MOST_PIDS);
    is_known = read_sysctl("kernel.threads-max", &there);
    remedy_by_sysctl(
        doctor, doctor_find_threads(doctor, "kernel.threads-max", is_known ? &there : NULL, others),
        INT32_MAX);
}

void doctor_look_at_kernel(struct doctor *doctor)
{
    uint64_t actors = doctor->actors, files = 0;
    look_at_threads(doctor);
    doctor_read("/proc/sys/fs/file-nr", &files);
    look_at_sysctl(doctor, "fs.file-max", "files", files + NODE_FILES + actors * FILES_PER_ACTOR);
    look_at_sysctl(doctor, "fs.epoll.max_user_watches", "watches",
                   actors * EPOLL_WATCHES_PER_ACTOR);
    look_at_sysctl(doctor, "vm.max_map_count", "mappings", MAPS_OF_AN_ACTOR);
    /* A control packet must fit into half of a socket's buffer, which is twice what is asked for. */
    look_at_sysctl(doctor, "net.core.wmem_max", "bytes", TRI_PACKET_BUFFER_BYTES + 4096);
    look_at_memory(doctor);
    look_at_slots(doctor);
}
