/* Blob: names are given, followed and removed here; what the files hold is a matter of those who send. */
#include "mailbox/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "mailbox/message.h"
#include "mailbox/stretch.h"

/* ---------------------------------------------------------------- giving names */

int tri_blob_nameless(const struct tri_rundir *dir, int *ret_fd)
{
    char path[TRI_PATH_BYTES];
    int fd = open(tri_rundir_nameless(dir, path), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    *ret_fd = fd;
    return 0;
}

/* Links a nameless file. Kernels before 6.10 let only the privileged do that by descriptor; the way through /proc is open
 * to all, and slower. */
static int link_to(int fd, const char *path)
{
    static _Atomic bool is_refused;
    char by_proc[32];
    if (!is_refused) {
        if (linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0)
            return 0;
        if (errno != ENOENT)
            return -errno;
    }
    snprintf(by_proc, sizeof by_proc, "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, by_proc, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0)
        return -errno;
    is_refused = true;
    return 0;
}

int tri_blob_let_read(int fd, uint32_t own, uint32_t reader)
{
    int r = 0;
    if (own == reader || reader == TRI_NODES_USER)
        return 0;
    if (own == TRI_NODES_USER)
        r = fchown(fd, reader, (gid_t)-1);
    else
        r = fchmod(fd, 0644);
    return r < 0 ? -errno : 0;
}

/* Makes the folder of the first blob to that receiver. 0 or a negative errno. */
static int make_folder(const struct tri_rundir *dir, tr_pid receiver)
{
    char folder[TRI_PATH_BYTES];
    return mkdir(tri_rundir_blobs(dir, receiver, folder), 0700) < 0 && errno != EEXIST ? -errno : 0;
}

int tri_blob_link(const struct tri_rundir *dir, tr_pid receiver, const struct tri_blob_name *name,
                  int fd)
{
    char path[TRI_PATH_BYTES];
    tri_rundir_blob(dir, receiver, (tr_pid){name->sender}, name->serial, path);
    int r = link_to(fd, path);
    if (r == -ENOENT)
        r = make_folder(dir, receiver);
    else
        return r;
    return r ? r : link_to(fd, path);
}

int tri_blob_move(const struct tri_rundir *dir, tr_pid receiver, const struct tri_blob_name *name,
                  uint64_t own_serial)
{
    char from[TRI_PATH_BYTES], to[TRI_PATH_BYTES];
    tr_pid sender = {name->sender};
    tri_rundir_blob(dir, sender, sender, own_serial, from);
    tri_rundir_blob(dir, receiver, sender, name->serial, to);
    if (rename(from, to) == 0)
        return 0;
    int r = errno == ENOENT ? make_folder(dir, receiver) : -errno;
    return r || rename(from, to) == 0 ? r : -errno;
}

/* ---------------------------------------------------------------- taking */

/* Is the file as long as it should be, and has it all of its memory? One that was lent may have served for something
 * longer before. */
static bool has_its_length(const struct tri_blob_name *name, const struct stat *st)
{
    if (name->size_bytes == 0 || name->size_bytes > TR_DEFAULT_SIZE_BYTES || st->st_size < 0)
        return false;
    uint64_t end = name->offset_bytes + name->size_bytes, size = (uint64_t)st->st_size;
    if ((uint64_t)st->st_blocks * 512 < end)
        return false;
    return name->kind == TRI_BLOB_LENT ? size >= end : name->kind == TRI_BLOB_GIVEN && size == end;
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
    if (!S_ISREG(st.st_mode) || !has_its_length(name, &st))
        return TR_MALFORMED;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/* Who has a file of its own open for reading can open it again for writing: so what root was sent by another user becomes
 * root's. */
static bool is_own(int fd, const struct stat *st)
{
    return st->st_uid == geteuid() ||
           (fchown(fd, geteuid(), (gid_t)-1) == 0 && fchmod(fd, 0600) == 0);
}

/* Can nobody write to this file any more, and has it all of its memory? It has no name, no writer and no hole. The lease
 * is given back at once: it was only a question, and who breaks one sends its holder a signal. */
static bool is_at_rest(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || st.st_nlink > 0 || st.st_blocks * 512 < st.st_size ||
        !is_own(fd, &st))
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
    ssize_t n = tri_fd_read_at(fd, tri_message_room(message), name->size_bytes, name->offset_bytes);
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

static int check_map(struct tri_stretch *stretch, const struct tri_blob_name *name, uint64_t alias,
                     struct tr_message **ret_message)
{
    tr_term term;
    if (tr_check(stretch->at + name->offset_bytes, name->size_bytes, NULL, &term) == 0 &&
        (*ret_message = tri_message_of_map((tr_pid){name->sender}, alias, stretch->base,
                                           stretch->base_bytes, term)))
        return 0;
    tri_stretch_unmap(stretch);
    return TR_MALFORMED;
}

/* Maps a large body, and unlinks it to see whether it is at rest; from then on there is no second try. */
static int take_large(int fd, const char *path, const struct tri_blob_name *name, uint64_t alias,
                      struct tr_message **ret_message)
{
    struct tri_stretch stretch;
    int r = tri_stretch_map(&stretch, fd, name->offset_bytes + name->size_bytes, PROT_READ);
    if (r)
        return r;
    unlink(path);
    if (is_at_rest(fd))
        return check_map(&stretch, name, alias, ret_message);
    tri_stretch_unmap(&stretch);
    return copy_out(fd, name, alias, ret_message) ? TR_MALFORMED : 0;
}

/* Moves a file that was lent back to its sender's folder; a sender that is dead has none any more. */
static bool give_back(const struct tri_rundir *dir, const char *path,
                      const struct tri_blob_name *name)
{
    char own[TRI_PATH_BYTES];
    tr_pid sender = {name->sender};
    tri_rundir_blob(dir, sender, sender, name->serial, own);
    return name->kind == TRI_BLOB_LENT && rename(path, own) == 0;
}

int tri_blob_take(const struct tri_rundir *dir, tr_pid self, const struct tri_blob_name *name,
                  uint64_t alias, struct tr_message **ret_message)
{
    char path[TRI_PATH_BYTES];
    TRI_AUTO(tri_fd_close) int fd = -1;
    tri_rundir_blob(dir, self, (tr_pid){name->sender}, name->serial, path);
    int r = open_blob(path, name, &fd);
    if (r == 0 && name->kind == TRI_BLOB_GIVEN && name->size_bytes >= TRI_BLOB_MAP_BYTES)
        return take_large(fd, path, name, alias, ret_message);
    if (r == 0)
        r = copy_out(fd, name, alias, ret_message);
    if (r >= 0 && !give_back(dir, path, name))
        unlink(path);
    return r;
}

void tri_blob_drop(const struct tri_rundir *dir, tr_pid self, const struct tri_blob_name *name)
{
    char path[TRI_PATH_BYTES];
    tri_rundir_blob(dir, self, (tr_pid){name->sender}, name->serial, path);
    if (!give_back(dir, path, name))
        unlink(path);
}
