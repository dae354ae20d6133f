/* Knock: a few bytes into a pipe, and the counting. */
#include "mailbox/knock.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/fd.h"
#include "mailbox/doorbell.h"

void tri_knock_keep_spare(struct tri_outbox *outbox, int like_fd)
{
    outbox->like_fd = like_fd;
    outbox->spare_fd = fcntl(like_fd, F_DUPFD_CLOEXEC, 0);
}

/* Gives up the descriptor that is kept for a program which has used up its own, and takes it back. */
static int knock_with_spare(struct tri_outbox *outbox, const char *path,
                            const struct tri_knock *knock)
{
    tri_fd_close(&outbox->spare_fd);
    int r = tri_doorbell_knock(path, knock);
    tri_knock_keep_spare(outbox, outbox->like_fd);
    return r;
}

/* A receiver that is not born yet has no doorbell, or one that nobody reads. */
static int knock_with(struct tri_outbox *outbox, const struct tri_peer *peer,
                      const struct tri_knock *knock)
{
    char path[TRI_PATH_BYTES];
    tr_pid to = tri_peer_pid(peer);
    if (tri_table_state(outbox->table, to) == TRI_STATE_STARTING)
        return -ENOENT;
    tri_rundir_doorbell(outbox->dir, to, path);
    int r = tri_doorbell_knock(path, knock);
    return r == -EMFILE ? knock_with_spare(outbox, path, knock) : r;
}

/* Notes that we knock: of a first knock no more need be known, as for most receivers it is the only one. */
static void count_knock(struct tri_peer *peer, uint32_t number)
{
    uint64_t before_ns = peer->knocked_ns;
    if (peer->knocks > 0)
        peer->knocked_ns = tri_clock_coarse_ns();
    bool is_rapid = before_ns && peer->knocked_ns - before_ns < TRI_OUTBOX_RAPID_NS;
    peer->rapid_knocks = is_rapid ? peer->rapid_knocks + 1 : 1;
    peer->knocks = number;
}

int tri_knock(struct tri_outbox *outbox, struct tri_peer *peer)
{
    struct tri_knock knock = {
        .sender = outbox->recorder->self.id,
        .number = (peer->knocks + 1) % TRI_KNOCKS,
        .magic = TRI_KNOCK_MAGIC,
        .wants_connection = peer->rapid_knocks + 1 >= outbox->rapid_knocks,
    };
    if (!tri_peer_oldest(peer, &knock.position))
        knock.position = 0;
    int r = knock_with(outbox, peer, &knock);
    if (r == 0)
        count_knock(peer, knock.number);
    return r;
}

/* The helper opens no socket: the first one starts a thread. */
bool tri_knock_is_tedious(const struct tri_outbox *outbox, const struct tri_peer *peer)
{
    const struct tri_recorder *recorder = outbox->recorder;
    bool is_in_conversation = peer->rapid_knocks >= outbox->rapid_knocks;
    if (outbox->is_helped || (peer->knocks < TRI_OUTBOX_KNOCKS_IN_CROWD && !is_in_conversation))
        return false;
    enum tri_door door = tri_box_door(recorder->fd, recorder->slots, tri_peer_pid(peer));
    return door == TRI_DOOR_CROWDED || (door == TRI_DOOR_SOCKET && is_in_conversation);
}
