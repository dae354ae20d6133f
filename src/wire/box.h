/* Box: the flight recorder, one window of shared memory per actor.
 *
 * Only the actor writes its window; others map it read-only, so that a stray write of a crashing actor damages nothing
 * but its own. The windows lie one after the other in <rundir>/boxes, a sparse file: a page costs memory when it is
 * first written. A window holds, in this order:
 *
 *     struct tri_box        counters, what is in hand, the ring's ends                        half a page
 *     tri_received[slots]   for each sender's slot: the last message taken in from it         sparse
 *     crash                 what it told of its end: wire/crash.h                             TRI_CRASH_BYTES, sparse
 *     ring                  records of messages sent and not yet seen in their receivers'     TRI_RING_BYTES
 *                           `received`
 *
 * Publishing in `received` *is* the acknowledgement. After a death the node reads the ring and delivers what has not
 * been published; it trusts nothing in here: lengths are checked, each record bears a checksum.
 */
#ifndef TRI_WIRE_BOX_H
#define TRI_WIRE_BOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "troupe/term.h"

#define TRI_PAGE_BYTES 4096u
#define TRI_BOX_MAGIC 0x7462u /* "tb" */
#define TRI_BOX_VERSION 5u
#define TRI_RING_BYTES (1024u * 1024u)
/* The largest body in a record: a binary of 64 KiB with what a term puts around it. A larger one travels as a blob, and
 * the record holds its name. */
#define TRI_RECORD_BODY_BYTES (64u * 1024u + 512u)
/* Room for copies of the messages that were taken last, and the most that is kept of one. Small ones share the first part,
 * which stays in the processor's cache. */
#define TRI_TAKEN_BYTES 2048u
#define TRI_TAKEN_SMALL_BYTES 1024u
#define TRI_IN_HAND_BYTES ((uint32_t)(TRI_TAKEN_BYTES - sizeof(struct tri_taken)))
#define TRI_SENT_KEPT 8u /* a power of two */

enum tri_activity {
    TRI_ACTIVITY_STARTING = 0,
    TRI_ACTIVITY_RUNNING, /* its own code computes */
    TRI_ACTIVITY_WAITING, /* in receive            */
    TRI_ACTIVITY_SENDING, /* a receiver has no room */
    TRI_ACTIVITY_EXITING,
};

/* What an actor's loop understands, beside what its program sends to it. */
enum tri_behaviour {
    TRI_BEHAVIOUR_NONE = 0,   /* a plain actor: its program receives everything itself */
    TRI_BEHAVIOUR_SERVER,     /* answers system messages, and calls when its callbacks do */
    TRI_BEHAVIOUR_SUPERVISOR, /* a server that has children */
    TRI_BEHAVIOUR_PROGRAM,    /* runs an executable: answers system messages, and no calls */
};

/* The last message taken in from one sender: valid for the sender's generation that stands beside it. The receiver
 * writes number = 0, then generation, then numbers; each with release order. */
struct tri_received {
    _Atomic uint32_t generation;
    /* whether its receiver looks into the sender's ring before it sleeps, and the number of the last knock that it has
     * heard: TRI_ATTENTION */
    _Atomic uint32_t attention;
    _Atomic uint64_t number;
};

#define TRI_ATTENTION(knock, is_attended) ((uint32_t)(knock) << 1 | ((is_attended) ? 1u : 0u))
#define TRI_IS_ATTENDED(attention) ((attention)&1u)
#define TRI_LAST_KNOCK(attention) ((attention) >> 1)
/* Knocks are counted modulo this. */
#define TRI_KNOCKS ((uint32_t)1 << 31)

/* What becomes of a message for which there is no room in a bounded mailbox: process.h, TR_MAILBOX_WAITS … */
enum tri_policy { TRI_POLICY_WAITS, TRI_POLICY_DROPS, TRI_POLICY_KILLS };

/* How much a mailbox may hold, as its spawner asked (process.h, struct tr_spawn_options); 0: no such bound. */
struct tri_bound {
    uint64_t max_messages, max_bytes;
    uint32_t policy; /* enum tri_policy */
    uint32_t unused;
};

/* Why a process ended itself without a word to the node, which looks here when the exit status is TRI_FATE_STATUS: it can
 * be told from any thread, with a full control channel, and without memory. */
enum tri_fate {
    TRI_FATE_NONE,
    TRI_FATE_MAILBOX, /* {limit, mailbox} */
};
#define TRI_FATE_STATUS 71

/* How a process is sent to that does not attend to its sender. */
enum tri_door {
    TRI_DOOR_BELL,    /* others knock (mailbox/doorbell.h)                                     */
    TRI_DOOR_SOCKET,  /* it has bound a socket, too: who knocks all the time may connect       */
    TRI_DOOR_CROWDED, /* more have knocked than it can attend to: who comes again is to connect */
};

