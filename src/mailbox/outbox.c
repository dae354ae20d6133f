/* Outbox: a record is written to the ring first and offered to nanomsg then; whatever happens afterwards, the ring has it
 * until its receiver has published it. */
#include "mailbox/outbox.h"

#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "mailbox/frame.h"
#include "mailbox/knock.h"
#include "mailbox/room.h"

/* After so many new peers at least, the dead ones are swept. */
#define SWEEP_AFTER 16
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
                                  .spare_fd = -1,
                                  .rapid_knocks = TRI_OUTBOX_KNOCKS,
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
    if (outbox->recorder)
        tri_fd_close(&outbox->spare_fd);
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
    DL_FOREACH_SAFE2(outbox->watched, peer, next, watched_next) {
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
    peer->is_attended = TRI_IS_ATTENDED(said.attention);
    peer->is_knocking = TRI_LAST_KNOCK(said.attention) != peer->knocks;
    if (peer->sent == peer->last)
        set_unsent(outbox, peer, false);
    if (peer->published == peer->last)
        unwatch(outbox, peer);
    return peer->published > before;
}

void tri_outbox_refresh_all(struct tri_outbox *outbox)
{
    struct tri_peer *peer, *next;
    DL_FOREACH_SAFE2(outbox->watched, peer, next, watched_next) {
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

/* Gives a peer a socket, if that can be. */
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
    peer->is_connected = false;
    return true;
}

/* Notes that frames have gone to a receiver just now: more may follow, and share frames. */
static void note_framed(struct tri_outbox *outbox, struct tri_peer *peer)
{
    peer->framed_ns = tri_clock_ns();
    peer->framed_in = outbox->batch;
}

/* What is recorded is its receiver's to fetch, or is cared for later. */
static void be_left(struct tri_outbox *outbox, struct tri_peer *peer)
{
    tri_peer_leave(peer);
    set_unsent(outbox, peer, false);
    /* To look each time costs less than to have a helper, unless there is much to send. */
    if (outbox->helper->is_started || ++peer->leaves % LEAVES_WITHOUT_HELP == 0)
        note_framed(outbox, peer);
}

/* Leaves what is recorded to a receiver who is awake, or has not answered our last knock, and will fetch it (fetch.h).
 * False: it will not; what is to be handed over once more it may have passed already. */
static bool leave(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (tri_peer_sends_again(peer))
        return false;
    atomic_thread_fence(memory_order_seq_cst); /* what is recorded is seen before this looks */
    peer->is_attended = peer->is_knocking = false;
    tri_outbox_refresh(outbox, peer);
    if (!peer->is_attended && !peer->is_knocking)
        return false;
    be_left(outbox, peer);
    return true;
}

/* Wakes its receiver up, who will look into the ring. When the doorbell has no room, care tries again. */
static void knock(struct tri_outbox *outbox, struct tri_peer *peer)
{
    bool was_refused = peer->is_refused;
    peer->is_refused = tri_knock(outbox, peer) != 0;
    if (peer->is_refused && !was_refused) {
        unwatch(outbox, peer);
        watch(outbox, peer); /* soon */
    }
    be_left(outbox, peer);
}

/* Can it be sent to through nanomsg now? A connection is made in the background, and until it is there, we knock. */
static bool is_connected(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (!tri_socket_is_open(&peer->socket) &&
        !(tri_knock_is_tedious(outbox, peer) && open_socket(outbox, peer)))
        return false;
    if (!peer->is_connected)
        peer->is_connected = tri_socket_is_connected(&peer->socket);
    return peer->is_connected;
}

static void flush(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (!is_connected(outbox, peer)) {
        knock(outbox, peer);
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
    DL_FOREACH_SAFE2(outbox->unsent, peer, next, unsent_next) {
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
    DL_FOREACH2(outbox->unsent, peer, unsent_next) {
        if (count < most && tri_socket_is_open(&peer->socket))
            list[count++] = (struct pollfd){.fd = peer->socket.fd, .events = POLLIN};
        else
            *ret_is_whole = false;
    }
    return count;
}

/* ---------------------------------------------------------------- sends */

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
        r = tri_room_find(outbox, peer, room, blob_bytes);
    if (r == 0)
        r = tri_peer_prepare(peer);
    if (r)
        return r;
    outbox->credit_bytes -= room < outbox->credit_bytes ? room : outbox->credit_bytes;
    *ret_peer = peer;
    return 0;
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

/* Hands a peer's records over. What a full doorbell has refused needs care, whatever its sender does next; who is not born
 * yet soon will be. */
static void offer(struct tri_outbox *outbox, struct tri_peer *peer)
{
    if (leave(outbox, peer))
        return;
    flush(outbox, peer);
    if (peer->is_unsent)
        call_helper(outbox, tri_clock_ns());
    else if (peer->is_refused &&
             tri_table_state(outbox->table, tri_peer_pid(peer)) != TRI_STATE_STARTING)
        tri_helper_start(outbox->helper);
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
    uint64_t position = tri_ring_append(&outbox->ring, &record, parts, count);
    outbox->recorder->box->sent[outbox->recorded++ % TRI_SENT_KEPT] = position + 1;
    tri_peer_note(peer, position, room);
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
