/* Limits: a limit is only ever lowered. Where the user's own is lower than what is asked, that one stays, and is stricter. */
#include "process/limits.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wire/death.h"

const char *tri_shortfall_name(unsigned bit)
{
    switch (bit) {
    case TRI_LACKS_MEMORY:
        return "memory";
    case TRI_LACKS_PROCESSES:
        return "processes";
    case TRI_LACKS_NICE:
        return "nice";
    case TRI_LACKS_LANDLOCK:
        return "landlock";
    case TRI_LACKS_SIGNALS:
        return "landlock_signals";
    case TRI_LACKS_TRUNCATION:
        return "landlock_truncation";
    case TRI_LACKS_SECCOMP:
        return "seccomp";
    case TRI_LACKS_NAMESPACES:
        return "namespaces";
    default:
        return "pid_namespace";
    }
}

bool tri_limits_count_processes(const struct tr_resource_limits *limits)
{
    return limits && limits->processes > 0;
}

unsigned tri_limits_enter_privileged(const struct tr_resource_limits *limits)
{
    if (!limits || !limits->sets_nice)
        return 0;
    return setpriority(PRIO_PROCESS, 0, limits->nice) < 0 ? TRI_LACKS_NICE : 0;
}

/* Lowers a limit. */
static void lower(__rlimit_resource_t which, uint64_t soft, uint64_t hard)
{
    struct rlimit limit;
    if (getrlimit(which, &limit) < 0)
        return;
    if (soft < limit.rlim_cur)
        limit.rlim_cur = soft;
    if (hard < limit.rlim_max)
        limit.rlim_max = hard;
    setrlimit(which, &limit);
}

/* More than is allowed softly is allowed as far as the hard limit goes. */
static void set_core(uint64_t bytes)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur < bytes) {
        limit.rlim_cur = limit.rlim_max < bytes ? limit.rlim_max : bytes;
        setrlimit(RLIMIT_CORE, &limit);
    }
    lower(RLIMIT_CORE, bytes, bytes);
}

/* Of a program, whose memory its keeper watches, twice as much is the backstop. */
static void limit_memory(uint64_t bytes, enum tri_limited whose)
{
    if (whose == TRI_LIMITED_PROGRAM && bytes <= UINT64_MAX / 2)
        bytes *= 2;
    lower(RLIMIT_DATA, bytes, bytes);
}

/* The right to raise a hard limit again is given up, so that they are for good. */
static void give_up_raising(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    const uint32_t bit = 1u << CAP_SYS_RESOURCE;
    if (syscall(SYS_capget, &header, data) < 0 || !((data[0].effective | data[0].permitted) & bit))
        return;
    data[0].effective &= ~bit;
    data[0].permitted &= ~bit;
    data[0].inheritable &= ~bit;
    syscall(SYS_capset, &header, data);
}

/* Processes are counted by user, and root's are not. */
static unsigned enter_processes(const struct tr_resource_limits *limits, enum tri_limited whose,
                                bool is_counted_apart, unsigned beside)
{
    if (!tri_limits_count_processes(limits))
        return 0;
    if (!is_counted_apart || getuid() == 0)
        return whose == TRI_LIMITED_ACTOR ? TRI_LACKS_PROCESSES : 0;
    uint64_t count = (uint64_t)limits->processes + beside;
    lower(RLIMIT_NPROC, count, count);
    return 0;
}

unsigned tri_limits_enter(const struct tr_resource_limits *limits, enum tri_limited whose,
                          bool is_counted_apart, unsigned beside)
{
    if (!limits)
        return 0;
    if (limits->memory_bytes)
        limit_memory(limits->memory_bytes, whose);
    if (limits->cpu_s)
        lower(RLIMIT_CPU, limits->cpu_s, limits->cpu_s + TRI_CPU_GRACE_S);
    if (limits->file_bytes)
        lower(RLIMIT_FSIZE, limits->file_bytes, limits->file_bytes);
    if (limits->open_files)
        lower(RLIMIT_NOFILE, limits->open_files, limits->open_files);
    if (limits->sets_core)
        set_core(limits->core_bytes);
    if (limits->sets_umask)
        umask((mode_t)limits->umask);
    unsigned lacks = enter_processes(limits, whose, is_counted_apart, beside);
    give_up_raising();
    return lacks;
}
