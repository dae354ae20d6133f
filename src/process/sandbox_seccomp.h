/* Filter: which system calls a sandboxed process makes no more (seccomp(2)). Built by libseccomp in whoever wishes for the
 * process, because that allocates and loads a library; put into effect by the process itself, for which it is bytes.
 *
 * A refused call never returns. In an actor it becomes SIGSYS, which tells which call it was (process/crash.c); of a program
 * the keeper is told (seccomp_unotify(2)), and ends it. */
#ifndef TRI_PROCESS_SANDBOX_SECCOMP_H
#define TRI_PROCESS_SANDBOX_SECCOMP_H

#include <stddef.h>
#include <stdint.h>

#include "troupe/limits.h"

enum tri_filter_of { TRI_FILTER_OF_ACTOR, TRI_FILTER_OF_PROGRAM };

/* The most instructions; the kernel would take 4096. */
#define TRI_FILTER_INSTRUCTIONS 512
#define TRI_FILTER_INSTRUCTION_BYTES 8

/* A program of the kernel's filter machine. */
struct tri_filter {
    void *code; /* owned */
    size_t size_bytes;
};

/* Builds the filter of a level that is not none.
 * 0; -ENOSYS: libseccomp is not installed, or the kernel has no filters; -ENOMEM. */
int tri_filter_build(enum tr_sandbox level, enum tri_filter_of whose,
                     struct tri_filter *ret_filter);
void tri_filter_deinit(struct tri_filter *filter);

/* The filter of an actor, built once in this process and kept. NULL: there is none to be had. */
const struct tri_filter *tri_filter_of_actor(enum tr_sandbox level);

/* Could these bytes be a filter? */
bool tri_filter_is_proper(const void *code, size_t size_bytes);

/* Puts a filter into effect, of an actor and for good: no_new_privs must have been set. Async-signal-safe. 0 or a negative
 * errno. */
int tri_filter_enter(const void *code, size_t size_bytes);
/* The same of a program: the descriptor from which is heard what it was refused, or a negative errno. */
int tri_filter_enter_watched(const void *code, size_t size_bytes);

/* In the keeper: the number of the call that waits at the descriptor, or -EAGAIN when there is none after all. The caller
 * is left to wait until it is killed. Does not block when the descriptor is readable. */
int tri_filter_hear(int listener_fd);

#endif
