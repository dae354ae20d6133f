/* Control group: one of an actor's or of a program's own, below a group (version 2) that its user may have groups in, where
 * there is one (cgroups(7)): it bounds memory and processes exactly, and ends all at once.
 *
 * Such a group is named by TROUPE_CGROUP, a path; or it is the node's own, when whoever made that has marked it as
 * delegated, as systemd does (Delegate=yes): then the node's processes are moved into a part of it, for a group cannot
 * have both processes and parts that are bounded.
 *
 * The name of a group tells the os_pid of whoever has made it for himself, so that others know what was left behind: the
 * group of a process that does not exist any more. Nobody else's is touched, also if it is empty: it may be about to be entered. */
#ifndef TRI_BASE_CGROUP_H
#define TRI_BASE_CGROUP_H

#include <stddef.h>

#include "troupe/limits.h"

#define TRI_CGROUP_VARIABLE "TROUPE_CGROUP"
#define TRI_CGROUP_PATH_BYTES 512
#define TRI_CGROUP_NAME_BYTES 64

struct tri_cgroup {
    int fd;                    /* of its folder; -1: there is none */
    bool has_memory, has_pids; /* which limits it sees to */
    char path[TRI_CGROUP_PATH_BYTES];
};
#define TRI_CGROUP_NONE ((struct tri_cgroup){.fd = -1})

/* ---------------------------------------------------------------- the group above */

/* Finds the group in which groups may be made.
 *   ret_has_memory, ret_has_pids   what they can bound
 * 0; -ENOENT: there is none; or another negative errno. */
int tri_cgroup_find(char *path, size_t size_bytes, bool *ret_has_memory, bool *ret_has_pids);

/* Finds it for all that this process starts, and names it in their environment: so they need not look, and agree. A process that
 * is itself in a group of an actor's or a program's stays within the bounds of that, with all that it starts: it has none.
 * 0; or the negative errno why the one that TROUPE_CGROUP names cannot be used: then it is named no longer. */
int tri_cgroup_announce(void);

/* What has been named, or NULL: there is none. */
const char *tri_cgroup_announced(void);

/* Removes the groups there of processes that do not exist any more.
 *   timeout_ms   0: only those that nobody is in; else who is in one is killed, and waited for so long */
void tri_cgroup_clear(int timeout_ms);

/* ---------------------------------------------------------------- one group */

/* What the group of a process is called. An os_pid is used again before long: where that matters, two numbers more tell one
 * from the other; else they are 0. */
void tri_cgroup_name(char ret_name[TRI_CGROUP_NAME_BYTES], int os_pid, uint32_t slot,
                     uint32_t generation);

/* Makes one.
 *   limits   of which memory_bytes and processes count, threads included
 * 0; -ENOENT: there is no place for it; -EEXIST: one of that name has somebody in it; or another negative errno. */
int tri_cgroup_open(struct tri_cgroup *ret_cgroup, const char *name,
                    const struct tr_resource_limits *limits);

/* Moves this process into it, and so all that it forks. Async-signal-safe. 0 or a negative errno. */
int tri_cgroup_enter(int fd);

/* How many in the group with that path have been killed because there was no memory: of the group's, or of the machine's.
 *   ret_is_of_limit   it was the group's own limit that was met */
uint64_t tri_cgroup_oom_kills(const char *path, bool *ret_is_of_limit);

/* Kills all in it; they end after this returns. */
void tri_cgroup_kill(const struct tri_cgroup *cgroup);

/* Removes the group with that path, or, when somebody is in it, kills him. Does not wait. 0; -EBUSY: it is to be tried again;
 * -ENOENT, or another negative errno. */
int tri_cgroup_end(const char *path);

/* Removes it once nobody is in it any more; waits a moment for that. */
void tri_cgroup_close(struct tri_cgroup *cgroup);

#endif