/* The copy of a message that was taken by the program; its first TRI_IN_HAND_BYTES follow, padded to 8. */
struct tri_taken {
    uint64_t from;
    uint32_t size_bytes; /* of the whole message */
    /* Where the one lies that was taken before it, unless that has been written over. */
    uint16_t before_at;
    uint16_t unused;
};

struct tri_box {
    uint16_t magic, version;
    uint32_t slots; /* how many received cells follow */
    uint64_t pid;
    _Atomic uint32_t traps_exits; /* read by the node when an exit signal comes (SEMANTICS 2) */
    _Atomic uint32_t activity;    /* enum tri_activity */
    _Atomic uint64_t activity_since_ns;
    _Atomic uint64_t heartbeat_ns; /* when the runtime was last entered */

    _Atomic uint64_t messages_in, messages_out, bytes_in, bytes_out;
    _Atomic uint64_t mailbox_length;    /* taken in, not yet received by the program */
    _Atomic uint64_t oldest_arrival_ns; /* of those; 0 when there is none            */
    _Atomic uint64_t mailbox_bytes;     /* the terms of those, together              */
    _Atomic uint64_t bad_frames, duplicates, dead_letters;

    struct tri_bound bound;
    /* since when there is no room for what has come, which its senders therefore keep; 0: there is room */
    _Atomic uint64_t full_since_ns;
    _Atomic uint64_t dropped;   /* messages for which there was no room                   */
    _Atomic uint64_t waits_for; /* tr_pid.id of whom it waits for in tr_send; 0: for none */
    _Atomic uint32_t fate;      /* enum tri_fate */
    _Atomic uint32_t behaviour; /* enum tri_behaviour; written before the mailbox can be sent to */

    /* The blob that is being handed over: its file has its name, or is about to get it, and its record is not in the ring
     * yet. When its sender dies just then, the node removes the file. 0, 0 means none. */
    _Atomic uint64_t blob_receiver, blob_serial;

    /* The ring: bytes [tail, head) are records; both count up for ever, the place is the value modulo TRI_RING_BYTES.
     * A record never wraps: a filler record leads to the ring's beginning. Others look here while messages are sent, so it
     * shares no cache line with anything else, nor the one that the processor fetches along with it. */
    _Alignas(128) uint64_t ring_pid; /* as above */
    _Atomic uint64_t ring_head, ring_tail;

    /* The message in hand, taken by the program and not yet done with: its size, or 0 for none. It is the one that was taken
     * last. Small ones that were taken before it are still there for a while: tri_box_taken finds them. */
    _Alignas(128) _Atomic uint32_t in_hand_size_bytes;
    uint32_t taken_at; /* where in `taken` the last one lies */
    uint64_t in_hand_since_ns;
    uint8_t taken[TRI_TAKEN_BYTES];

    /* Where in the ring the last messages were recorded: each a position and one more, or 0. What lies there may have been
     * written over: tri_box_read_sent checks it. */
    uint64_t sent[TRI_SENT_KEPT];

    /* Its program's keeper holds its end of the control channel, too: see node/parting.h. */
    _Atomic uint32_t has_keeper;
    _Atomic uint32_t door; /* enum tri_door */
};

/* Where `received` begins: in the page of the head, so that an actor needs no further one for the first hundred slots,
 * which is where those lie with whom everybody talks. */
#define TRI_BOX_RECEIVED_AT ((sizeof(struct tri_box) + 63) & ~(size_t)63)

_Static_assert(TRI_BOX_RECEIVED_AT <= TRI_PAGE_BYTES, "a box's head fits in one page");

/* ---------------------------------------------------------------- records */

enum tri_record_kind {
    TRI_RECORD_TERM = 1,   /* body: one term                                                */
    TRI_RECORD_BLOB = 2,   /* body: struct tri_blob_name; the term is in that file          */
    TRI_RECORD_FILLER = 3, /* in a ring only: nothing, up to the ring's end                 */
};

enum tri_record_flag {
    /* Its sender sent a signal to this receiver before it, which is in the receiver's control channel: to be taken in
     * first, so that messages do not overtake signals either (SEMANTICS 1). */
    TRI_RECORD_AFTER_SIGNAL = 1 << 0,
};

/* A message, as it lies in the ring, in a frame, and in a TRI_MESSAGE packet. Records are aligned to 8 bytes. */
struct tri_record {
    uint32_t size_bytes; /* of the body, without padding */
    uint32_t checksum;   /* over the rest of the head and the body: tri_record_checksum */
    uint64_t receiver;   /* tr_pid.id */
    /* counts the messages from this sender to this receiver, from 1; 0: not numbered */
    uint64_t number;
    /* the number of the receiver's reference that it was sent to, or 0 for its pid */
    uint64_t alias;
    uint32_t kind;  /* enum tri_record_kind */
    uint32_t flags; /* enum tri_record_flag */
};

