/* Sending large bodies.
 *
 *     content of a blob            its own file goes                              nothing is copied
 *     up to TRI_POOL_FILE_BYTES    written into a file of the pool, copied out    no page is taken or freed
 *     more                         written into a new file, in large pages        copied once
 */
#include "mailbox/send_blob.h"

#include <errno.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "mailbox/blob.h"
#include "mailbox/built.h"
#include "mailbox/room.h"

/* To whom, and as whom each of both lives. */
struct way {
    const struct tri_rundir *dir;
    tr_pid to;
    uint32_t own, reader; /* tri_table_user */
};

/* Gives a file away under its name. */
static int give_name(const struct way *way, const struct tri_blob_name *name, int fd)
{
    int r = tri_blob_let_read(fd, way->own, way->reader);
    return r ? r : tri_blob_link(way->dir, way->to, name, fd);
}

/* Gives away the file that the content was built in. The record must not say so before nobody can write to it. */
static int hand_over(const struct way *way, struct tri_blob_name *name,
                     const struct tri_letter *letter)
{
    ssize_t begin = tri_built_frame(letter);
    if (begin < 0)
        return (int)begin;
    name->kind = TRI_BLOB_GIVEN;
    name->offset_bytes = (uint32_t)begin;
    int r = give_name(way, name, letter->blob->fd);
    if (r == 0)
        tri_built_free(letter->blob);
    return r;
}

/* Writes a letter to a file that is given away. */
static int give(const struct way *way, struct tri_blob_name *name, const struct tri_letter *letter)
{
    struct tr_blob *blob;
    int r = tri_built_new(way->dir, letter->size_bytes, &blob);
    if (r)
        return r;
    name->kind = TRI_BLOB_GIVEN;
    name->offset_bytes = TRI_BUILT_HEAD_BYTES;
    r = tri_fd_write_parts(blob->fd, letter->parts, letter->count, TRI_BUILT_HEAD_BYTES);
    if (r == 0)
        r = give_name(way, name, blob->fd);
    tri_built_free(blob);
    return r;
}

/* As give, for a body that is not worth large pages. */
static int give_small(const struct way *way, struct tri_blob_name *name,
                      const struct tri_letter *letter)
{
    TRI_AUTO(tri_fd_close) int fd = -1;
    int r = tri_blob_nameless(way->dir, &fd);
    name->kind = TRI_BLOB_GIVEN;
    name->offset_bytes = 0;
    if (r == 0)
        r = tri_fd_write_parts(fd, letter->parts, letter->count, 0);
    return r ? r : give_name(way, name, fd);
}

/* What is lent must be read by its borrower, and be moved back: root can do that with what is another's. And it must not
 * be kept open by one who may not read what is in it the next time. */
static bool may_lend(const struct way *way)
{
    return way->reader == way->own || way->reader == TRI_NODES_USER;
}

static int send_copy(struct tri_mailbox *mailbox, const struct way *way, struct tri_blob_name *name,
                     const struct tri_letter *letter)
{
    if (letter->size_bytes > TRI_POOL_FILE_BYTES)
        return give(way, name, letter);
    int r = may_lend(way) ? tri_pool_lend(&mailbox->pool, way->to, name, letter) : TR_BUSY;
    return r == TR_BUSY ? give_small(way, name, letter) : r;
}

/* Brings the body to where its receiver finds it. On a full disk the files that wait in the pool are given back first. */
static int deposit(struct tri_mailbox *mailbox, tr_pid to, struct tri_blob_name *name,
                   const struct tri_letter *letter)
{
    const struct tri_mailbox_options *options = &mailbox->options;
    const struct way way = {.dir = options->dir,
                            .to = to,
                            .own = tri_table_user(options->table, options->self),
                            .reader = tri_table_user(options->table, to)};
    if (letter->blob && tri_built_has_room(letter))
        return hand_over(&way, name, letter);
    int r = send_copy(mailbox, &way, name, letter);
    if (r == -ENOSPC && tri_pool_trim(&mailbox->pool))
        r = send_copy(mailbox, &way, name, letter);
    if (r == 0)
        tri_built_free(letter->blob);
    return r;
}

/* Says in the box which file has a name but no record yet: (0, 0) none. */
static void note_under_way(struct tri_mailbox *mailbox, tr_pid to, uint64_t serial)
{
    struct tri_box *box = mailbox->recorder.box;
    atomic_store(&box->blob_receiver, to.id);
    atomic_store(&box->blob_serial, serial);
}

/* Who waits for a file to come back is faster than who takes a new one. */
_Static_assert(TRI_PEER_BLOBS <= TRI_POOL_FILES, "one receiver finds a file in the pool");

int tri_send_blob(struct tri_mailbox *mailbox, tr_pid to, uint64_t alias,
                  const struct tri_letter *letter)
{
    struct tri_peer *peer;
    char path[TRI_PATH_BYTES];
    const struct tri_mailbox_options *options = &mailbox->options;
    size_t size_bytes = letter->size_bytes;
    int r = tri_outbox_admit(&mailbox->outbox, to, sizeof(struct tri_blob_name), size_bytes, &peer);
    if (r)
        return r;
    struct tri_blob_name name = {
        .sender = options->self.id, .serial = ++mailbox->blobs, .size_bytes = size_bytes};
    note_under_way(mailbox, to, name.serial);
    r = deposit(mailbox, to, &name, letter);
    if (!tri_table_is_alive(options->table, to)) {
        /* The node may have done so before the file was there, or while its folder was made. Another user than the
         * receiver can remove no more than its own file. */
        if (r == 0 && options->dir->blobs_fd)
            unlink(tri_rundir_blob(options->dir, to, options->self, name.serial, path));
        tri_rundir_forget(options->dir, to);
        if (r == -ENOENT)
            tri_built_free(letter->blob);
        if (r == 0 || r == -ENOENT)
            r = TR_NOPROC;
    }
    if (r == 0) {
        const struct iovec part = {&name, sizeof name};
        tri_room_note_blob(peer, size_bytes);
        tri_outbox_send(&mailbox->outbox, peer, TRI_RECORD_BLOB, alias, &part, 1, sizeof name);
    }
    note_under_way(mailbox, TR_NO_PID, 0);
    return r;
}
