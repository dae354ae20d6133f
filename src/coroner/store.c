/* Store: files in the part "crashes" of the state folder, the oldest of which give way. */
#include "coroner/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/keepsake.h"
#include "base/statedir.h"

#define MOST_OF_A_NAME 1000

static uint64_t max_files(void)
{
    const char *text = getenv(TRI_STORE_MAX_VARIABLE);
    char *end;
    if (!text || !*text)
        return TRI_STORE_DEFAULT_MAX;
    unsigned long long number = strtoull(text, &end, 10);
    return *end || *text == '-' || number > 1000000 ? TRI_STORE_DEFAULT_MAX : number;
}

/* ---------------------------------------------------------------- what there is */

static uint64_t size_of(int folder_fd, const char *id, const struct stat *status)
{
    (void)folder_fd;
    (void)id;
    return (uint64_t)status->st_size;
}

static int remove_file(int folder_fd, const char *name)
{
    return unlinkat(folder_fd, name, 0) < 0 ? -errno : 0;
}

static const struct tri_keepsake_kind reports = {
    .part = TRI_STORE_PART, .type = S_IFREG, .size_bytes = size_of, .remove = remove_file};

int tri_store_list(struct tri_keepsake **ret_entries, size_t *ret_count)
{
    return tri_keepsake_list(&reports, ret_entries, ret_count);
}

/* ---------------------------------------------------------------- one of them */

int tri_store_read(const char *id, char **ret_text, size_t *ret_size_bytes)
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    if (!tri_keepsake_id_is_valid(id))
        return -ENOENT;
    int r = tri_statedir_open(TRI_STORE_PART, false, &folder_fd);
    if (r == 0)
        r = tri_keepsake_read(folder_fd, id, TRI_STORE_FILE_BYTES, ret_text, ret_size_bytes);
    return r == -ELOOP || r == TR_MALFORMED ? -ENOENT : r;
}

