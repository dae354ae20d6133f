/* Limits and sandbox: how much an actor or a program may use, and what it may touch. Part of the options of a spawn
 * (process.h), of a child (supervisor.h) and of a program (program.h), each of which has these beside each other:
 *
 *     const struct tr_resource_limits *limits;        NULL: none but those of whoever started the node
 *     unsigned sandbox;                      TR_SANDBOX_NONE …
 *     const char *const *readable;           paths; the last is NULL. See below
 *     const char *const *writable;
 *     bool is_strict;                        refuses what cannot be enforced here, rather than to say so and go on
 *
 *     const struct tr_resource_limits limits = {.memory_bytes = 256 << 20, .cpu_s = 10};
 *     const struct tr_spawn_options options = {.limits = &limits, .sandbox = TR_SANDBOX_LIGHT};
 *
 * They hold from before the mailbox is there, and for all processes that it forks; nobody can shake them off. What
 * breaks one is told in the reason of its death: {limit, memory, Info}, {limit, cpu, Info}, {limit, file_size, Info},
 * {denied, Syscall}. The other limits make a call fail, as the system says it: EMFILE, EAGAIN, EACCES.
 *
 * Where control groups may be made (cgroups(7), version 2: below the one that TROUPE_CGROUP names, or below the node's own when
 * it is delegated), an actor or a program with a limit of memory or processes is in one of its own, whose bounds hold for
 * all that it has started; and all of that ends with it.
 *
 * Whether a limit can be enforced depends on the machine, and on who runs the node: `troupe doctor` tells. What cannot be is
 * said in the log when the actor starts, and shown by `troupe info`; with is_strict the spawn fails, with the reason
 * {unsupported, What}.
 */
#ifndef TROUPE_LIMITS_H
#define TROUPE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/* 0: no limit. */
struct tr_resource_limits {
    /* Of an actor: what it may allocate, its program's data and stacks of threads included (RLIMIT_DATA, setrlimit(2)):
     * an allocation beyond fails, and who dies of that has died of the limit; in a control group also, with some room for
     * what the system holds, all of its processes' memory together, what they share included. Of a program: what it and
     * all that it has started hold in memory at once, what they share counted once; beyond, all of them are killed. */
    uint64_t memory_bytes;
    /* Seconds of computing, beyond which SIGXCPU ends it; a second later SIGKILL ends who ignores that, and the reason is the
     * same (RLIMIT_CPU). */
    uint64_t cpu_s;
    /* The longest file that it can write. Longer ends it (RLIMIT_FSIZE). A message of more than some 60 KiB travels as a
     * file. */
    uint64_t file_bytes;
    uint32_t open_files; /* of which an actor needs some twenty itself (RLIMIT_NOFILE) */
    /* Processes and threads at once; of an actor: beside its own three threads. It is counted in a user namespace of its
     * own (RLIMIT_NPROC, user_namespaces(7)), which is not done for root, and by its control group. Those of a program of root's are counted by
     * whoever looks at its memory: beyond, all are killed. */
    uint32_t processes;
    bool sets_core, sets_nice, sets_umask; /* else the next three mean nothing */
    uint64_t core_bytes;                   /* the longest core file (RLIMIT_CORE) */
    int nice;                              /* -20 to 19 (setpriority(2)); less needs a right */
    /* What a new file's mode lacks (umask(2)); of its owner's nothing: at most 0077. */
    unsigned umask;
};

/* What a process may touch. What is not listed as refused is allowed.
 *
 * Light: it gains no rights by executing anything (no_new_privs). It may read all files, and write none, but what it was
 * given (Landlock, landlock(7)): its directory when it was given one, /dev/null and the like, what lies under a path in
 * `writable`; nor does it empty others (truncate(2)), where the system is Linux 6.2 or later. With `readable` it may not
 * read and execute all files either, but those, the system's libraries, /proc, and what it may write. It reaches no process outside with a signal, where the system is Linux 6.12 or later. A call that no
 * worker needs ends it, with the reason {denied, Syscall} (seccomp(2)): mount, ptrace, process_vm_readv, kexec_load, bpf,
 * init_module, reboot, swapon, keyctl, perf_event_open, userfaultfd, setns, unshare, io_uring_setup, open_by_handle_at and
 * their like, new namespaces by clone, sockets of other kinds than unix, IP and netlink, and characters typed into a
 * terminal (TIOCSTI). Sockets of the IP family are allowed. Modes, owners, times and attributes of files are no matter of
 * Landlock's: in each sandbox it changes those of its user's files wherever they lie, as far as that user may.
 *
 * Full: also in user, mount, network and ipc namespaces of its own, without capabilities. It has no network: a socket of the IP
 * family ends it with {denied, socket}. A program is also in a pid namespace of its own, where it sees none but itself and
 * what it starts. An actor is not, because the node is its parent and the first of a pid namespace is deaf to signals: a
 * signal to another ends it, with {denied, kill} or what the call's name is. */
enum tr_sandbox { TR_SANDBOX_NONE = 0, TR_SANDBOX_LIGHT, TR_SANDBOX_FULL };

#endif
