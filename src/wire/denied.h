/* Denied: the system calls for which a sandbox ends a process, by name and number. The process puts them into a filter
 * (process/sandbox_seccomp.h); whoever tells of its end has a number and tells the name. Pure. */
#ifndef TRI_WIRE_DENIED_H
#define TRI_WIRE_DENIED_H

#include <stddef.h>

/* When a call is refused: by any sandbox, or by a full one; in any case, or for some arguments. */
enum tri_denied_when {
    TRI_DENIED_ALWAYS,
    TRI_DENIED_SOMETIMES, /* for arguments that the filter knows */
    TRI_DENIED_FULL,      /* by a full one */
    TRI_DENIED_FULL_SOMETIMES,
};

struct tri_denied {
    const char *name;
    int number;
    enum tri_denied_when when;
};

/* All that this machine has, ret_count of them. */
const struct tri_denied *tri_denied_all(size_t *ret_count);

/* The name of a call by its number in this process's own architecture; NULL when no sandbox refuses it. */
const char *tri_denied_name(int number);

#endif
