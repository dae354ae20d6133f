/* Program's user: becoming one is setgroups, setgid, setuid, in that order, because each takes the right to the next away. */
#include "behaviour/program_user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* A number that is no name. */
static int find_number(const char *text, struct tri_user *ret_user)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (errno || *end || text[0] < '0' || text[0] > '9' || number >= (uid_t)-1)
        return -ENOENT;
    const struct passwd *entry = getpwuid((uid_t)number);
    ret_user->user = (uid_t)number;
    ret_user->groups[0] = entry ? entry->pw_gid : (gid_t)number;
    ret_user->group_count = 1;
    return 0;
}

int tri_user_find(const char *name, struct tri_user *ret_user)
{
    *ret_user = (struct tri_user){.is_given = name != NULL};
    if (!name)
        return 0;
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (!entry)
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno
                                                                     : find_number(name, ret_user);
    int count = TRI_USER_GROUPS;
    ret_user->user = entry->pw_uid;
    if (getgrouplist(name, entry->pw_gid, ret_user->groups, &count) < 0)
        return -E2BIG;
    ret_user->group_count = count;
    return 0;
}

int tri_user_become(const struct tri_user *user)
{
    if (!user->is_given)
        return 0;
    /* Who is that user already need not be allowed anything. */
    if (geteuid() != 0 && user->user == geteuid())
        return 0;
    if (setgroups((size_t)user->group_count, user->groups) < 0 || setgid(user->groups[0]) < 0 ||
        setuid(user->user) < 0)
        return -errno;
    return 0;
}
