/* Filter: libseccomp knows the numbers of calls and how to compare their arguments; it is loaded where a filter is wished for
 * and nowhere else. The one filter of a process's own: that it may signal itself needs its os_pid, which is not known when the
 * filter is built. So a number stands in its place that is nobody's, and is replaced when the filter is entered. */
#include "process/sandbox_seccomp.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/library.h"
#include "wire/denied.h"

/* Larger than any os_pid, and than the number of any call or command that is compared. */
#define SELF_PLACE 0x5e1f5e1fu

_Static_assert(sizeof(struct sock_filter) == TRI_FILTER_INSTRUCTION_BYTES, "as the kernel has it");

/* What is used of libseccomp, by its own declarations. */
struct libseccomp {
    __typeof__(&seccomp_init) init;
    __typeof__(&seccomp_release) release;
    __typeof__(&seccomp_attr_set) attr_set;
    __typeof__(&seccomp_rule_add_array) rule_add_array;
    __typeof__(&seccomp_export_bpf) export_bpf;
};

static bool load(struct libseccomp *seccomp)
{
    void *library = dlopen("libseccomp.so.2", RTLD_NOW | RTLD_LOCAL);
    return tri_library_find(library, "seccomp_init", &seccomp->init) &&
           tri_library_find(library, "seccomp_release", &seccomp->release) &&
           tri_library_find(library, "seccomp_attr_set", &seccomp->attr_set) &&
           tri_library_find(library, "seccomp_rule_add_array", &seccomp->rule_add_array) &&
           tri_library_find(library, "seccomp_export_bpf", &seccomp->export_bpf);
}

/* ---------------------------------------------------------------- the rules */

struct build {
    const struct libseccomp *seccomp;
    scmp_filter_ctx filter;
    uint32_t action;
    int fault; /* the first one */
};

static void note(struct build *build, int r)
{
    if (build->fault == 0 && r < 0)
        build->fault = r;
}

static void deny(struct build *build, int call)
{
    note(build, build->seccomp->rule_add_array(build->filter, build->action, call, 0, NULL));
}

/* Denies a call by one of its arguments. */
static void deny_by(struct build *build, int call, struct scmp_arg_cmp compare)
{
    note(build, build->seccomp->rule_add_array(build->filter, build->action, call, 1, &compare));
}

/* The kernel looks at the lower half only of an argument that is an int. */
#define OF_AN_INT 0xffffffffu

static void deny_when(struct build *build, int call, unsigned argument, uint64_t mask,
                      uint64_t value)
{
    deny_by(build, call, (struct scmp_arg_cmp){argument, SCMP_CMP_MASKED_EQ, mask, value});
}

/* glibc goes back to clone, whose flags can be seen, when the system does not know clone3. */
static void deny_namespaces(struct build *build)
{
    static const uint64_t flags[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                     CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(flags); i++)
        deny_when(build, SYS_clone, 0, flags[i], flags[i]);
    note(build, build->seccomp->rule_add_array(build->filter, SCMP_ACT_ERRNO(ENOSYS), SYS_clone3, 0,
                                               NULL));
}

/* All kinds of sockets but those of applications; a full sandbox has no network. */
static void deny_sockets(struct build *build, bool has_network)
{
    for (unsigned family = 0; family < AF_MAX; family++) {
        bool is_fine = family == AF_UNIX || family == AF_NETLINK ||
                       (has_network && (family == AF_INET || family == AF_INET6));
        if (!is_fine)
            deny_when(build, SYS_socket, 0, OF_AN_INT, family);
    }
    deny_by(build, SYS_socket, (struct scmp_arg_cmp){0, SCMP_CMP_GE, AF_MAX, 0});
}

/* Characters typed into a terminal, as if by its user. */
static void deny_typing(struct build *build)
{
    deny_when(build, SYS_ioctl, 1, OF_AN_INT, TIOCSTI);
    deny_when(build, SYS_ioctl, 1, OF_AN_INT, TIOCLINUX);
}

/* What an actor does to others: of the signals that are to itself, its runtime and abort(3) send some. */
static void deny_signals(struct build *build)
{
    static const int calls[] = {SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo};
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(calls); i++)
        deny_by(build, calls[i], (struct scmp_arg_cmp){0, SCMP_CMP_NE, SELF_PLACE, 0});
    deny(build, SYS_tkill);
    deny(build, SYS_pidfd_send_signal);
}

