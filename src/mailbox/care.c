/* Care: one look at each watched peer when its time has come. */
#include "mailbox/care.h"

#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"

#define FIRST_PATIENCE_NS (50 * TRI_NS_PER_MS)
#define MOST_PATIENCE_NS (8 * TRI_NS_PER_S)
/* From this patience on a missing connection is made anew, and a receiver that waits in receive is sent to again. */
#define WAITING_PATIENCE_NS (200 * TRI_NS_PER_MS)
/* From this patience on a receiver that is busy, but comes by its mailbox, is sent to again too. */
#define BLIND_PATIENCE_NS (3200 * TRI_NS_PER_MS)
/* A receiver that has been in receive for this long has taken in everything that reached it. */
#define RECEIVE_IS_LONG_NS (100 * TRI_NS_PER_MS)

/* Who found a full doorbell, or none yet, tries again after this. */
#define REFUSED_PATIENCE_NS (2 * TRI_NS_PER_MS)

enum remedy { NONE, RESEND, RECONNECT };

/* Can our records not be on their way to the receiver any more? It has been in receive for so long that it must have
 * them; or, when much time has passed, it has looked into its mailbox since we last did something about it. */
static bool must_have_them(const struct tri_outbox *outbox, const struct tri_peer *peer,
                           uint64_t now_ns)
{
    struct tri_box box;
    const struct tri_recorder *recorder = outbox->recorder;
    uint32_t slot = tr_pid_slot(tri_peer_pid(peer));
    if (tri_box_read(recorder->fd, recorder->slots, slot, &box) || box.pid != peer->pid)
        return false;
    if (box.full_since_ns)
        return false; /* it has seen some of them, and keeps them waiting */
    if (box.activity == TRI_ACTIVITY_WAITING &&
        box.activity_since_ns + RECEIVE_IS_LONG_NS <= now_ns)
        return true;
    return peer->patience_ns >= BLIND_PATIENCE_NS && box.heartbeat_ns + peer->patience_ns > now_ns;
}

/* Has it been silent for so long that our records must be lost? */
static bool are_lost(const struct tri_outbox *outbox, const struct tri_peer *peer, uint64_t now_ns)
{
    return peer->patience_ns >= WAITING_PATIENCE_NS && must_have_them(outbox, peer, now_ns);
}

static enum remedy remedy_for(const struct tri_outbox *outbox, struct tri_peer *peer,
                              uint64_t now_ns)
{
    if (peer->is_refused)
        return RESEND;
    if (!tri_socket_is_open(&peer->socket))
        return are_lost(outbox, peer, now_ns) ? RESEND : NONE; /* all was left to be fetched */
    uint64_t connections = tri_socket_connections(&peer->socket);
    if (!tri_socket_is_connected(&peer->socket))
        return peer->patience_ns >= WAITING_PATIENCE_NS ? RECONNECT : NONE;
    /* Noted only now: a connection counts before the handshake is over, and what was lost with the one before is sent
     * when that is. */
    uint64_t before = peer->connections_then;
    peer->connections_then = connections;
    if (connections > before && connections > 1)
        return RESEND;
    if (!are_lost(outbox, peer, now_ns))
        return NONE;
    return peer->is_unsent ? RECONNECT : RESEND;
}

static void treat(struct tri_outbox *outbox, struct tri_peer *peer, uint64_t now_ns)
{
    enum remedy remedy = remedy_for(outbox, peer, now_ns);
    if (remedy == NONE)
        return;
    tri_debug("messages to <0.%u.%u> do not arrive: %s", tr_pid_slot(tri_peer_pid(peer)),
              tr_pid_generation(tri_peer_pid(peer)),
              remedy == RESEND ? "sent again" : "connected anew");
    if (remedy == RESEND)
        tri_outbox_resend(outbox, peer);
    else
        tri_outbox_reconnect(outbox, peer);
}

static void stamp(struct tri_peer *peer, uint64_t now_ns)
{
    peer->patience_ns = peer->is_refused ? REFUSED_PATIENCE_NS : FIRST_PATIENCE_NS;
    peer->check_ns = now_ns + peer->patience_ns;
    peer->published_then = peer->published;
}

/* Looks at a peer that is still watched and not dead. */
static void look_at(struct tri_outbox *outbox, struct tri_peer *peer, uint64_t now_ns)
{
    if (peer->check_ns == 0 || peer->published > peer->published_then) {
        stamp(peer, now_ns);
        return;
    }
    if (now_ns < peer->check_ns)
        return;
    treat(outbox, peer, now_ns);
    peer->patience_ns *= 2;
    if (peer->patience_ns > MOST_PATIENCE_NS)
        peer->patience_ns = MOST_PATIENCE_NS;
    peer->check_ns = now_ns + peer->patience_ns;
}

/* Gives those that are new in the list their time. */
static void stamp_new(struct tri_outbox *outbox, uint64_t now_ns)
{
    struct tri_peer *peer;
    outbox->has_unstamped = false;
    DL_FOREACH2(outbox->watched, peer, watched_next) {
        if (peer->check_ns)
            break;
        stamp(peer, now_ns);
        if (peer->check_ns < outbox->care_ns)
            outbox->care_ns = peer->check_ns;
    }
}

void tri_care(struct tri_outbox *outbox, uint64_t now_ns)
{
    struct tri_peer *peer, *next;
    if (outbox->has_unstamped)
        stamp_new(outbox, now_ns);
    if (now_ns < outbox->care_ns)
        return;
    tri_outbox_drop_dead(outbox);
    tri_outbox_refresh_all(outbox);
    outbox->care_ns = TRI_NEVER;
    DL_FOREACH_SAFE2(outbox->watched, peer, next, watched_next) {
        look_at(outbox, peer, now_ns);
        if (peer->check_ns < outbox->care_ns)
            outbox->care_ns = peer->check_ns;
    }
}
