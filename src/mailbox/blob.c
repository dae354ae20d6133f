/* Blob: written under its final name, because its name is told to nobody before it is complete. */
#include "mailbox/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "mailbox/message.h"

static void path_of(const struct tri_rundir *dir, tr_pid receiver, const struct tri_blob_name *name,
                    char path[TRI_PATH_BYTES])
{
    char folder[TRI_PATH_BYTES];
    tr_pid sender = {name->sender};
    snprintf(path, TRI_PATH_BYTES, "%.120s/%u.%u.%llu", tri_rundir_blobs(dir, receiver, folder),
             tr_pid_slot(sender), tr_pid_generation(sender), (unsigned long long)name->serial);
}

/* Creates the file, and the receiver's folder when this is the first one there. */
static int create(const struct tri_rundir *dir, tr_pid receiver, const char *path)
{
    char folder[TRI_PATH_BYTES];
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = open(path, flags, 0600);
    if (fd < 0 && errno == ENOENT) {
        if (mkdir(tri_rundir_blobs(dir, receiver, folder), 0700) < 0 && errno != EEXIST)
            return -errno;
        fd = open(path, flags, 0600);
    }
    return fd < 0 ? -errno : fd;
}

int tri_blob_write(const struct tri_rundir *dir, tr_pid receiver, const struct tri_blob_name *name,
                   tr_term term)
{
    char path[TRI_PATH_BYTES];
    path_of(dir, receiver, name, path);
    TRI_AUTO(tri_fd_close) int fd = create(dir, receiver, path);
    if (fd < 0)
        return fd;
    int r = tri_fd_write_all(fd, term.data, term.size_bytes);
    if (r)
        unlink(path);
    return r;
}

/* Opens a blob that is what its name says. 0, TR_MALFORMED, or a negative errno. */
static int open_blob(const char *path, const struct tri_blob_name *name, int *ret_fd)
{
    struct stat st;
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno : TR_MALFORMED;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size != name->size_bytes ||
        name->size_bytes == 0)
        return TR_MALFORMED;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/* Can nobody write to this file any more, and has it all of its memory? It has no name, no writer and no hole. The lease
 * is given back at once: it was only a question, and who breaks one sends its holder a signal. */
static bool is_at_rest(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || st.st_nlink > 0 || st.st_blocks * 512 < st.st_size)
        return false;
    if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
        return false;
    return fcntl(fd, F_SETLEASE, F_UNLCK) == 0;
}

static int copy_out(int fd, const struct tri_blob_name *name, uint64_t alias,
                    struct tr_message **ret_message)
{
    struct tr_message *message = tri_message_new((tr_pid){name->sender}, alias, name->size_bytes);
    if (!message)
        return -ENOMEM;
    ssize_t n = tri_fd_read_at(fd, tri_message_room(message), name->size_bytes, 0);
    int r = n != (ssize_t)name->size_bytes ? TR_MALFORMED : 0;
    if (r == 0 && tr_check(tri_message_room(message), name->size_bytes, NULL, &message->term))
        r = TR_MALFORMED;
    if (r) {
        tri_message_free(message);
        return r;
    }
    *ret_message = message;
    return 0;
}

static int check_map(void *map, const struct tri_blob_name *name, uint64_t alias,
                     struct tr_message **ret_message)
{
    tr_term term;
    int r = tr_check(map, name->size_bytes, NULL, &term) ? TR_MALFORMED : 0;
    if (r == 0) {
        *ret_message =
            tri_message_of_map((tr_pid){name->sender}, alias, map, name->size_bytes, term);
        r = *ret_message ? 0 : TR_MALFORMED;
    }
    if (r)
        munmap(map, name->size_bytes);
    return r;
}

/* Maps a large body, and unlinks it to see whether it is at rest; from then on there is no second try. */
static int take_large(int fd, const char *path, const struct tri_blob_name *name, uint64_t alias,
                      struct tr_message **ret_message)
{
    void *map = mmap(NULL, name->size_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    unlink(path);
    if (is_at_rest(fd))
        return check_map(map, name, alias, ret_message);
    munmap(map, name->size_bytes);
    return copy_out(fd, name, alias, ret_message) ? TR_MALFORMED : 0;
}

int tri_blob_take(const struct tri_rundir *dir, tr_pid self, const struct tri_blob_name *name,
                  uint64_t alias, struct tr_message **ret_message)
{
    char path[TRI_PATH_BYTES];
    TRI_AUTO(tri_fd_close) int fd = -1;
    path_of(dir, self, name, path);
    int r = open_blob(path, name, &fd);
    if (r == 0 && name->size_bytes >= TRI_BLOB_MAP_BYTES)
        return take_large(fd, path, name, alias, ret_message);
    if (r == 0)
        r = copy_out(fd, name, alias, ret_message);
    if (r >= 0)
        unlink(path);
    return r;
}
