/* Door: knocks are handed to the intake; the socket waits for a wish. */
#include "mailbox/door.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "mailbox/doorbell.h"
#include "mailbox/frame.h"
#include "mailbox/knock.h"

/* How many knocks are heard at once. */
#define KNOCKS_AT_ONCE 16
/* Of so many wishes for a socket one is tried, when none could be had. */
#define WISHES_IN_VAIN 64

int tri_door_open(struct tri_mailbox *mailbox)
{
    char path[TRI_PATH_BYTES];
    const struct tri_mailbox_options *options = &mailbox->options;
    int r = tri_doorbell_open(tri_rundir_doorbell(options->dir, options->self, path));
    mailbox->doorbell_fd = r < 0 ? -1 : r;
    if (r >= 0)
        tri_knock_keep_spare(&mailbox->outbox, r);
    return r < 0 ? r : 0;
}

void tri_door_close(struct tri_mailbox *mailbox)
{
    char path[TRI_PATH_BYTES];
    const struct tri_mailbox_options *options = &mailbox->options;
    if (mailbox->doorbell_fd >= 0)
        unlink(tri_rundir_doorbell(options->dir, options->self, path));
    tri_fd_close(&mailbox->doorbell_fd);
}

int tri_door_bind(struct tri_mailbox *mailbox)
{
    char path[TRI_PATH_BYTES];
    const struct tri_mailbox_options *options = &mailbox->options;
    if (tri_socket_is_open(&mailbox->socket))
        return 0;
    tri_rundir_mailbox(options->dir, options->self, path);
    int r = tri_socket_bind(&mailbox->socket, path, TRI_FRAME_BYTES);
    if (r == 0 && chmod(path, 0777) < 0) /* root's is written to by actors that are other users */
        tri_debug("mailbox %s: %s", path, strerror(errno));
    if (r == 0)
        atomic_store(&tri_mailbox_box(mailbox)->door, TRI_DOOR_SOCKET);
    return r;
}

/* Somebody has knocked often enough for a connection, or there is a crowd. When no socket can be had now, the doorbell
 * does; it is tried again when that has been wished for a few times more. */
static void bind_as_wished(struct tri_mailbox *mailbox)
{
    mailbox->wants_socket = false;
    int r = mailbox->wishes_in_vain % WISHES_IN_VAIN == 0 ? tri_door_bind(mailbox) : -EAGAIN;
    if (r) {
        mailbox->wishes_in_vain++;
        return;
    }
    mailbox->wishes_in_vain = 0;
    if (tri_fetch_is_crowded(&mailbox->intake.fetch))
        atomic_store(&tri_mailbox_box(mailbox)->door, TRI_DOOR_CROWDED);
}

void tri_door_answer(struct tri_mailbox *mailbox)
{
    struct tri_knock knocks[KNOCKS_AT_ONCE];
    int n = tri_doorbell_read(mailbox->doorbell_fd, knocks, KNOCKS_AT_ONCE);
    mailbox->is_knocked = n == KNOCKS_AT_ONCE;
    if (n == -EPROTO)
        tri_count(&tri_mailbox_box(mailbox)->bad_frames, 1);
    for (int i = 0; i < n; i++) {
        tri_intake_knock(&mailbox->intake, &knocks[i]);
        mailbox->wants_socket |= knocks[i].wants_connection;
    }
    mailbox->wants_socket |= tri_fetch_is_crowded(&mailbox->intake.fetch);
    if (mailbox->wants_socket && !mailbox->intake.is_helped)
        bind_as_wished(mailbox); /* its thread is started by the owner: see tri_socket_bind */
}

void tri_door_end_crowd(struct tri_mailbox *mailbox)
{
    if (atomic_load_explicit(&tri_mailbox_box(mailbox)->door, memory_order_relaxed) ==
        TRI_DOOR_CROWDED)
        atomic_store(&tri_mailbox_box(mailbox)->door, TRI_DOOR_SOCKET);
}
