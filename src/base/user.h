/* User: as whom a process is to run. Looked up by whoever wishes it, because that may read files, ask a server and load
 * libraries, which neither a fresh fork nor the node shall do; from then on it is numbers. */
#ifndef TRI_BASE_USER_H
#define TRI_BASE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { TRI_USER_GROUPS = 256 };
/* Room for a user's numbers and name as text. */
enum { TRI_USER_TEXT_BYTES = 4096 };

struct tri_user {
    bool is_given; /* else nothing changes */
    uid_t user;
    gid_t groups[TRI_USER_GROUPS]; /* the first is the user's own */
    int group_count;
};

/* Finds a user by name, or by number, with the groups that the system gives it; a number that the system does not know has
 * the group of the same number. Behind a colon a group may be named, or numbered, that takes the place of the user's own.
 * NULL: none is given. 0, or -ENOENT and what else the system says. */
int tri_user_find(const char *name, struct tri_user *ret_user);

/* Becomes that user, for good, with all threads. Async-signal-safe while there is one. 0 or a negative errno. */
int tri_user_become(const struct tri_user *user);

/* Writes "UID:GID,GID…:NAME". 0; -E2BIG. */
int tri_user_print(const struct tri_user *user, const char *name, char *buffer, size_t size_bytes);

/* Reads such a text, which came from another process.
 *   ret_name   points to the name in it; may be NULL
 * False when it is none. */
bool tri_user_read(const char *text, struct tri_user *ret_user, const char **ret_name);

/* Are these the same, groups and all? */
bool tri_user_equal(const struct tri_user *one, const struct tri_user *other);

#endif
