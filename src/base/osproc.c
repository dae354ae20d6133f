/* Osproc: fields are counted from behind the last parenthesis, because a process's name may hold anything. Read with one
 * call, because the kernel prints a file of /proc anew each time; and parsed by hand, because ps looks at thousands. */
#include "base/osproc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"

/* Fields of /proc/PID/stat, as proc(5) numbers them. */
enum {
    FIELD_STATE = 3,
    FIELD_PARENT = 4,
    FIELD_FLAGS = 9,
    FIELD_UTIME = 14,
    FIELD_STIME = 15,
    FIELD_START = 22,
};

/* PF_EXITING among the flags: proc(5) leaves the bits to the kernel's sched.h. */
#define FLAG_EXITING 0x4u

bool tri_osproc_read(int os_pid, const char *file, char *buffer, size_t size_bytes)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", os_pid, file);
    TRI_AUTO(tri_fd_close) int fd = os_pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    ssize_t n = read(fd, buffer, size_bytes - 1);
    if (n <= 0)
        return false;
    buffer[n] = '\0';
    return true;
}

static void take_field(struct tri_osproc *process, int field, const char *text)
{
    uint64_t number = strtoull(text, NULL, 10);
    if (field == FIELD_STATE)
        process->state = text[0];
    else if (field == FIELD_PARENT)
        process->parent = (int)number;
    else if (field == FIELD_FLAGS)
        process->is_exiting = number & FLAG_EXITING;
    else if (field == FIELD_UTIME || field == FIELD_STIME)
        process->cpu_ticks += number;
    else if (field == FIELD_START)
        process->start_ticks = number;
}

bool tri_osproc_look(int os_pid, struct tri_osproc *ret)
{
    char text[1024];
    struct tri_osproc process = {.os_pid = os_pid};
    if (!tri_osproc_read(os_pid, "stat", text, sizeof text))
        return false;
    const char *name = strchr(text, '('), *at = strrchr(text, ')');
    if (!name || !at)
        return false;
    snprintf(process.comm, sizeof process.comm, "%.*s", (int)(at - name - 1), name + 1);
    for (int field = FIELD_STATE; field <= FIELD_START; field++) {
        at = strchr(at, ' ');
        if (!at)
            return false;
        take_field(&process, field, ++at);
    }
    *ret = process;
    return true;
}

uint64_t tri_osproc_start_ticks(int os_pid)
{
    struct tri_osproc process;
    return tri_osproc_look(os_pid, &process) ? process.start_ticks : 0;
}

bool tri_osproc_withstands(int os_pid, int signal)
{
    static const char *const masks[] = {"SigBlk:", "SigIgn:", "SigCgt:"};
    char text[4096];
    uint64_t withstood = 0;
    if (!tri_osproc_read(os_pid, "status", text, sizeof text))
        return false;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(masks); i++) {
        const char *at = strstr(text, masks[i]);
        withstood |= at ? strtoull(at + strlen(masks[i]), NULL, 16) : 0;
    }
    return withstood >> (signal - 1) & 1;
}

bool tri_osproc_turns(int os_pid, uint64_t *ret_ran_ns, uint64_t *ret_waited_ns)
{
    char text[80], *end;
    if (!tri_osproc_read(os_pid, "schedstat", text, sizeof text))
        return false;
    uint64_t ran_ns = strtoull(text, &end, 10);
    *ret_waited_ns = strtoull(end, NULL, 10);
    *ret_ran_ns = ran_ns;
    return true;
}
