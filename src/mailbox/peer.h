/* Peer: one receiver of ours. It knows the numbers of what was sent to it, where that lies in the ring, how often we have
 * knocked at its doorbell, and the PUSH socket that leads to it, when there is one.
 *
 *     published ≤ sent ≤ last
 *
 * Up to `published` the receiver has taken everything in; up to `sent` nanomsg has it, on the present connection, or it was
 * left to be fetched; up to `last` it is recorded in the ring. A peer outlives its socket: its numbers go on while its
 * process lives. */
#ifndef TRI_MAILBOX_PEER_H
#define TRI_MAILBOX_PEER_H

#include <stdbool.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "mailbox/ring.h"
#include "mailbox/socket.h"

/* Where a record lies, and how much room it takes. */
struct tri_place {
    uint64_t position;
    uint64_t room_bytes;
};

/* So many files may be on their way to one receiver. */
#define TRI_PEER_BLOBS 3u

struct tri_peer {
    uint64_t pid; /* tr_pid.id */
    UT_hash_handle hh;
    uint64_t published, sent, last;
    uint64_t again;           /* up to here it may be handed over once more */
    struct tri_place *places; /* of the records (published, last], by number modulo capacity */
    uint32_t capacity;        /* a power of two, or 0 */
    bool has_moved;           /* … and do not lie in the order of their numbers, perhaps */
    uint64_t live_bytes;      /* the room of those records */
    uint64_t unread_bytes;    /* recorded since `published` was last read */
    uint32_t fill_bytes; /* how full its frames are to become: more, the longer a stream lasts */
    uint64_t unoffered_bytes; /* recorded since nanomsg was last offered anything */
    uint64_t framed_ns;       /* when the last frame went to nanomsg */
    uint64_t framed_in;       /* … and in which batch of the outbox that was */
    unsigned leaves;          /* how often something was left for it to fetch */
    /* The files on their way that it is not known to have taken, oldest first. */
    struct tri_sent_blob {
        uint64_t number, size_bytes;
    } blobs[TRI_PEER_BLOBS];
    uint32_t blob_count;
    uint64_t last_use; /* when it was last sent to, in sends */
    struct tri_socket socket;

    /* In two lists of the outbox: with records that nanomsg does not have; with records that are not published. */
    struct tri_peer *unsent_prev, *unsent_next, *watched_prev, *watched_next;
    bool is_unsent, is_watched;
    bool is_attended; /* … by its receiver, when that was looked at last (fetch.h) */
    bool is_knocking; /* … which had not answered our last knock then: it will look into the ring */
    bool is_refused;       /* our last knock found no place: nobody knows of what is recorded */
    bool is_connected;     /* its socket has had a connection */
    uint32_t knocks;       /* at its doorbell, modulo TRI_KNOCKS */
    uint32_t rapid_knocks; /* how many of them, at the end, came shortly after each other */
    uint64_t knocked_ns;   /* when the last of them was; kept from the second on */
    bool is_signalled;     /* the next record comes after a signal: TRI_RECORD_AFTER_SIGNAL */

    /* What care knows (care.h). */
    uint64_t check_ns;         /* when to look at it next; 0 until the clock is read anyway */
    uint64_t patience_ns;      /* between looks; grows while nothing moves */
    uint64_t published_then;   /* at the last look */
    uint64_t connections_then; /* how many connections the socket has had, as far as care knows */
};

static inline tr_pid tri_peer_pid(const struct tri_peer *peer) { return (tr_pid){peer->pid}; }

/* A peer without socket. NULL when there is no memory. */
struct tri_peer *tri_peer_new(tr_pid pid);
/* Closes its socket and frees it. */
void tri_peer_free(struct tri_peer *peer);

/* Makes room to note one more record. 0 or -ENOMEM. */
int tri_peer_prepare(struct tri_peer *peer);
/* Notes the record `last + 1`, for which room was made. */
void tri_peer_note(struct tri_peer *peer, uint64_t position, size_t room_bytes);

/* Is this record, at this position, still needed? */
bool tri_peer_needs(const struct tri_peer *peer, uint64_t number, uint64_t position);
/* It is now elsewhere. */
void tri_peer_move(struct tri_peer *peer, uint64_t number, uint64_t position);

/* Where the oldest of its records that are needed lies, unless none is, or that is not known without a search. */
bool tri_peer_oldest(const struct tri_peer *peer, uint64_t *ret_position);

/* Notes that the receiver has published up to `number` (which is not believed beyond `last`). The room set free. */
uint64_t tri_peer_publish(struct tri_peer *peer, uint64_t number);

/* What is not published is to be handed over once more. */
void tri_peer_send_again(struct tri_peer *peer);

/* Is what nanomsg gets next something that was handed over before? */
static inline bool tri_peer_sends_again(const struct tri_peer *peer)
{
    return peer->sent < peer->again;
}

/* Its receiver will fetch what is recorded (fetch.h), or will be told of it later: nanomsg need not have it. */
void tri_peer_leave(struct tri_peer *peer);

/* Hands to nanomsg what it does not have, in frames of several records. 0 when it has everything, or -EAGAIN. */
int tri_peer_flush(struct tri_peer *peer, const struct tri_ring *ring, tr_pid self);

#endif
