/* Paths: which files a sandboxed process may read and write (landlock(7)). The rules are made beforehand, and are a
 * descriptor; the process then only enters them. */
#ifndef TRI_PROCESS_SANDBOX_LANDLOCK_H
#define TRI_PROCESS_SANDBOX_LANDLOCK_H

#include "troupe/limits.h"
#include "wire/rundir.h"

struct tri_paths {
    const char *const *readable; /* NULL: everything; each list is ended by NULL */
    const char *const *writable;
    const char *directory;         /* writable too, or NULL */
    const char *executable;        /* readable in any case, or NULL */
    const struct tri_rundir *node; /* of an actor, what it needs of its node's; or NULL */
};

/* How much of Landlock the kernel has: its version, or 0 for less than can be used. */
int tri_landlock_version(void);
/* Does it also keep files that may not be written from being emptied? */
bool tri_landlock_has_truncation(void);
/* Does it also keep signals, and abstract sockets, from reaching others? */
bool tri_landlock_has_scopes(void);

/* Makes the rules. May block on a file system.
 *   ret_fd      owned by the caller, close-on-exec
 *   ret_path    the path that is to blame when there is no such
 * 0; -ENOSYS: no Landlock here; or a negative errno. */
int tri_landlock_prepare(const struct tri_paths *paths, int *ret_fd, const char **ret_path);

/* Adds that all of /proc may be read, as it is mounted now. Async-signal-safe. */
void tri_landlock_add_proc(int fd);

/* Enters the rules, for good: no_new_privs must have been set. Async-signal-safe. 0 or a negative errno. */
int tri_landlock_enter(int fd);

#endif
