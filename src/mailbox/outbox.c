/* Outbox: a record is written to the ring first and offered to nanomsg then; whatever happens afterwards, the ring has it
 * until its receiver has published it. */
#include "mailbox/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "mailbox/frame.h"

/* After so many new peers at least, the dead ones are swept. */
#define SWEEP_AFTER 16
/* After so much was recorded for a receiver, what it has published is read again. */
#define READ_AGAIN_BYTES (32u * 1024u)
/* A first connection takes some 0.1 ms, and more under load; longer than this it is not waited for. */
#define CONNECT_PATIENCE_MS 20
/* When the ring is full, so much is let go of at once, if it is over. */
#define RELEASE_AHEAD_BYTES (64u * 1024u)
/* Of so many messages that were left to be fetched one begins the moment in which messages are held. */
#define LEAVES_WITHOUT_HELP 8
/* When sockets are short, how many candidates for closing are looked at. */
#define EVICTION_TRIES 8

void tri_outbox_init(struct tri_outbox *outbox, struct tri_recorder *recorder,
                     const struct tri_rundir *dir, const struct tri_table *table,
                     struct tri_helper *helper)
{
    *outbox = (struct tri_outbox){.dir = dir,
                                  .table = table,
                                  .recorder = recorder,
                                  .helper = helper,
                                  .batch = 1,
                                  .care_ns = TRI_NEVER};
    outbox->ring = (struct tri_ring){.bytes = recorder->ring,
                                     .shown_head = &recorder->box->ring_head,
                                     .shown_tail = &recorder->box->ring_tail};
}

void tri_outbox_deinit(struct tri_outbox *outbox)
{
    struct tri_peer *peer, *next;
    HASH_ITER(hh, outbox->peers, peer, next) {
        HASH_DEL(outbox->peers, peer);
        tri_peer_free(peer);
    }
    memset(outbox, 0, sizeof *outbox);
}

/* ---------------------------------------------------------------- the two lists */

/* The helper is told since when something is held. */
static void set_held_since(struct tri_outbox *outbox, uint64_t since_ns)
{
    atomic_store_explicit(&outbox->held_since_ns, since_ns, memory_order_relaxed);
}

static void set_unsent(struct tri_outbox *outbox, struct tri_peer *peer, bool is_unsent)
{
    if (peer->is_unsent == is_unsent)
        return;
    peer->is_unsent = is_unsent;
    if (is_unsent)
        DL_APPEND2(outbox->unsent, peer, unsent_prev, unsent_next);
    else
        DL_DELETE2(outbox->unsent, peer, unsent_prev, unsent_next);
    if (!outbox->unsent)
        set_held_since(outbox, 0);
}

static void watch(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (peer->is_watched)
        return;
    peer->is_watched = true;
    peer->check_ns = 0;
    outbox->has_unstamped = true;
    DL_PREPEND2(outbox->watched, peer, watched_prev, watched_next);
}

static void unwatch(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (!peer->is_watched)
        return;
    peer->is_watched = false;
    DL_DELETE2(outbox->watched, peer, watched_prev, watched_next);
    if (!outbox->watched) {
        outbox->care_ns = TRI_NEVER;
        outbox->has_unstamped = false;
    }
}

/* ---------------------------------------------------------------- peers */

struct tri_peer *tri_outbox_find(const struct tri_outbox *outbox, tr_pid pid)
{
    struct tri_peer *peer;
    if (outbox->last && outbox->last->pid == pid.id)
        return outbox->last;
    HASH_FIND(hh, outbox->peers, &pid.id, sizeof pid.id, peer);
    return peer;
}

/* Receivers that died in silence, with nothing under way to them, are swept now and then: what that costs is spread over
 * the peers that were added. */
static void sweep_dead(struct tri_outbox *outbox)
{
    struct tri_peer *peer, *next;
    if (++outbox->added < SWEEP_AFTER || outbox->added < HASH_COUNT(outbox->peers) / 4)
        return;
    outbox->added = 0;
    HASH_ITER(hh, outbox->peers, peer, next) {
        if (!tri_table_is_alive(outbox->table, tri_peer_pid(peer)))
            tri_outbox_drop(outbox, peer);
    }
}

