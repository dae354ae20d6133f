/* Control group: one of a program's own, below a group (version 2) that its user may have groups in, where there is one
 * (cgroups(7)): it bounds memory and processes exactly, and ends all at once.
 *
 * Such a group is named by TROUPE_CGROUP, a path; or it is the node's own, when whoever made that has marked it as
 * delegated, as systemd does (Delegate=yes): then the node's processes are moved into a part of it, for a group cannot
 * have both processes and parts that are bounded. */
#ifndef TRI_PROCESS_CGROUP_H
#define TRI_PROCESS_CGROUP_H

#include <stddef.h>

#include "troupe/limits.h"

#define TRI_CGROUP_VARIABLE "TROUPE_CGROUP"

struct tri_cgroup {
    int fd;                    /* of its folder; -1: there is none */
    bool has_memory, has_pids; /* which limits it sees to */
    char path[512];
};
#define TRI_CGROUP_NONE ((struct tri_cgroup){.fd = -1})

/* Finds the group in which groups may be made.
 *   ret_has_memory, ret_has_pids   what they can bound
 * 0; -ENOENT: there is none; or another negative errno. */
int tri_cgroup_find(char *path, size_t size_bytes, bool *ret_has_memory, bool *ret_has_pids);

/* Makes one with limits; empty ones that were left behind go. 0; -ENOENT, or another negative errno. */
int tri_cgroup_open(struct tri_cgroup *ret_cgroup, const struct tr_resource_limits *limits);

/* Moves this process into it, and so all that it forks. Async-signal-safe. 0 or a negative errno. */
int tri_cgroup_enter(int fd);

/* Has somebody in it been killed because it had no more memory? */
bool tri_cgroup_was_out_of_memory(const struct tri_cgroup *cgroup);

/* Kills all in it; they end after this returns. */
void tri_cgroup_kill(const struct tri_cgroup *cgroup);
/* Removes it once nobody is in it any more; waits a moment for that. */
void tri_cgroup_close(struct tri_cgroup *cgroup);

#endif