static void add_rules(struct build *build, enum tr_sandbox level, enum tri_filter_of whose)
{
    size_t count;
    const struct tri_denied *denied = tri_denied_all(&count);
    for (size_t i = 0; i < count; i++)
        if (denied[i].when == TRI_DENIED_ALWAYS)
            deny(build, denied[i].number);
    deny_namespaces(build);
    deny_sockets(build, level != TR_SANDBOX_FULL);
    deny_typing(build);
    if (level == TR_SANDBOX_FULL && whose == TRI_FILTER_OF_ACTOR)
        deny_signals(build);
}

/* ---------------------------------------------------------------- building */

/* libseccomp writes to a descriptor. */
static int export(const struct build *build, struct tri_filter *ret_filter)
{
    TRI_AUTO(tri_fd_close) int fd = memfd_create("troupe-filter", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = build->seccomp->export_bpf(build->filter, fd);
    off_t size = r < 0 ? 0 : lseek(fd, 0, SEEK_END);
    if (r < 0)
        return r;
    void *code = size > 0 ? malloc((size_t)size) : NULL;
    if (!code || tri_fd_read_at(fd, code, (size_t)size, 0) != size) {
        free(code);
        return -ENOMEM;
    }
    *ret_filter = (struct tri_filter){code, (size_t)size};
    return 0;
}

int tri_filter_build(enum tr_sandbox level, enum tri_filter_of whose, struct tri_filter *ret_filter)
{
    struct libseccomp seccomp;
    uint32_t kernels = whose == TRI_FILTER_OF_ACTOR ? SECCOMP_RET_TRAP : SECCOMP_RET_USER_NOTIF;
    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &kernels) < 0 || !load(&seccomp))
        return -ENOSYS;
    struct build build = {.seccomp = &seccomp,
                          .filter = seccomp.init(SCMP_ACT_ALLOW),
                          .action = whose == TRI_FILTER_OF_ACTOR ? SCMP_ACT_TRAP : SCMP_ACT_NOTIFY};
    if (!build.filter)
        return -ENOMEM;
    note(&build, seccomp.attr_set(build.filter, SCMP_FLTATR_ACT_BADARCH, build.action));
    add_rules(&build, level, whose);
    int r = build.fault ? build.fault : export(&build, ret_filter);
    seccomp.release(build.filter);
    return r;
}

void tri_filter_deinit(struct tri_filter *filter)
{
    free(filter->code);
    *filter = (struct tri_filter){0};
}

const struct tri_filter *tri_filter_of_actor(enum tr_sandbox level)
{
    static struct tri_filter filters[TR_SANDBOX_FULL + 1];
    struct tri_filter *filter = &filters[level];
    if (!filter->code)
        tri_filter_build(level, TRI_FILTER_OF_ACTOR, filter);
    return filter->code ? filter : NULL;
}

bool tri_filter_is_proper(const void *code, size_t size_bytes)
{
    return code && size_bytes > 0 && size_bytes % TRI_FILTER_INSTRUCTION_BYTES == 0 &&
           size_bytes / TRI_FILTER_INSTRUCTION_BYTES <= TRI_FILTER_INSTRUCTIONS;
}

/* ---------------------------------------------------------------- entering */

static long enter(const void *code, size_t size_bytes, unsigned flags)
{
    struct sock_filter copy[TRI_FILTER_INSTRUCTIONS];
    if (!tri_filter_is_proper(code, size_bytes))
        return -EINVAL;
    size_t count = size_bytes / sizeof copy[0];
    memcpy(copy, code, size_bytes);
    for (size_t i = 0; i < count; i++)
        if (BPF_CLASS(copy[i].code) == BPF_JMP && copy[i].k == SELF_PLACE)
            copy[i].k = (uint32_t)getpid();
    const struct sock_fprog program = {(unsigned short)count, copy};
    long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return r < 0 ? -errno : r;
}

int tri_filter_enter(const void *code, size_t size_bytes)
{
    return (int)enter(code, size_bytes, 0);
}

int tri_filter_enter_watched(const void *code, size_t size_bytes)
{
    return (int)enter(code, size_bytes, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

int tri_filter_hear(int listener_fd)
{
    /* the kernel's struct may be longer than the one that this was compiled with */
    union {
        struct seccomp_notif notification;
        char room[1024];
    } heard;
    memset(&heard, 0, sizeof heard);
    if (ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &heard) < 0)
        return errno == EINTR || errno == ENOENT ? -EAGAIN : -errno;
    return heard.notification.data.nr;
}
