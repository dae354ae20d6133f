/* Outbox: everything that was sent and has not been published: the ring, and the receivers with their sockets. What each
 * of them may use of the ring is room.h's. */
#ifndef TRI_MAILBOX_OUTBOX_H
#define TRI_MAILBOX_OUTBOX_H

#include <poll.h>

#include "mailbox/helper.h"
#include "mailbox/peer.h"
#include "mailbox/recorder.h"

/* Who has sent a frame to the same receiver less than this ago, and has not waited for mail since, is sending many: what
 * it sends is held for a moment, so that messages share frames. Held is at most what fills a frame, until the actor
 * waits, or until its helper comes. Nothing held can be lost: it lies in the ring. */
#define TRI_OUTBOX_MOMENT_NS 50000ull

/* nanomsg has 512 sockets a process; some are left for the program's own use of it. */
#define TRI_OUTBOX_SOCKETS 400u

/* A receiver is woken up at its doorbell (doorbell.h). Who has knocked that often, each time less than a moment after the
 * time before, is in a conversation, and connects; who was there so often already connects when there is a crowd. Most
 * pairs of processes exchange a few messages in their lives, or now and then one. */
#define TRI_OUTBOX_KNOCKS 64u
#define TRI_OUTBOX_RAPID_NS (10 * TRI_NS_PER_MS)
#define TRI_OUTBOX_KNOCKS_IN_CROWD 2u

struct tri_outbox {
    const struct tri_rundir *dir;
    const struct tri_table *table;
    struct tri_recorder *recorder;
    struct tri_ring ring;
    struct tri_peer *peers;   /* by pid */
    struct tri_peer *last;    /* the one that was sent to last, or NULL */
    size_t credit_bytes;      /* so much may be recorded for it without asking for room again */
    struct tri_peer *unsent;  /* with records that nanomsg does not have */
    struct tri_peer *watched; /* with records that are not known to be published; new ones first */
    uint64_t live_bytes;      /* the room of all records that are not known to be published */
    uint64_t sends, recorded;
    unsigned open_sockets;
    unsigned rapid_knocks; /* how many are a conversation */
    int spare_fd,
        like_fd; /* kept so that we can knock when there is no other, or -1; a copy of that one */
    bool is_helped; /* the helper is at work */
    unsigned added; /* peers, since the dead ones were swept */
    uint64_t batch; /* how many times the actor has looked for mail: begins a new batch of sends */
    struct tri_helper *helper; /* who sends what is held when the actor does not */
    /* For the helper, who looks at any time: since when something is held that the actor may not send soon; or 0. */
    _Atomic uint64_t held_since_ns;
    uint64_t care_ns;   /* when care is due next; TRI_NEVER when nothing is watched */
    bool has_unstamped; /* the first of the watched ones have no check_ns yet */

    /* The last TR_BUSY: who had no room for how much. TR_NO_PID when that is over. */
    tr_pid busy_with;
    size_t busy_room_bytes, busy_blob_bytes;
};

void tri_outbox_init(struct tri_outbox *outbox, struct tri_recorder *recorder,
                     const struct tri_rundir *dir, const struct tri_table *table,
                     struct tri_helper *helper);
/* Closes all sockets. */
void tri_outbox_deinit(struct tri_outbox *outbox);

/* Is there room for a record of that body's size to that process, which lives? Makes it where it can.
 *   blob_bytes   the size of the file that the record is about to name; 0 when there is none
 * 0; TR_BUSY; -ENOMEM, -ENOSPC. */
int tri_outbox_admit(struct tri_outbox *outbox, tr_pid to, size_t body_bytes, uint64_t blob_bytes,
                     struct tri_peer **ret_peer);

/* Records what was admitted just now, a body in one or several parts, and leaves it to be fetched, or hands it to nanomsg:
 * at once, or a moment later with others. */
void tri_outbox_send(struct tri_outbox *outbox, struct tri_peer *peer, enum tri_record_kind kind,
                     uint64_t alias, const struct iovec *parts, size_t count, size_t body_bytes);

/* A signal has been sent to that process: the next record says so. 0 or -ENOMEM. */
int tri_outbox_signalled(struct tri_outbox *outbox, tr_pid to);

/* Hands to nanomsg as much of what is unsent as it takes at once. */
void tri_outbox_flush(struct tri_outbox *outbox);

/* Reads what a receiver has published. Tells whether that was more than was known. */
bool tri_outbox_refresh(struct tri_outbox *outbox, struct tri_peer *peer);
void tri_outbox_refresh_all(struct tri_outbox *outbox);

/* Connects a peer anew; what was not published is sent again as soon as there is a connection. */
void tri_outbox_reconnect(struct tri_outbox *outbox, struct tri_peer *peer);
/* Sends again all that is not published, on the present connection. */
void tri_outbox_resend(struct tri_outbox *outbox, struct tri_peer *peer);

/* Forgets a receiver that is dead, with all that is recorded for it. */
void tri_outbox_drop(struct tri_outbox *outbox, struct tri_peer *peer);

/* Forgets those of the watched that are dead. */
void tri_outbox_drop_dead(struct tri_outbox *outbox);

struct tri_peer *tri_outbox_find(const struct tri_outbox *outbox, tr_pid pid);

/* Fills in what becomes ready when a full socket has room again: how many of at most `most`.
 *   ret_is_whole   false when something waits that no descriptor tells about */
size_t tri_outbox_poll_list(const struct tri_outbox *outbox, struct pollfd *list, size_t most,
                            bool *ret_is_whole);

#endif
