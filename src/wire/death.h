/* Death: what the kernel's word about an ended child is as a term (SEMANTICS 8). The node says it of actors, an actor of
 * the program that it runs. Pure. */
#ifndef TRI_WIRE_DEATH_H
#define TRI_WIRE_DEATH_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"

struct tri_crash;

/* Appends normal, {exit_status, N}, {signal, Name, Info} or {limit, cpu, Info}. code and status as in waitid's siginfo. */
void tri_death_put(struct tr_out *out, int code, int status);

/* What is known of an end. */
struct tri_end {
    int code, status;              /* as in waitid's siginfo */
    const struct tri_crash *crash; /* what the process told itself, or NULL */
    bool by_oom_killer;            /* the kernel had no memory left, and chose it */
    uint64_t group_limit_bytes;    /* … left within this limit of its control group; 0: another */
};

/* Appends the same, and what the crash adds: Info with code, address, sender, sender_uid and thread, as far as they are
 * known, or another reason: {denied, Syscall}, {limit, file_size, Info}, {limit, memory, Info}. A crash that does not fit the
 * end is passed over. */
void tri_death_put_end(struct tr_out *out, const struct tri_end *end);

/* So long after the limit of CPU time has told a process to end with SIGXCPU, it is killed. */
#define TRI_CPU_GRACE_S 1

/* A process that does not die of SIGXCPU was killed with SIGKILL, and had used so many ticks of its own, as /proc tells: was
 * that the limit? The kernel counts whole ticks for its limits, and more exactly for /proc: on a busy machine a fifth less. */
bool tri_death_is_of_cpu(uint64_t used_ticks, uint64_t limit_s);

/* Appends a reason with more in its Info, the map that is its last element: where it was and the name of its report, each NULL
 * when it is not known. One that has no such map, or names a report already, is appended as it is. */
void tri_death_put_known(struct tr_out *out, tr_term reason, const char *at, const char *report);

/* Has this reason an Info that names no report yet? */
bool tri_death_has_info(tr_term reason);

/* Is there something in this end of which an inquest finds out where it was: an Info, and frames? */
bool tri_death_has_place(const struct tri_end *end);

/* Appends {hang, #{ms => …}}. */
void tri_death_put_hang(struct tr_out *out, uint64_t ms);

/* Appends the atom of an errno: enoent. */
void tri_death_put_errno(struct tr_out *out, int number);

/* Appends {exec, Errno, Path}: why what a path leads to was not executed. fault is a negative errno; the path becomes a
 * binary. */
void tri_death_put_exec(struct tr_out *out, int fault, const char *path, size_t path_bytes);

/* Appends {user, Errno, Name}: why a process cannot be that user. fault is a negative errno. */
void tri_death_put_user(struct tr_out *out, int fault, const char *name);

/* The number of a signal by the atom that tri_death_put gave it, or 0. */
int tri_death_signal(tr_atom name);

#endif