/* What becomes of a blob's file when its receiver has taken the term. */
enum tri_blob_kind {
    TRI_BLOB_GIVEN =
        1, /* it is the receiver's: read in place, and gone with the message             */
    TRI_BLOB_LENT =
        2, /* the sender wants it back: copied out, and moved to the sender's own folder */
};

/* A blob's file is <rundir>/blob/<receiver slot>.<generation>/<sender slot>.<generation>.<serial>. */
struct tri_blob_name {
    uint64_t sender;
    uint64_t serial;
    uint64_t size_bytes;   /* of the term                              */
    uint32_t offset_bytes; /* where in the file it begins              */
    uint32_t kind;         /* enum tri_blob_kind                       */
};

/* The whole room that a record takes: head, body, padding to 8. */
static inline size_t tri_record_room(size_t body_bytes)
{
    return (sizeof(struct tri_record) + body_bytes + 7) & ~(size_t)7;
}

/* The checksum of a record whose body lies behind it. */
uint32_t tri_record_checksum(const struct tri_record *record, const void *body);

/* Writes a record, with its checksum, and its body, which lies in one or several parts, to where they are to lie, aligned to
 * 8 bytes. */
void tri_record_write(void *to, const struct tri_record *record, const struct iovec *parts,
                      size_t count);

/* Is this the head of a record of a known kind and a sane size, whole within size_bytes, which are as many at least as a
 * head has? The checksum is not looked at: the kernel, through which a frame came, spoils nothing. */
static inline bool tri_record_is_sane(const struct tri_record *head, size_t size_bytes)
{
    return (head->kind == TRI_RECORD_TERM || head->kind == TRI_RECORD_BLOB) &&
           head->size_bytes <= TRI_RECORD_BODY_BYTES &&
           tri_record_room(head->size_bytes) <= size_bytes;
}

/* Reads a record that a dead process left in its memory: sane, and its checksum is right. Copies the head out and points
 * to the body. */
bool tri_record_check(const void *bytes, size_t size_bytes, struct tri_record *ret_record,
                      const uint8_t **ret_body);

/* ---------------------------------------------------------------- the file */

/* Where things are in a file of windows for `slots` slots. */
size_t tri_box_window_bytes(uint32_t slots);
off_t tri_box_offset(uint32_t slots, uint32_t slot);
off_t tri_box_received_offset(uint32_t slots, uint32_t slot, uint32_t sender_slot);
off_t tri_box_crash_offset(uint32_t slots, uint32_t slot);
off_t tri_box_ring_offset(uint32_t slots, uint32_t slot);

/* What `receiver_slot` says about `sender`, read through a descriptor of the file: works on a full tmpfs and cannot fault.
 * All zeros when it has said nothing, or the file cannot be read. */
struct tri_received tri_box_received(int boxes_fd, uint32_t slots, uint32_t receiver_slot,
                                     tr_pid sender);
/* … and of that only the number of the last message that it has taken in. */
uint64_t tri_box_published(int boxes_fd, uint32_t slots, uint32_t receiver_slot, tr_pid sender);

/* How that process, which lives, is to be sent to when it sleeps: enum tri_door. */
enum tri_door tri_box_door(int boxes_fd, uint32_t slots, tr_pid pid);

/* Reads the head of a window. 0, TR_MALFORMED (never used, or by another version), or a negative errno. */
int tri_box_read(int boxes_fd, uint32_t slots, uint32_t slot, struct tri_box *ret_box);

/* A message that its box still holds, wholly or the beginning of it. */
struct tri_kept {
    uint64_t peer;       /* tr_pid.id: whom it came from, or went to */
    uint64_t number;     /* of one that was sent: as in its record */
    uint32_t size_bytes; /* of the whole message */
    uint32_t kept_bytes; /* of the copy */
    const uint8_t *bytes;
};

/* The messages that were taken last, of which a copy of the box still has the bytes: newest first, at most `most`. When
 * in_hand_size_bytes is not 0, the first is the one in hand. How many. */
size_t tri_box_taken(const struct tri_box *box, struct tri_kept *ret_kept, size_t most);

/* One of those that were sent last, if it still lies in the ring: age 0 is the last one. Reads it into `buffer`, of
 * TRI_SENT_BUFFER_BYTES, to which *ret_kept points. A blob's bytes are its name. False: it is gone, or there is none. */
#define TRI_SENT_BUFFER_BYTES (sizeof(struct tri_record) + TRI_RECORD_BODY_BYTES)
bool tri_box_read_sent(int boxes_fd, uint32_t slots, uint32_t slot, const struct tri_box *box,
                       unsigned age, void *buffer, struct tri_kept *ret_kept);

/* Gives a window's memory back to the system: it reads as zeros. 0 or a negative errno. */
int tri_box_clear(int boxes_fd, uint32_t slots, uint32_t slot);

#endif
