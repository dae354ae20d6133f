/* User: becoming one is setgroups, setgid, setuid, in that order, because each takes the right to the next away. */
#include "base/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------- by name */

/* A number that is neither a name nor (uid_t)-1, which means "none" to the system. */
static bool read_number(const char *text, const char **ret_end, id_t *ret_number)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (errno || text[0] < '0' || text[0] > '9' || number >= (id_t)-1)
        return false;
    *ret_end = end;
    *ret_number = (id_t)number;
    return true;
}

static bool is_number(const char *text, id_t *ret_number)
{
    const char *end;
    return read_number(text, &end, ret_number) && !*end;
}

/* Nobody of that name, or the system could not look? */
static int not_found(void)
{
    return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno : -ENOENT;
}

static int find_group(const char *name, gid_t *ret_group)
{
    errno = 0;
    const struct group *entry = getgrnam(name);
    int r = entry ? 0 : not_found();
    if (entry)
        *ret_group = entry->gr_gid;
    else if (r == -ENOENT && is_number(name, ret_group))
        r = 0;
    return r;
}

/* The user's entry, or NULL for one whom the system does not know: then ret_number is what it is called by. */
static int find_entry(const char *name, const struct passwd **ret_entry, id_t *ret_number)
{
    errno = 0;
    *ret_entry = getpwnam(name);
    if (*ret_entry)
        return 0;
    int r = not_found();
    if (r != -ENOENT || !is_number(name, ret_number))
        return r;
    *ret_entry = getpwuid(*ret_number);
    return 0;
}

static int find(const char *name, const char *group, struct tri_user *ret_user)
{
    const struct passwd *entry;
    id_t number = 0;
    int count = TRI_USER_GROUPS;
    int r = find_entry(name, &entry, &number);
    if (r)
        return r;
    ret_user->user = entry ? entry->pw_uid : number;
    ret_user->groups[0] = entry ? entry->pw_gid : number;
    ret_user->group_count = 1;
    if (group)
        r = find_group(group, &ret_user->groups[0]);
    if (r || !entry)
        return r;
    if (getgrouplist(entry->pw_name, ret_user->groups[0], ret_user->groups, &count) < 0)
        return -E2BIG;
    ret_user->group_count = count;
    return 0;
}

int tri_user_find(const char *name, struct tri_user *ret_user)
{
    *ret_user = (struct tri_user){.is_given = name != NULL};
    if (!name)
        return 0;
    char *copy = strdup(name);
    if (!copy)
        return -ENOMEM;
    char *colon = strchr(copy, ':');
    if (colon)
        *colon++ = '\0';
    int r = find(copy, colon, ret_user);
    free(copy);
    return r;
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

/* ---------------------------------------------------------------- as text */

int tri_user_print(const struct tri_user *user, const char *name, char *buffer, size_t size_bytes)
{
    int length = snprintf(buffer, size_bytes, "%u", user->user);
    for (int i = 0; i < user->group_count && (size_t)length < size_bytes; i++)
        length += snprintf(buffer + length, size_bytes - (size_t)length, "%c%u", i ? ',' : ':',
                           user->groups[i]);
    if ((size_t)length < size_bytes)
        length += snprintf(buffer + length, size_bytes - (size_t)length, ":%s", name);
    return (size_t)length < size_bytes ? 0 : -E2BIG;
}

bool tri_user_read(const char *text, struct tri_user *ret_user, const char **ret_name)
{
    ret_user->is_given = true;
    ret_user->group_count = 0;
    if (!read_number(text, &text, &ret_user->user) || *text != ':')
        return false;
    do {
        if (ret_user->group_count == TRI_USER_GROUPS ||
            !read_number(text + 1, &text, &ret_user->groups[ret_user->group_count]))
            return false;
        ret_user->group_count++;
    } while (*text == ',');
    if (*text != ':')
        return false;
    if (ret_name)
        *ret_name = text + 1;
    return true;
}

bool tri_user_equal(const struct tri_user *one, const struct tri_user *other)
{
    return one->user == other->user && one->group_count == other->group_count &&
           memcmp(one->groups, other->groups, (size_t)one->group_count * sizeof one->groups[0]) ==
               0;
}