static struct tri_peer *add(struct tri_outbox *outbox, tr_pid pid)
{
    sweep_dead(outbox);
    struct tri_peer *peer = tri_peer_new(pid);
    if (!peer)
        return NULL;
    HASH_ADD(hh, outbox->peers, pid, sizeof peer->pid, peer);
    if (tri_outbox_find(outbox, pid))
        return peer;
    tri_peer_free(peer);
    return NULL;
}

static struct tri_peer *find_or_add(struct tri_outbox *outbox, tr_pid pid)
{
    struct tri_peer *peer = tri_outbox_find(outbox, pid);
    if (!peer)
        peer = add(outbox, pid);
    if (outbox->last != peer)
        outbox->credit_bytes = 0;
    outbox->last = peer;
    return peer;
}

static void close_socket(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (!tri_socket_is_open(&peer->socket))
        return;
    tri_socket_close(&peer->socket);
    outbox->open_sockets--;
}

void tri_outbox_drop(struct tri_outbox *outbox, struct tri_peer *peer)
{
    outbox->live_bytes -= peer->live_bytes;
    set_unsent(outbox, peer, false);
    unwatch(outbox, peer);
    close_socket(outbox, peer);
    if (outbox->last == peer)
        outbox->last = NULL;
    HASH_DEL(outbox->peers, peer);
    tri_peer_free(peer);
}

void tri_outbox_drop_dead(struct tri_outbox *outbox)
{
    struct tri_peer *peer, *next;
    DL_FOREACH_SAFE2(outbox->watched, peer, next, watched_next)
    {
        if (!tri_table_is_alive(outbox->table, tri_peer_pid(peer)))
            tri_outbox_drop(outbox, peer);
    }
}

bool tri_outbox_refresh(struct tri_outbox *outbox, struct tri_peer *peer)
{
    const struct tri_recorder *recorder = outbox->recorder;
    if (peer->published == peer->last)
        return false;
    uint64_t before = peer->published;
    struct tri_received said = tri_box_received(recorder->fd, recorder->slots,
                                                tr_pid_slot(tri_peer_pid(peer)), recorder->self);
    outbox->live_bytes -= tri_peer_publish(peer, said.number);
    peer->is_attended = said.is_attended;
    if (peer->sent == peer->last)
        set_unsent(outbox, peer, false);
    if (peer->published == peer->last)
        unwatch(outbox, peer);
    return peer->published > before;
}

void tri_outbox_refresh_all(struct tri_outbox *outbox)
{
    struct tri_peer *peer, *next;
    DL_FOREACH_SAFE2(outbox->watched, peer, next, watched_next)
    {
        tri_outbox_refresh(outbox, peer);
    }
}

/* ---------------------------------------------------------------- sockets */

/* The open peer that was used longest ago, but after the send `since`, and has nothing unsent. */
static struct tri_peer *least_used(struct tri_outbox *outbox, uint64_t since)
{
    struct tri_peer *peer, *next, *best = NULL;
    HASH_ITER(hh, outbox->peers, peer, next) {
        if (!tri_socket_is_open(&peer->socket) || peer->is_unsent || peer->last_use <= since)
            continue;
        if (!best || peer->last_use < best->last_use)
            best = peer;
    }
    return best;
}

/* Closes one socket whose receiver has published everything, or is dead. Forgets nobody: lists are being walked. */
static bool evict(struct tri_outbox *outbox)
{
    uint64_t since = 0;
    for (int i = 0; i < EVICTION_TRIES; i++) {
        struct tri_peer *peer = least_used(outbox, since);
        if (!peer)
            return false;
        tri_outbox_refresh(outbox, peer);
        if (peer->published == peer->last ||
            !tri_table_is_alive(outbox->table, tri_peer_pid(peer))) {
            close_socket(outbox, peer);
            return true;
        }
        since = peer->last_use;
    }
    return false;
}

