/* Store: every name is looked at in the folder itself, never through a link. */
#include "coroner/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/statedir.h"

/* What a report is called until it is whole; no id begins so. */
#define NEW_PREFIX ".new-"
#define NEW_NAME_BYTES (TRI_STORE_ID_BYTES + 32)
/* A file of such a name that is older was left by a process that was killed. */
#define NEW_LASTS_S 60
#define MOST_OF_A_NAME 1000

bool tri_store_id_is_valid(const char *id)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t length = strlen(id);
    return length > 0 && length < TRI_STORE_ID_BYTES && id[0] != '.' && id[0] != '-' &&
           strspn(id, letters) == length;
}

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

/* What an id begins with: 20261122T213000Z. */
#define TIME_BYTES 16

/* Of the same second, the one that was written last is the newest: "0.10.1" is no older than "0.2.1". */
static int by_age(const void *a, const void *b)
{
    const struct tri_store_entry *one = a, *other = b;
    int order = strncmp(one->id, other->id, TIME_BYTES);
    if (order == 0)
        order = (one->written_ns > other->written_ns) - (one->written_ns < other->written_ns);
    return order ? order : strcmp(one->id, other->id);
}

static bool is_left_behind(const char *name, const struct stat *st)
{
    return strncmp(name, NEW_PREFIX, strlen(NEW_PREFIX)) == 0 &&
           (uint64_t)st->st_mtime + NEW_LASTS_S < tri_clock_wall_ns() / TRI_NS_PER_S;
}

struct list {
    struct tri_store_entry *at;
    size_t count, capacity;
};

static int add(struct list *list, const char *id, const struct stat *st)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        struct tri_store_entry *more = reallocarray(list->at, capacity, sizeof *more);
        if (!more)
            return -ENOMEM;
        list->at = more;
        list->capacity = capacity;
    }
    struct tri_store_entry *entry = &list->at[list->count++];
    snprintf(entry->id, sizeof entry->id, "%.*s", (int)sizeof entry->id - 1, id);
    entry->size_bytes = (uint64_t)st->st_size;
    entry->written_ns = (uint64_t)st->st_mtim.tv_sec * TRI_NS_PER_S + (uint64_t)st->st_mtim.tv_nsec;
    return 0;
}

/* Lists a folder; what a killed writer has left in it goes. */
static int list_folder(int folder_fd, struct list *list)
{
    struct stat st;
    int r = 0, fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        r = -errno;
        tri_fd_close(&fd);
        return r;
    }
    for (struct dirent *each; r == 0 && (each = readdir(folder));) {
        if (fstatat(folder_fd, each->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
            continue;
        if (tri_store_id_is_valid(each->d_name))
            r = add(list, each->d_name, &st);
        else if (is_left_behind(each->d_name, &st))
            unlinkat(folder_fd, each->d_name, 0);
    }
    closedir(folder);
    if (list->count > 0)
        qsort(list->at, list->count, sizeof *list->at, by_age);
    return r;
}

int tri_store_list(struct tri_store_entry **ret_entries, size_t *ret_count)
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    struct list list = {0};
    int r = tri_statedir_open(TRI_STORE_PART, false, &folder_fd);
    if (r == 0)
        r = list_folder(folder_fd, &list);
    if (r && r != -ENOENT) {
        free(list.at);
        return r;
    }
    *ret_entries = list.at;
    *ret_count = list.count;
    return 0;
}

/* ---------------------------------------------------------------- one of them */

int tri_store_read(const char *id, char **ret_text, size_t *ret_size_bytes)
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    TRI_AUTO(tri_fd_close) int fd = -1;
    struct stat st;
    if (!tri_store_id_is_valid(id))
        return -ENOENT;
    int r = tri_statedir_open(TRI_STORE_PART, false, &folder_fd);
    if (r)
        return r;
    fd = openat(folder_fd, id, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return errno == ELOOP ? -ENOENT : -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -ENOENT;
    if (st.st_size > (off_t)TRI_STORE_FILE_BYTES)
        return TR_TOO_LARGE;
    TRI_AUTO(tri_freep) char *text = malloc((size_t)st.st_size + 1);
    if (!text)
        return -ENOMEM;
    ssize_t n = tri_fd_read_at(fd, text, (size_t)st.st_size, 0);
    if (n < 0)
        return (int)n;
    text[n] = '\0';
    *ret_text = TRI_TAKE(text);
    *ret_size_bytes = (size_t)n;
    return 0;
}

static bool is_file(int folder_fd, const char *id)
{
    struct stat st;
    return fstatat(folder_fd, id, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

int tri_store_remove(const char *id)
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    if (!tri_store_id_is_valid(id))
        return -ENOENT;
    int r = tri_statedir_open(TRI_STORE_PART, false, &folder_fd);
    if (r)
        return r;
    if (!is_file(folder_fd, id))
        return -ENOENT;
    return unlinkat(folder_fd, id, 0) < 0 ? -errno : 0;
}

/* ---------------------------------------------------------------- a new one */

int tri_store_name(uint64_t time_ns, const char *node, tr_pid pid, char ret_id[TRI_STORE_ID_BYTES])
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    char id[TRI_STORE_ID_BYTES], when[32];
    time_t seconds = (time_t)(time_ns / TRI_NS_PER_S);
    struct tm utc;
    int r = max_files() == 0 ? -EDQUOT : tri_statedir_open(TRI_STORE_PART, true, &folder_fd);
    if (r)
        return r;
    if (!gmtime_r(&seconds, &utc) || strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &utc) == 0)
        return -EINVAL;
    for (unsigned number = 1; number < MOST_OF_A_NAME; number++) {
        struct stat st;
        int length = snprintf(id, sizeof id, "%s-%.60s-0.%u.%u", when, node, tr_pid_slot(pid),
                              tr_pid_generation(pid));
        if (number > 1)
            snprintf(id + length, sizeof id - (size_t)length, "-%u", number);
        if (!tri_store_id_is_valid(id))
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
static ssize_t let_go(int folder_fd, const struct list *list, uint64_t bytes,
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
    struct list list = {0};
    struct bounds bounds = {max_files(), TRI_STORE_MOST_BYTES};
    uint64_t bytes = 0;
    int r = list_folder(folder_fd, &list);
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

static void draft_name(const char *id, char name[NEW_NAME_BYTES])
{
    snprintf(name, NEW_NAME_BYTES, NEW_PREFIX "%d-%s", (int)getpid(), id);
}

void tri_store_drop(struct tri_store_draft *draft)
{
    char name[NEW_NAME_BYTES];
    draft_name(draft->id, name);
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
    char name[NEW_NAME_BYTES];
    if (!tri_store_id_is_valid(id))
        return -EINVAL;
    int r = max_files() == 0 ? -EDQUOT : tri_statedir_open(TRI_STORE_PART, true, &draft.folder_fd);
    if (r == 0)
        r = see_room(store, draft.folder_fd, TRI_STORE_DRAFT_BYTES);
    if (r == 0) {
        strcpy(draft.id, id);
        draft_name(id, name);
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
    char name[NEW_NAME_BYTES];
    draft_name(draft->id, name);
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
        return tri_store_id_is_valid(id) ? -EFBIG : -EINVAL;
    int r = tri_store_begin(store, id, &draft);
    return r ? r : tri_store_finish(store, &draft, text, size_bytes);
}