static bool is_file(int folder_fd, const char *id)
{
    struct stat st;
    return fstatat(folder_fd, id, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

int tri_store_remove(const char *id)
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    if (!tri_keepsake_id_is_valid(id))
        return -ENOENT;
    int r = tri_statedir_open(TRI_STORE_PART, false, &folder_fd);
    if (r)
        return r;
    if (!is_file(folder_fd, id))
        return -ENOENT;
    return remove_file(folder_fd, id);
}

/* ---------------------------------------------------------------- a new one */

int tri_store_name(uint64_t time_ns, const char *node, tr_pid pid,
                   char ret_id[TRI_KEEPSAKE_ID_BYTES])
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    char id[TRI_KEEPSAKE_ID_BYTES], when[TRI_KEEPSAKE_TIME_BYTES];
    int r = max_files() == 0 ? -EDQUOT : tri_statedir_open(TRI_STORE_PART, true, &folder_fd);
    if (r == 0)
        r = tri_keepsake_time(time_ns, when);
    if (r)
        return r;
    for (unsigned number = 1; number < MOST_OF_A_NAME; number++) {
        struct stat st;
        int length = snprintf(id, sizeof id, "%s-%.60s-0.%u.%u", when, node, tr_pid_slot(pid),
                              tr_pid_generation(pid));
        if (number > 1)
            snprintf(id + length, sizeof id - (size_t)length, "-%u", number);
        if (!tri_keepsake_id_is_valid(id))
            return -EINVAL;
        if (fstatat(folder_fd, id, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            strcpy(ret_id, id);
            return errno == ENOENT ? 0 : -errno;
        }
    }
    return -EEXIST;
}

struct bounds {
    uint64_t files, bytes;
};

/* Lets the oldest go until there is room within bounds for one more of that size. How many have gone, or a negative errno. */
static ssize_t let_go(int folder_fd, const struct tri_keepsakes *list, uint64_t bytes,
                      const struct bounds *bounds, uint64_t size_bytes)
{
    size_t gone = 0;
    for (; gone < list->count; gone++) {
        if (list->count - gone < bounds->files && bytes + size_bytes <= bounds->bytes)
            break;
        if (unlinkat(folder_fd, list->at[gone].id, 0) < 0 && errno != ENOENT)
            return -errno;
        bytes -= list->at[gone].size_bytes;
    }
    return (ssize_t)gone;
}

/* Makes room for one more of that size, and tells how much more can come before anybody has to look again. When there is none,
 * a sixteenth of all goes, so that one who writes much need not look each time; half of what is left is left to others. */
static int make_room(struct tri_store *store, int folder_fd, uint64_t size_bytes)
{
    struct tri_keepsakes list = {0};
    struct bounds bounds = {max_files(), TRI_STORE_MOST_BYTES};
    uint64_t bytes = 0;
    int r = tri_keepsake_look(folder_fd, &reports, &list);
    for (size_t i = 0; i < list.count; i++)
        bytes += list.at[i].size_bytes;
    bool is_full = list.count >= bounds.files || bytes + size_bytes > bounds.bytes;
    const struct bounds less = {bounds.files - bounds.files / 16, bounds.bytes - bounds.bytes / 16};
    ssize_t gone = r ? r : let_go(folder_fd, &list, bytes, is_full ? &less : &bounds, size_bytes);
    for (ssize_t i = 0; i < gone; i++)
        bytes -= list.at[i].size_bytes;
    uint64_t files = list.count - (gone > 0 ? (size_t)gone : 0);
    store->files_left = files < bounds.files ? (bounds.files - files + 1) / 2 : 0;
    store->bytes_left = bytes < bounds.bytes ? (bounds.bytes - bytes) / 2 : 0;
    free(list.at);
    return gone < 0 ? (int)gone : 0;
}

/* Gives a whole file its name, unless something has it. */
static int publish(int folder_fd, const char *from, const char *id)
{
    if (renameat2(folder_fd, from, folder_fd, id, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    /* A file system that cannot do that: no other node makes this id but by a rare chance. */
    if (faccessat(folder_fd, id, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return -EEXIST;
    return renameat(folder_fd, from, folder_fd, id) < 0 ? -errno : 0;
}

void tri_store_drop(struct tri_store_draft *draft)
{
    char name[TRI_KEEPSAKE_NEW_BYTES];
    tri_keepsake_new_name(draft->id, name);
    unlinkat(draft->folder_fd, name, 0);
    tri_fd_close(&draft->fd);
    tri_fd_close(&draft->folder_fd);
}

/* Takes the room that is promised, where the file system can. 0 or a negative errno. */
static int reserve(int fd)
{
    int r;
    do {
        r = fallocate(fd, 0, 0, TRI_STORE_DRAFT_BYTES) < 0 ? -errno : 0;
    } while (r == -EINTR);
    return r == -EOPNOTSUPP || r == -ENOSYS ? 0 : r;
}

/* Is there room for so many bytes more, or can it be made? */
static int see_room(struct tri_store *store, int folder_fd, size_t size_bytes)
{
    bool has_room = store->files_left > 0 && store->bytes_left >= size_bytes;
    return has_room ? 0 : make_room(store, folder_fd, size_bytes);
}

int tri_store_begin(struct tri_store *store, const char *id, struct tri_store_draft *ret_draft)
{
    struct tri_store_draft draft = {.folder_fd = -1, .fd = -1};
    char name[TRI_KEEPSAKE_NEW_BYTES];
    if (!tri_keepsake_id_is_valid(id))
        return -EINVAL;
    int r = max_files() == 0 ? -EDQUOT : tri_statedir_open(TRI_STORE_PART, true, &draft.folder_fd);
    if (r == 0)
        r = see_room(store, draft.folder_fd, TRI_STORE_DRAFT_BYTES);
    if (r == 0) {
        strcpy(draft.id, id);
        tri_keepsake_new_name(id, name);
        draft.fd = openat(draft.folder_fd, name,
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        r = draft.fd < 0 ? -errno : 0;
    }
    if (r) {
        tri_fd_close(&draft.folder_fd);
        return r;
    }
    r = reserve(draft.fd);
    if (r)
        tri_store_drop(&draft);
    else
        *ret_draft = draft;
    return r;
}

int tri_store_finish(struct tri_store *store, struct tri_store_draft *draft, const char *text,
                     size_t size_bytes)
{
    char name[TRI_KEEPSAKE_NEW_BYTES];
    tri_keepsake_new_name(draft->id, name);
    int r = size_bytes > TRI_STORE_FILE_BYTES ? -EFBIG : 0;
    if (r == 0)
        r = see_room(store, draft->folder_fd, size_bytes);
    if (r == 0)
        r = tri_fd_write_all(draft->fd, text, size_bytes);
    if (r == 0 && ftruncate(draft->fd, (off_t)size_bytes) < 0)
        r = -errno;
    /* Some file systems tell only now that there is no room. */
    int closed = close(draft->fd);
    draft->fd = -1;
    if (closed < 0 && r == 0 && errno != EINTR)
        r = -errno;
    if (r == 0)
        r = publish(draft->folder_fd, name, draft->id);
    if (r) {
        tri_store_drop(draft);
        return r;
    }
    tri_fd_close(&draft->folder_fd);
    store->files_left -= store->files_left > 0;
    store->bytes_left -= store->bytes_left < size_bytes ? store->bytes_left : size_bytes;
    return 0;
}

int tri_store_write(struct tri_store *store, const char *id, const char *text, size_t size_bytes)
{
    struct tri_store_draft draft;
    if (size_bytes > TRI_STORE_FILE_BYTES)
        return tri_keepsake_id_is_valid(id) ? -EFBIG : -EINVAL;
    int r = tri_store_begin(store, id, &draft);
    return r ? r : tri_store_finish(store, &draft, text, size_bytes);
}