/* Gives a peer a socket. One that gets none stays unsent, and is tried again by the next flush. */
static bool open_socket(struct tri_outbox *outbox, struct tri_peer *peer)
{
    char path[TRI_PATH_BYTES];
    if (outbox->open_sockets >= TRI_OUTBOX_SOCKETS && !evict(outbox))
        return false;
    tri_rundir_mailbox(outbox->dir, tri_peer_pid(peer), path);
    int r = tri_socket_connect(&peer->socket, path);
    if (r == -EMFILE && evict(outbox))
        r = tri_socket_connect(&peer->socket, path);
    if (r) {
        tri_debug("no connection to %s: %s", path, tr_strerror(r));
        return false;
    }
    outbox->open_sockets++;
    peer->connections_then = 0;
    return true;
}

/* The first message waits a little for the connection, so that it is on its way when its sender goes on to compute. A
 * receiver that is not ready yet is not waited for. */
static void wait_for_connection(struct tri_outbox *outbox, struct tri_peer *peer)
{
    struct pollfd room = {.fd = peer->socket.fd, .events = POLLIN};
    if (tri_table_state(outbox->table, tri_peer_pid(peer)) != TRI_STATE_STARTING)
        poll(&room, 1, CONNECT_PATIENCE_MS);
}

/* Notes that frames have gone to a receiver just now: more may follow, and share frames. */
static void note_framed(struct tri_outbox *outbox, struct tri_peer *peer)
{
    peer->framed_ns = tri_clock_ns();
    peer->framed_in = outbox->batch;
}

/* Leaves what is recorded to a receiver who is awake and will fetch it (fetch.h). False: it will not; what is to be handed
 * over once more it may have passed already. */
static bool leave(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (tri_peer_sends_again(peer))
        return false;
    atomic_thread_fence(memory_order_seq_cst); /* what is recorded is seen before this looks */
    peer->is_attended = false;
    tri_outbox_refresh(outbox, peer);
    if (!peer->is_attended)
        return false;
    tri_peer_leave(peer);
    set_unsent(outbox, peer, false);
    /* To look each time costs less than to have a helper, unless there is much to send. */
    if (outbox->helper->is_started || ++peer->leaves % LEAVES_WITHOUT_HELP == 0)
        note_framed(outbox, peer);
    return true;
}

static void flush(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (!tri_socket_is_open(&peer->socket) && !open_socket(outbox, peer)) {
        set_unsent(outbox, peer, true);
        return;
    }
    uint64_t before = peer->sent;
    int r = tri_peer_flush(peer, &outbox->ring, outbox->recorder->self);
    if (peer->sent > before)
        note_framed(outbox, peer);
    set_unsent(outbox, peer, r != 0);
}

void tri_outbox_flush(struct tri_outbox *outbox)
{
    struct tri_peer *peer, *next;
    set_held_since(outbox, 0);
    DL_FOREACH_SAFE2(outbox->unsent, peer, next, unsent_next)
    {
        peer->fill_bytes = TRI_FRAME_FILL_BYTES;
        if (!leave(outbox, peer))
            flush(outbox, peer);
    }
}

void tri_outbox_resend(struct tri_outbox *outbox, struct tri_peer *peer)
{
    tri_peer_send_again(peer);
    flush(outbox, peer);
}

void tri_outbox_reconnect(struct tri_outbox *outbox, struct tri_peer *peer)
{
    close_socket(outbox, peer);
    tri_outbox_resend(outbox, peer);
}

size_t tri_outbox_poll_list(const struct tri_outbox *outbox, struct pollfd *list, size_t most,
                            bool *ret_is_whole)
{
    size_t count = 0;
    const struct tri_peer *peer;
    *ret_is_whole = true;
    DL_FOREACH2(outbox->unsent, peer, unsent_next)
    {
        if (count < most && tri_socket_is_open(&peer->socket))
            list[count++] = (struct pollfd){.fd = peer->socket.fd, .events = POLLIN};
        else
            *ret_is_whole = false;
    }
    return count;
}

/* ---------------------------------------------------------------- room */

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
           (peer->blob_count < TRI_PEER_BLOBS && under_way + blob_bytes <= TRI_OUTBOX_BLOB_BYTES);
}

void tri_outbox_note_blob(struct tri_peer *peer, uint64_t blob_bytes)
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

