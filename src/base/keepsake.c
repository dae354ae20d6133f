/* Keepsake: every name is looked at in the folder itself, never through a link. */
#include "base/keepsake.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/statedir.h"
#include "troupe/outcome.h"

/* What something is called until it is whole, and while it is being removed; no id begins so. */
#define NEW_PREFIX ".new-"
/* What is called so and is older was left by a process that was killed. */
#define NEW_LASTS_S 60

/* ---------------------------------------------------------------- names */

bool tri_keepsake_id_is_valid(const char *id)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t length = strlen(id);
    return length > 0 && length < TRI_KEEPSAKE_ID_BYTES && id[0] != '.' && id[0] != '-' &&
           strspn(id, letters) == length;
}

int tri_keepsake_time(uint64_t time_ns, char ret_text[TRI_KEEPSAKE_TIME_BYTES])
{
    time_t seconds = (time_t)(time_ns / TRI_NS_PER_S);
    struct tm utc;
    bool fits = gmtime_r(&seconds, &utc) &&
                strftime(ret_text, TRI_KEEPSAKE_TIME_BYTES, "%Y%m%dT%H%M%SZ", &utc) > 0;
    return fits ? 0 : -EINVAL;
}

void tri_keepsake_new_name(const char *id, char ret_name[TRI_KEEPSAKE_NEW_BYTES])
{
    snprintf(ret_name, TRI_KEEPSAKE_NEW_BYTES, NEW_PREFIX "%d-%s", (int)getpid(), id);
}

static bool is_left_behind(const char *name, const struct stat *status)
{
    return strncmp(name, NEW_PREFIX, strlen(NEW_PREFIX)) == 0 &&
           (uint64_t)status->st_mtime + NEW_LASTS_S < tri_clock_wall_ns() / TRI_NS_PER_S;
}

/* ---------------------------------------------------------------- what there is */

/* Of the same second, the one that was written last is the newest: "0.10.1" is no older than "0.2.1". */
static int by_age(const void *a, const void *b)
{
    const struct tri_keepsake *one = a, *other = b;
    int order = strncmp(one->id, other->id, TRI_KEEPSAKE_TIME_BYTES - 1);
    if (order == 0)
        order = (one->written_ns > other->written_ns) - (one->written_ns < other->written_ns);
    return order ? order : strcmp(one->id, other->id);
}

/* A place for one more, or NULL. */
static struct tri_keepsake *add(struct tri_keepsakes *list)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        struct tri_keepsake *more = reallocarray(list->at, capacity, sizeof *more);
        if (!more)
            return NULL;
        list->at = more;
        list->capacity = capacity;
    }
    return &list->at[list->count++];
}

static int look_at(int folder_fd, const struct tri_keepsake_kind *kind, const char *name,
                   struct tri_keepsakes *list)
{
    struct stat status;
    if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
        (status.st_mode & S_IFMT) != kind->type)
        return 0;
    if (!tri_keepsake_id_is_valid(name)) {
        if (is_left_behind(name, &status))
            kind->remove(folder_fd, name);
        return 0;
    }
    struct tri_keepsake *keepsake = add(list);
    if (!keepsake)
        return -ENOMEM;
    strcpy(keepsake->id, name);
    keepsake->size_bytes = kind->size_bytes(folder_fd, name, &status);
    keepsake->written_ns =
        (uint64_t)status.st_mtim.tv_sec * TRI_NS_PER_S + (uint64_t)status.st_mtim.tv_nsec;
    return 0;
}

int tri_keepsake_look(int folder_fd, const struct tri_keepsake_kind *kind,
                      struct tri_keepsakes *list)
{
    int r = 0, fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        r = -errno;
        tri_fd_close(&fd);
        return r;
    }
    for (struct dirent *each; r == 0 && (each = readdir(folder));)
        r = look_at(folder_fd, kind, each->d_name, list);
    closedir(folder);
    if (list->count > 0)
        qsort(list->at, list->count, sizeof *list->at, by_age);
    return r;
}

int tri_keepsake_list(const struct tri_keepsake_kind *kind, struct tri_keepsake **ret_entries,
                      size_t *ret_count)
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    struct tri_keepsakes list = {0};
    int r = tri_statedir_open(kind->part, false, &folder_fd);
    if (r == 0)
        r = tri_keepsake_look(folder_fd, kind, &list);
    if (r && r != -ENOENT) {
        free(list.at);
        return r;
    }
    *ret_entries = list.at;
    *ret_count = list.count;
    return 0;
}

/* ---------------------------------------------------------------- one of them */

int tri_keepsake_read(int folder_fd, const char *name, size_t most_bytes, char **ret_text,
                      size_t *ret_size_bytes)
{
    struct stat status;
    /* Neither a pipe nor a terminal holds it up. */
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    TRI_AUTO(tri_fd_close) int fd = openat(folder_fd, name, flags);
    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return TR_MALFORMED;
    if ((uint64_t)status.st_size > most_bytes)
        return TR_TOO_LARGE;
    TRI_AUTO(tri_freep) char *text = malloc((size_t)status.st_size + 1);
    if (!text)
        return -ENOMEM;
    ssize_t n = tri_fd_read_at(fd, text, (size_t)status.st_size, 0);
    if (n < 0)
        return (int)n;
    text[n] = '\0';
    *ret_text = TRI_TAKE(text);
    *ret_size_bytes = (size_t)n;
    return 0;
}
