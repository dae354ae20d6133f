/* Death: what the kernel's word about an ended child is as a term (SEMANTICS 8). The node says it of actors, an actor of
 * the program that it runs. Pure. */
#ifndef TRI_WIRE_DEATH_H
#define TRI_WIRE_DEATH_H

#include "troupe/term.h"

/* Appends normal, {exit_status, N}, {signal, Name, Info} or {limit, cpu, Info}. code and status as in waitid's siginfo. */
void tri_death_put(struct tr_out *out, int code, int status);

/* Appends the atom of an errno: enoent. */
void tri_death_put_errno(struct tr_out *out, int number);

/* Appends {exec, Errno, Path}: why what a path leads to was not executed. fault is a negative errno; the path becomes a
 * binary. */
void tri_death_put_exec(struct tr_out *out, int fault, const char *path, size_t path_bytes);

/* The number of a signal by the atom that tri_death_put gave it, or 0. */
int tri_death_signal(tr_atom name);

#endif
