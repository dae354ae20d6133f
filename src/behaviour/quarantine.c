/* Quarantine: every name is looked at in the folder itself, never through a link, and nothing is removed but what this file
 * writes: a folder of a proper name, and `job` and `meta` in it. */
#include "behaviour/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/keepsake.h"
#include "base/statedir.h"
#include "term/tags.h"

#define PART "quarantine"
#define MOST_OF_A_NAME 1000
/* With what is written around it, a job has to fit beside others. */
#define JOB_BYTES (TRI_QUARANTINE_BYTES / 2)
#define META_BYTES ((size_t)1 << 20)

static const char *const parts[] = {"job", "meta"};

static int open_folder(int folder_fd, const char *name)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* ---------------------------------------------------------------- removing */

static int remove_folder(int folder_fd, const char *name)
{
    TRI_AUTO(tri_fd_close) int fd = open_folder(folder_fd, name);
    if (fd < 0)
        return fd;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(parts); i++)
        if (unlinkat(fd, parts[i], 0) < 0 && errno != ENOENT)
            return -errno;
    return unlinkat(folder_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

/* Nobody sees half of it: it loses its name first. */
static int remove_one(int folder_fd, const char *id)
{
    char name[TRI_KEEPSAKE_NEW_BYTES];
    tri_keepsake_new_name(id, name);
    if (renameat(folder_fd, id, folder_fd, name) < 0)
        return -errno;
    return remove_folder(folder_fd, name);
}

/* ---------------------------------------------------------------- what there is */

static uint64_t size_of(int folder_fd, const char *id, const struct stat *status)
{
    TRI_AUTO(tri_fd_close) int fd = open_folder(folder_fd, id);
    uint64_t bytes = 0;
    struct stat st;
    (void)status;
    for (size_t i = 0; fd >= 0 && i < TRI_ARRAY_LENGTH(parts); i++)
        if (fstatat(fd, parts[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
            bytes += (uint64_t)st.st_size;
    return bytes;
}

static const struct tri_keepsake_kind jobs = {
    .part = PART, .type = S_IFDIR, .size_bytes = size_of, .remove = remove_folder};

int tri_quarantine_list(struct tri_keepsake **ret_entries, size_t *ret_count)
{
    return tri_keepsake_list(&jobs, ret_entries, ret_count);
}

/* The oldest go until there is room for so many bytes. */
static int make_room(int folder_fd, uint64_t size_bytes)
{
    struct tri_keepsakes list = {0};
    uint64_t bytes = size_bytes;
    int r = tri_keepsake_look(folder_fd, &jobs, &list);
    for (size_t i = 0; i < list.count; i++)
        bytes += list.at[i].size_bytes;
    for (size_t i = 0; r == 0 && i < list.count; i++) {
        if (list.count - i < TRI_QUARANTINE_MAX && bytes <= TRI_QUARANTINE_BYTES)
            break;
        r = remove_one(folder_fd, list.at[i].id);
        bytes -= list.at[i].size_bytes;
        if (r == -ENOENT) /* somebody else was faster */
            r = 0;
    }
    free(list.at);
    return r;
}

/* ---------------------------------------------------------------- a new one */

static int write_file(int fd, const char *name, const void *head, size_t head_bytes,
                      const void *data, size_t size_bytes)
{
    int file = openat(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return -errno;
    int r = tri_fd_write_all(file, head, head_bytes);
    if (r == 0)
        r = tri_fd_write_all(file, data, size_bytes);
    /* Some file systems tell only now that there is no room. */
    if (close(file) < 0 && r == 0 && errno != EINTR)
        r = -errno;
    return r;
}

static int write_parts(int folder_fd, const char *name, tr_term job, tr_term meta)
{
    static const uint8_t version = TRI_VERSION;
    TRI_AUTO(tri_fd_close) int fd = open_folder(folder_fd, name);
    TRI_AUTO(tri_freep) char *text = tr_print_new(meta), *line = NULL;
    if (fd < 0)
        return fd;
    if (!text || asprintf(&line, "%s.\n", text) < 0)
        return -ENOMEM;
    int r = write_file(fd, "job", &version, 1, job.data, job.size_bytes);
    return r ? r : write_file(fd, "meta", "", 0, line, strlen(line));
}

/* An id that nobody has: the time, and which process of the kernel's. */
static int name_it(int folder_fd, const char *from, char id[TRI_KEEPSAKE_ID_BYTES])
{
    char when[TRI_KEEPSAKE_TIME_BYTES];
    int r = tri_keepsake_time(tri_clock_wall_ns(), when);
    if (r)
        return r;
    for (unsigned number = 1; number < MOST_OF_A_NAME; number++) {
        snprintf(id, TRI_KEEPSAKE_ID_BYTES, "%s-%d-%03u", when, (int)getpid(), number);
        if (faccessat(folder_fd, id, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        /* A folder that has something in it is never replaced. */
        if (renameat(folder_fd, from, folder_fd, id) == 0)
            return 0;
        if (errno != EEXIST && errno != ENOTEMPTY)
            return -errno;
    }
    return -EEXIST;
}

int tri_quarantine_put(tr_term job, tr_term meta, char ret_id[TRI_KEEPSAKE_ID_BYTES])
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    TRI_AUTO(tr_out_deinit) struct tr_out plain = {0};
    char name[TRI_KEEPSAKE_NEW_BYTES];
    if (job.size_bytes > JOB_BYTES || tr_out_copy(&plain, job))
        return job.size_bytes > JOB_BYTES ? TR_TOO_LARGE : -ENOMEM;
    int r = tri_statedir_open(PART, true, &folder_fd);
    if (r == 0)
        r = make_room(folder_fd, job.size_bytes + META_BYTES);
    if (r)
        return r;
    tri_keepsake_new_name("", name);
    if (mkdirat(folder_fd, name, 0700) < 0 && errno != EEXIST)
        return -errno;
    r = write_parts(folder_fd, name, tr_out_term(&plain), meta);
    if (r == 0)
        r = name_it(folder_fd, name, ret_id);
    if (r)
        remove_folder(folder_fd, name);
    return r;
}

/* ---------------------------------------------------------------- one of them */

static int open_one(const char *id, int *ret_fd)
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    if (!tri_keepsake_id_is_valid(id))
        return TR_NOPROC;
    int r = tri_statedir_open(PART, false, &folder_fd);
    if (r)
        return r == -ENOENT ? TR_NOPROC : r;
    int fd = open_folder(folder_fd, id);
    if (fd < 0)
        return fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP ? TR_NOPROC : fd;
    *ret_fd = fd;
    return 0;
}

static int read_job(int fd, struct tr_out *ret_job)
{
    TRI_AUTO(tri_freep) char *data = NULL;
    size_t size_bytes;
    tr_term term;
    int r = tri_keepsake_read(fd, "job", JOB_BYTES + 1, &data, &size_bytes);
    if (r)
        return r;
    r = tr_check_external(data, size_bytes, NULL, &term);
    return r ? TR_MALFORMED : tr_out_copy(ret_job, term);
}

int tri_quarantine_get(const char *id, struct tr_out *ret_job, struct tr_out *ret_meta)
{
    TRI_AUTO(tri_fd_close) int fd = -1;
    TRI_AUTO(tri_freep) char *text = NULL;
    size_t size_bytes;
    int r = open_one(id, &fd);
    if (r == 0)
        r = read_job(fd, ret_job);
    if (r)
        return r;
    tr_out_reset(ret_meta);
    if (tri_keepsake_read(fd, "meta", META_BYTES, &text, &size_bytes) ||
        tr_parse(text, ret_meta, NULL, NULL))
        tr_put_atom(ret_meta, "undefined");
    return ret_meta->fault;
}

int tri_quarantine_drop(const char *id)
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    TRI_AUTO(tri_fd_close) int fd = -1;
    int r = open_one(id, &fd);
    if (r == 0)
        r = tri_statedir_open(PART, false, &folder_fd);
    if (r)
        return r;
    r = remove_one(folder_fd, id);
    return r == -ENOENT ? TR_NOPROC : r;
}