/* Sees to it that there is room. 0; TR_BUSY; -ENOMEM, -ENOSPC. */
static int find_room(struct tri_outbox *outbox, struct tri_peer *peer, size_t room,
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

int tri_outbox_admit(struct tri_outbox *outbox, tr_pid to, size_t body_bytes, uint64_t blob_bytes,
                     struct tri_peer **ret_peer)
{
    size_t room = tri_record_room(body_bytes);
    struct tri_peer *peer = find_or_add(outbox, to);
    if (!peer)
        return -ENOMEM;
    peer->last_use = ++outbox->sends;
    int r = 0;
    if (room > outbox->credit_bytes || blob_bytes > 0)
        r = find_room(outbox, peer, room, blob_bytes);
    if (r == 0)
        r = tri_peer_prepare(peer);
    if (r)
        return r;
    outbox->credit_bytes -= least(room, outbox->credit_bytes);
    *ret_peer = peer;
    return 0;
}

bool tri_outbox_has_room_again(struct tri_outbox *outbox, size_t worth_bytes)
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

int tri_outbox_signalled(struct tri_outbox *outbox, tr_pid to)
{
    if (!tri_table_is_alive(outbox->table, to))
        return 0;
    struct tri_peer *peer = find_or_add(outbox, to);
    if (!peer)
        return -ENOMEM;
    peer->is_signalled = true;
    return 0;
}

/* Calls the helper for what is held. False: there is none. */
static bool call_helper(struct tri_outbox *outbox, uint64_t now_ns)
{
    if (!tri_helper_start(outbox->helper))
        return false;
    if (atomic_load_explicit(&outbox->held_since_ns, memory_order_relaxed) == 0)
        set_held_since(outbox, now_ns);
    tri_helper_call(outbox->helper);
    return true;
}

/* What is unsent waits for the helper, whom somebody must have called since it came last. */
static void see_to_help(struct tri_outbox *outbox)
{
    if (atomic_load_explicit(&outbox->held_since_ns, memory_order_relaxed) == 0)
        call_helper(outbox, tri_clock_ns());
}

/* Holds what was recorded just now, if its sender is sending many and there is a helper. */
static bool hold(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (peer->framed_in != outbox->batch)
        return false;
    uint64_t now_ns = tri_clock_ns();
    if (now_ns - peer->framed_ns > TRI_OUTBOX_MOMENT_NS || !call_helper(outbox, now_ns))
        return false;
    set_unsent(outbox, peer, true);
    return true;
}

/* Hands a peer's records to nanomsg. The helper is not started for the sake of a first connection: in a crowd that
 * greets one receiver everybody would have a thread more. Who has more to send has one. */
static void offer(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (leave(outbox, peer))
        return;
    bool is_new = !tri_socket_is_open(&peer->socket);
    flush(outbox, peer);
    if (is_new && peer->is_unsent && tri_socket_is_open(&peer->socket)) {
        wait_for_connection(outbox, peer);
        flush(outbox, peer);
    }
    if (peer->is_unsent && (!is_new || outbox->helper->is_started))
        call_helper(outbox, tri_clock_ns());
}

/* A frame has become full before anybody asked for it: in a stream, whose next frames may be larger. */
static void offer_full(struct tri_outbox *outbox, struct tri_peer *peer)
{
    offer(outbox, peer);
    if (peer->fill_bytes < TRI_FRAME_FILL_MOST_BYTES)
        peer->fill_bytes *= 2;
}

void tri_outbox_send(struct tri_outbox *outbox, struct tri_peer *peer, enum tri_record_kind kind,
                     uint64_t alias, const struct iovec *parts, size_t count, size_t body_bytes)
{
    struct tri_record record = {
        .size_bytes = (uint32_t)body_bytes,
        .receiver = peer->pid,
        .number = peer->last + 1,
        .alias = alias,
        .kind = kind,
        .flags = peer->is_signalled ? TRI_RECORD_AFTER_SIGNAL : 0,
    };
    size_t room = tri_record_room(body_bytes);
    tri_peer_note(peer, tri_ring_append(&outbox->ring, &record, parts, count), room);
    peer->is_signalled = false;
    outbox->live_bytes += room;
    watch(outbox, peer);
    if (peer->unoffered_bytes >= peer->fill_bytes)
        offer_full(outbox, peer);
    else if (peer->is_unsent)
        see_to_help(outbox);
    else if (!hold(outbox, peer))
        offer(outbox, peer);
}
