/* Program's user: as whom it runs, looked up before anything is forked, because that may need what a fork has not. */
#ifndef TRI_BEHAVIOUR_PROGRAM_USER_H
#define TRI_BEHAVIOUR_PROGRAM_USER_H

#include <stdbool.h>
#include <sys/types.h>

enum { TRI_USER_GROUPS = 256 };

struct tri_user {
    bool is_given; /* else nothing changes */
    uid_t user;
    gid_t groups[TRI_USER_GROUPS]; /* the first is the user's own */
    int group_count;
};

/* Finds a user by name, or by number; a number that the system does not know has the group of the same number. NULL: none
 * is given. 0, or -ENOENT and what else the system says. */
int tri_user_find(const char *name, struct tri_user *ret_user);

/* Becomes that user, for good. Async-signal-safe. 0 or a negative errno. */
int tri_user_become(const struct tri_user *user);

#endif
