/* Room: whether a receiver may use more of the ring, and making that room: what is over is let go of, what is still needed
 * moves out of the way. */
#include "mailbox/room.h"

#include <string.h>

/* After so much was recorded for a receiver, what it has published is read again. */
#define READ_AGAIN_BYTES (32u * 1024u)
/* When the ring is full, so much is let go of at once, if it is over. */
#define RELEASE_AHEAD_BYTES (64u * 1024u)

/* Files take memory of the whole machine, so they count by themselves. */
static bool is_within_blob_share(struct tri_peer *peer, uint64_t blob_bytes)
{
    uint64_t under_way = 0;
    if (blob_bytes == 0)
        return true;
    while (peer->blob_count > 0 && peer->blobs[0].number <= peer->published)
        memmove(peer->blobs, peer->blobs + 1, --peer->blob_count * sizeof peer->blobs[0]);
    for (uint32_t i = 0; i < peer->blob_count; i++)
        under_way += peer->blobs[i].size_bytes;
    return peer->blob_count == 0 ||
           (peer->blob_count < TRI_PEER_BLOBS && under_way + blob_bytes <= TRI_ROOM_BLOB_BYTES);
}

void tri_room_note_blob(struct tri_peer *peer, uint64_t blob_bytes)
{
    peer->blobs[peer->blob_count++] = (struct tri_sent_blob){peer->last + 1, blob_bytes};
}

static bool is_within_share(const struct tri_outbox *outbox, struct tri_peer *peer, size_t room,
                            uint64_t blob_bytes)
{
    if (!is_within_blob_share(peer, blob_bytes))
        return false;
    if (outbox->live_bytes + room > TRI_RING_LIVE_BYTES)
        return false;
    if (peer->live_bytes == 0)
        return true;
    return 2 * (peer->live_bytes + room) <=
           TRI_RING_LIVE_BYTES - outbox->live_bytes + peer->live_bytes;
}

static bool has_share(struct tri_outbox *outbox, struct tri_peer *peer, size_t room,
                      uint64_t blob_bytes)
{
    if (peer->unread_bytes >= READ_AGAIN_BYTES)
        tri_outbox_refresh(outbox, peer);
    if (is_within_share(outbox, peer, room, blob_bytes))
        return true;
    if (!tri_outbox_refresh(outbox, peer) && outbox->live_bytes == peer->live_bytes)
        return false;
    if (is_within_share(outbox, peer, room, blob_bytes))
        return true;
    tri_outbox_refresh_all(outbox);
    return is_within_share(outbox, peer, room, blob_bytes);
}

/* The oldest record leaves the tail: it is over, or it is moved to the head. */
static int pass_over_oldest(struct tri_outbox *outbox, const struct tri_record *record,
                            uint64_t position)
{
    struct tri_peer *peer = tri_outbox_find(outbox, (tr_pid){record->receiver});
    if (!peer || !tri_peer_needs(peer, record->number, position)) {
        tri_ring_release(&outbox->ring);
        return 0;
    }
    size_t room = tri_record_room(record->size_bytes);
    int r = tri_recorder_grow_ring(outbox->recorder, tri_ring_next_end(&outbox->ring, room));
    if (r == 0)
        tri_peer_move(peer, record->number, tri_ring_move(&outbox->ring));
    return r;
}

/* Lets go of more of what is over, so that the next sends need not look again. */
static void release_ahead(struct tri_outbox *outbox, size_t room)
{
    uint64_t position;
    const struct tri_record *oldest;
    while (!tri_ring_accepts(&outbox->ring, room) &&
           (oldest = tri_ring_oldest(&outbox->ring, &position))) {
        struct tri_peer *peer = tri_outbox_find(outbox, (tr_pid){oldest->receiver});
        if (peer && tri_peer_needs(peer, oldest->number, position))
            return;
        tri_ring_release(&outbox->ring);
    }
}

/* When only one receiver has not published everything, what is over is let go of at once. */
static void release_for_one(struct tri_outbox *outbox)
{
    uint64_t position;
    const struct tri_peer *peer = outbox->watched;
    if (peer && !peer->watched_next && tri_peer_oldest(peer, &position))
        tri_ring_release_to(&outbox->ring, position);
}

/* Makes room in the ring, by one lap of its tail at most. 0, TR_BUSY, -ENOSPC. */
static int make_room(struct tri_outbox *outbox, size_t room)
{
    uint64_t position, stop = tri_ring_head(&outbox->ring);
    if (tri_ring_accepts(&outbox->ring, room))
        return 0;
    tri_outbox_refresh_all(outbox);
    release_for_one(outbox);
    while (!tri_ring_accepts(&outbox->ring, room)) {
        const struct tri_record *oldest = tri_ring_oldest(&outbox->ring, &position);
        if (!oldest || position >= stop)
            return TR_BUSY;
        int r = pass_over_oldest(outbox, oldest, position);
        if (r)
            return r;
    }
    release_ahead(outbox, room + RELEASE_AHEAD_BYTES);
    return 0;
}

/* Before the ring takes new memory, it looks whether the old is free: so an actor that talks a little for ever stays in
 * the same page. */
static int make_ready(struct tri_outbox *outbox, size_t room)
{
    size_t end = tri_ring_next_end(&outbox->ring, room);
    if (end <= outbox->recorder->ring_ready_bytes)
        return 0;
    tri_outbox_refresh_all(outbox);
    if (outbox->live_bytes == 0) {
        tri_ring_rewind(&outbox->ring);
        end = room;
    }
    return tri_recorder_grow_ring(outbox->recorder, end);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* How much more may go to this peer before anything has to be asked again, if only it is sent to. */
static size_t credit_of(const struct tri_outbox *outbox, const struct tri_peer *peer)
{
    uint64_t taken = outbox->live_bytes + peer->live_bytes;
    if (peer->unread_bytes >= READ_AGAIN_BYTES || taken >= TRI_RING_LIVE_BYTES)
        return 0;
    size_t share = (size_t)(TRI_RING_LIVE_BYTES - taken) / 2;
    size_t straight = tri_ring_straight(&outbox->ring, outbox->recorder->ring_ready_bytes);
    return least(least(share, straight), READ_AGAIN_BYTES - peer->unread_bytes);
}

int tri_room_find(struct tri_outbox *outbox, struct tri_peer *peer, size_t room,
                  uint64_t blob_bytes)
{
    int r = has_share(outbox, peer, room, blob_bytes) ? make_room(outbox, room) : TR_BUSY;
    if (r == 0)
        r = make_ready(outbox, room);
    outbox->busy_with = r == TR_BUSY ? tri_peer_pid(peer) : TR_NO_PID;
    outbox->busy_room_bytes = room;
    outbox->busy_blob_bytes = blob_bytes;
    outbox->credit_bytes = r == 0 ? credit_of(outbox, peer) : 0;
    return r;
}

bool tri_room_is_back(struct tri_outbox *outbox, size_t worth_bytes)
{
    struct tri_peer *peer = tri_outbox_find(outbox, outbox->busy_with);
    outbox->credit_bytes = 0;
    if (peer && tri_table_is_alive(outbox->table, outbox->busy_with)) {
        size_t room = outbox->busy_room_bytes;
        if (peer->live_bytes > 0 && room < worth_bytes)
            room = worth_bytes;
        if (!has_share(outbox, peer, room, outbox->busy_blob_bytes) ||
            make_room(outbox, room) == TR_BUSY)
            return false;
    }
    outbox->busy_with = TR_NO_PID;
    return true;
}
