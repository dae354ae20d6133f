/* Pool: a file is here again when it has its name in our folder. Others may write into that folder, and nothing that
 * lies there is believed: content goes through the descriptor that we kept. */
#include "mailbox/pool.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "mailbox/blob.h"
#include "mailbox/stretch.h"

/* From this size on a new file is worth a large page. */
#define LARGE_FROM_BYTES ((size_t)512 << 10)

void tri_pool_init(struct tri_pool *pool, const struct tri_rundir *dir, tr_pid self)
{
    *pool = (struct tri_pool){.dir = dir, .self = self};
}

static void forget(struct tri_pool *pool, unsigned place)
{
    tri_fd_close(&pool->files[place].fd);
    for (pool->count--; place < pool->count; place++)
        pool->files[place] = pool->files[place + 1];
}

/* Makes a file the one that was sent last. */
static void move_to_end(struct tri_pool *pool, unsigned place)
{
    struct tri_pool_file file = pool->files[place];
    for (; place + 1 < pool->count; place++)
        pool->files[place] = pool->files[place + 1];
    pool->files[place] = file;
}

static char *own_path(const struct tri_pool *pool, unsigned place, char path[TRI_PATH_BYTES])
{
    return tri_rundir_blob(pool->dir, pool->self, pool->self, pool->files[place].serial, path);
}

static bool is_here(const struct tri_pool *pool, unsigned place)
{
    char path[TRI_PATH_BYTES];
    return access(own_path(pool, place, path), F_OK) == 0;
}

/* Has it no name any more? Its receiver has died, or removed it. */
static bool is_lost(const struct tri_pool *pool, unsigned place)
{
    struct stat st;
    return fstat(pool->files[place].fd, &st) < 0 || st.st_nlink == 0;
}

/* The file that was sent longest ago of those that are here; count when there is none. */
static unsigned find_here(struct tri_pool *pool)
{
    for (unsigned i = 0; i < pool->count;) {
        if (is_here(pool, i))
            return i;
        if (is_lost(pool, i))
            forget(pool, i);
        else
            i++;
    }
    return pool->count;
}

/* Writes to a new file and gives it its first name. */
static int lend_new(struct tri_pool *pool, tr_pid receiver, const struct tri_blob_name *name,
                    const struct tri_letter *letter)
{
    int fd = -1;
    int r = tri_blob_nameless(pool->dir, &fd);
    if (r == 0 && letter->size_bytes >= LARGE_FROM_BYTES &&
        tri_stretch_reserve(fd, letter->size_bytes))
        r = ftruncate(fd, 0) < 0 ? -errno : 0; /* small pages may do */
    if (r == 0)
        r = tri_fd_write_parts(fd, letter->parts, letter->count, 0);
    if (r == 0)
        r = tri_blob_link(pool->dir, receiver, name, fd);
    if (r) {
        tri_fd_close(&fd);
        return r;
    }
    pool->files[pool->count++] = (struct tri_pool_file){fd, name->serial};
    return 0;
}

static int lend_again(struct tri_pool *pool, unsigned place, tr_pid receiver,
                      const struct tri_blob_name *name, const struct tri_letter *letter)
{
    struct tri_pool_file *file = &pool->files[place];
    int r = tri_fd_write_parts(file->fd, letter->parts, letter->count, 0);
    if (r == 0)
        r = tri_blob_move(pool->dir, receiver, name, file->serial);
    if (r)
        return r;
    file->serial = name->serial;
    move_to_end(pool, place);
    return 0;
}

/* The folder into which receivers give back. Made once: the receiver does not make one, because its sender may be dead. */
static int make_own_folder(struct tri_pool *pool)
{
    char path[TRI_PATH_BYTES];
    if (pool->count > 0)
        return 0;
    return mkdir(tri_rundir_blobs(pool->dir, pool->self, path), 0700) < 0 && errno != EEXIST
               ? -errno
               : 0;
}

int tri_pool_lend(struct tri_pool *pool, tr_pid receiver, struct tri_blob_name *name,
                  const struct tri_letter *letter)
{
    name->kind = TRI_BLOB_LENT;
    name->offset_bytes = 0;
    unsigned place = find_here(pool);
    if (place == TRI_POOL_FILES)
        return TR_BUSY;
    int r = make_own_folder(pool);
    if (r)
        return r;
    r = place < pool->count ? lend_again(pool, place, receiver, name, letter)
                            : lend_new(pool, receiver, name, letter);
    pool->is_used = pool->count > 0;
    return r;
}

bool tri_pool_is_used(struct tri_pool *pool)
{
    bool is_used = pool->is_used;
    pool->is_used = false;
    return is_used;
}

bool tri_pool_trim(struct tri_pool *pool)
{
    char path[TRI_PATH_BYTES];
    unsigned before = pool->count;
    for (unsigned i = 0; i < pool->count;) {
        if (unlink(own_path(pool, i, path)) == 0 || is_lost(pool, i))
            forget(pool, i);
        else
            i++;
    }
    return pool->count < before;
}

void tri_pool_deinit(struct tri_pool *pool)
{
    while (pool->count > 0)
        forget(pool, pool->count - 1);
}
