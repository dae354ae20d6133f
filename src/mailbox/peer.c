/* Peer: the books of one receiver, and the frames that are made from them. */
#include "mailbox/peer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/panic.h"
#include "mailbox/frame.h"

struct tri_peer *tri_peer_new(tr_pid pid)
{
    struct tri_peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return NULL;
    peer->pid = pid.id;
    peer->fill_bytes = TRI_FRAME_FILL_BYTES;
    peer->socket = TRI_SOCKET_CLOSED;
    return peer;
}

void tri_peer_free(struct tri_peer *peer)
{
    tri_socket_close(&peer->socket);
    free(peer->places);
    free(peer);
}

static struct tri_place *place_of(const struct tri_peer *peer, uint64_t number)
{
    return &peer->places[number & (peer->capacity - 1)];
}

int tri_peer_prepare(struct tri_peer *peer)
{
    if (peer->last - peer->published < peer->capacity)
        return 0;
    uint32_t capacity = peer->capacity ? 2 * peer->capacity : 4;
    struct tri_place *places = malloc(capacity * sizeof *places);
    if (!places)
        return -ENOMEM;
    for (uint64_t number = peer->published + 1; number <= peer->last; number++)
        places[number & (capacity - 1)] = *place_of(peer, number);
    free(peer->places);
    peer->places = places;
    peer->capacity = capacity;
    return 0;
}

void tri_peer_note(struct tri_peer *peer, uint64_t position, size_t room_bytes)
{
    peer->last++;
    *place_of(peer, peer->last) = (struct tri_place){position, room_bytes};
    peer->live_bytes += room_bytes;
    peer->unread_bytes += room_bytes;
    peer->unoffered_bytes += room_bytes;
}

bool tri_peer_needs(const struct tri_peer *peer, uint64_t number, uint64_t position)
{
    return number > peer->published && number <= peer->last &&
           place_of(peer, number)->position == position;
}

void tri_peer_move(struct tri_peer *peer, uint64_t number, uint64_t position)
{
    place_of(peer, number)->position = position;
    peer->has_moved = true;
}

bool tri_peer_oldest(const struct tri_peer *peer, uint64_t *ret_position)
{
    if (peer->has_moved || peer->published == peer->last)
        return false;
    *ret_position = place_of(peer, peer->published + 1)->position;
    return true;
}

uint64_t tri_peer_publish(struct tri_peer *peer, uint64_t number)
{
    uint64_t freed = 0;
    peer->unread_bytes = 0;
    if (number > peer->last)
        number = peer->last;
    if (number <= peer->published)
        return 0;
    for (uint64_t each = peer->published + 1; each <= number; each++)
        freed += place_of(peer, each)->room_bytes;
    peer->published = number;
    if (peer->sent < number)
        peer->sent = number;
    peer->live_bytes -= freed;
    if (peer->published == peer->last)
        peer->has_moved = false;
    return freed;
}

/* Gathers records behind `sent` into the parts of one frame, neighbours in one part. How many records. */
static size_t gather(const struct tri_peer *peer, const struct tri_ring *ring, struct iovec *parts,
                     size_t *ret_parts)
{
    size_t count = 0, bytes = 0, used = 1;
    uint64_t end = 0;
    for (uint64_t number = peer->sent + 1; number <= peer->last; number++) {
        const struct tri_place *place = place_of(peer, number);
        if (count > 0 && bytes + place->room_bytes > TRI_FRAME_FILL_MOST_BYTES)
            break;
        if (count > 0 && place->position == end && place->position % TRI_RING_BYTES) {
            parts[used - 1].iov_len += place->room_bytes;
        } else {
            if (used == TRI_SOCKET_PARTS)
                break;
            parts[used++] =
                (struct iovec){(void *)tri_ring_at(ring, place->position), place->room_bytes};
        }
        end = place->position + place->room_bytes;
        bytes += place->room_bytes;
        count++;
    }
    *ret_parts = used;
    return count;
}

/* Where the next record after that number stands or will stand, or 0. */
static uint64_t position_after(const struct tri_peer *peer, const struct tri_ring *ring,
                               uint64_t number)
{
    if (peer->has_moved)
        return 0;
    return number < peer->last ? place_of(peer, number + 1)->position : tri_ring_head(ring);
}

void tri_peer_send_again(struct tri_peer *peer)
{
    if (peer->again < peer->sent)
        peer->again = peer->sent;
    peer->sent = peer->published;
}

void tri_peer_leave(struct tri_peer *peer)
{
    peer->unoffered_bytes = 0;
    peer->sent = peer->last;
}

int tri_peer_flush(struct tri_peer *peer, const struct tri_ring *ring, tr_pid self)
{
    struct iovec parts[TRI_SOCKET_PARTS];
    size_t used;
    peer->unoffered_bytes = 0;
    while (peer->sent < peer->last) {
        if (!tri_socket_is_open(&peer->socket))
            return -EAGAIN;
        size_t count = gather(peer, ring, parts, &used);
        struct tri_frame head = tri_frame_of(self, tri_peer_pid(peer), count);
        head.is_again = tri_peer_sends_again(peer);
        head.position = position_after(peer, ring, peer->sent + count);
        parts[0] = (struct iovec){&head, sizeof head};
        int r = tri_socket_send(&peer->socket, parts, used);
        if (r)
            return r;
        peer->sent += count;
    }
    return 0;
}
