/* Control: everything that processes of a node say to each other outside of mailboxes, in one enum.
 *
 * A control channel is a pair of SOCK_SEQPACKET sockets. The channel itself is the speaker's identity: the node knows
 * whose it is, so nobody can link, exit or register in another's name. What was written before a SIGKILL is still
 * delivered; end of file means that the other side is gone.
 *
 * Every packet is one struct tri_control, then name_bytes of name, then body_bytes of body (a term, or a record). A
 * body that does not fit in a packet travels beside it as a sealed memfd (TRI_BODY_IN_FILE): no file is left when
 * either side dies, and the node hands it on without reading it.
 */
#ifndef TRI_WIRE_CONTROL_H
#define TRI_WIRE_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "troupe/term.h"

#define TRI_CONTROL_VERSION 2

/* What a packet carries at most; larger bodies travel in a file. A record of the largest kind fits (box.h), so that last
 * words never want a descriptor. */
#define TRI_CONTROL_BODY_BYTES (65 * 1024)
#define TRI_CONTROL_NAME_BYTES (24 * 1024)
/* A body in a file is at most this long; the node refuses more, so that nobody can make others map the moon. */
#define TRI_CONTROL_FILE_BYTES ((size_t)1 << 30)
/* What is asked for as send buffer of a control channel. */
#define TRI_CONTROL_BUFFER_BYTES (256 * 1024)

/* An entry whose name begins so is one of the library's own, which every actor binary has and no template lists. */
#define TRI_OWN_ENTRY '$'

enum tri_control_kind {
    /* an actor or guest asks the node; those with "→ reply" are answered with TRI_REPLY to their `request` */
    /* the mailbox is open: senders may knock. body: how it is confined, a map (process/confinement.h), or nothing */
    TRI_READY = 1,
    /* → reply(pid; body: a reason that tells more than result, or nothing). name: "entry" or "path:entry", NUL, registered
     * name or nothing, NUL, the user that it is to be (base/user.h) or nothing, NUL, a wish (process/confine.h) or nothing;
     * body: argument; flags: TRI_LINK, TRI_MONITOR (ref), TRI_BIRTH_FLAGS; other: the dead one that this one replaces, or 0;
     * number, pid: how many messages and bytes its mailbox may hold, 0: no such bound */
    TRI_SPAWN,
    /* I end now; body: my exit reason. From one that could not be born: result: why; flags: TRI_TELLS_MORE */
    TRI_LEAVE,
    /* → reply. exit(pid, reason): pid; number: the last message that I sent to it; body: reason */
    TRI_EXIT,
    TRI_LINK_TO,    /* → reply. pid */
    TRI_UNLINK,     /* → reply: after it, no exit signal from that link follows. pid */
    TRI_MONITOR_OF, /* pid, or name (pid 0); ref */
    TRI_DEMONITOR,  /* → reply(number: 1 when it was still active). ref */
    TRI_REGISTER,   /* → reply. pid, name */
    TRI_UNREGISTER, /* → reply. name */
    /* → reply. a message for another: ref, number: ms; pid or name: to whom; body: the term */
    TRI_SEND_AFTER,
    /* → reply, when it is in the channel of `pid`. a message for another from one who has sent it none yet; other: an
     * alias of its receiver, or 0; body: the term */
    TRI_PASS,
    /* → reply. from one who is another user than the node: large bodies to `pid` are to be let in */
    TRI_OPEN_BLOBS,
    TRI_CANCEL, /* → reply(number: ms left), or TR_FIRED. ref */
    /* → reply(body: a map with what only the node knows: links, monitors, monitored_by). pid */
    TRI_INFO,
    /* → reply. kill pid at once, with the reason in the body: only its spawner may, or a guest */
    TRI_KILL,
    /* what the node is to see to about me; number: how long I may compute without a sign of life, in ms, or 0; beside it the
     * read end of my standard error, to be kept for a report, or nothing; body: as in READY, of my program */
    TRI_CARE,
    /* a guest joins: the first packet on a connection to <rundir>/node; name: what it is */
    TRI_HELLO,

    /* the node tells an actor or guest */
    /* pid, other: parent; name: entry, NUL, run directory, NUL, node, NUL, registered name or nothing, NUL, the user that it
     * is to be or nothing, NUL, a wish or nothing; body: argument; number, ref_number: the bound of its mailbox, as in SPAWN;
     * flags: TRI_BIRTH_FLAGS. The first packet that an actor gets; for a guest the answer to HELLO (result not 0: refused) */
    TRI_BIRTH,
    TRI_REPLY,       /* request, result; pid, number, body as the request says */
    TRI_SIGNAL_EXIT, /* pid: from; number: hold it back until this message of `pid` has been taken in;
                        flags: TRI_LINK when it came through a link; body: reason                             */
    TRI_SIGNAL_DOWN, /* pid: who died (0: never was); name: the name that was monitored, if it was a name;
                        ref; body: reason                                                                    */
    /* pid: from; body: a record (see box.h): last words of the dead, a timer's message,
     * or what was passed on */
    TRI_MESSAGE,
    TRI_KILLED, /* to a guest only: you are dead to the node; body: reason */

    /* node and template */
    /* template → node: ready; name: its entries, each ended by NUL; number: version */
    TRI_TEMPLATE,
    /* node → template: pid, name: entry; beside it the actor's end of its control channel */
    TRI_FORK,
    TRI_FORKED, /* template → node: pid; number: os_pid, or result: a negative errno */

    /* node and guardian */
    TRI_NODE_UP,   /* node → guardian: the root actor runs; pid */
    TRI_NODE_FAIL, /* node → guardian: it does not; result; name: a sentence for people */
    /* node → guardian: the root actor ended; number: exit status; name: its reason, printed */
    TRI_ROOT_END,
    TRI_STOP,   /* guardian → node: stop in order; number 1: at once */
    TRI_HANGUP, /* guardian → node: SIGHUP, which the root actor gets as the message '$hangup' */
    TRI_CONTROL_KINDS,
};

enum tri_control_flag {
    TRI_LINK = 1 << 0,
    TRI_MONITOR = 1 << 1,
    /* the body is in the descriptor beside the packet, body_bytes long */
    TRI_BODY_IN_FILE = 1 << 2,
    /* the policy of a bounded mailbox; neither: its senders wait */
    TRI_MAILBOX_DROPS = 1 << 3,
    TRI_MAILBOX_KILLS = 1 << 4,
    /* the body is more than the argument: process/surroundings.h */
    TRI_SURROUNDED = 1 << 5,
    /* the body is what the spawner is to be told beside the result */
    TRI_TELLS_MORE = 1 << 6,
    /* the confinement is that of who spawned it, who is in a sandbox */
    TRI_WISH_INHERITED = 1 << 7,
};
/* Those of a spawn that are the child's. */
#define TRI_BIRTH_FLAGS ((uint32_t)(TRI_MAILBOX_DROPS | TRI_MAILBOX_KILLS | TRI_SURROUNDED))

struct tri_control {
    uint16_t version;
    uint16_t kind; /* enum tri_control_kind */
    uint32_t request;
    int32_t result;
    uint32_t flags;
    uint64_t pid;
    uint64_t other;
    uint64_t ref_owner;
    uint64_t ref_number;
    uint64_t number;
    uint32_t name_bytes;
    uint32_t body_bytes;
};

/* A packet to be sent: head's version and sizes are filled in by tri_control_send. */
struct tri_parcel {
    struct tri_control head;
    const void *name;
    const void *body;
    size_t name_bytes, body_bytes;
    int passed_fd; /* -1 for none; with TRI_BODY_IN_FILE the file with the body */
};

/* A packet as it came, wholly checked: kind, version and lengths are right; name is ended by a NUL that is not counted.
 * What it points to lives in the buffer that the caller gave. */
struct tri_packet {
    struct tri_control head;
    const char *name;
    const uint8_t *body; /* NULL when it is in passed_fd */
    int passed_fd;       /* owned by the packet until taken; -1 for none */
};

/* Did the body come in a file for which this process had no descriptor left? The kernel drops it and says so. */
static inline bool tri_packet_body_is_lost(const struct tri_packet *packet)
{
    return !packet->body && packet->passed_fd < 0;
}

#define TRI_PACKET_BUFFER_BYTES                                                                    \
    (sizeof(struct tri_control) + TRI_CONTROL_NAME_BYTES + TRI_CONTROL_BODY_BYTES + 1)

/* Sends one packet; puts a body that is too large into a sealed memfd. Blocks only as the socket does.
 * 0; TR_TOO_LARGE (name or body beyond the limits); -EAGAIN, -EPIPE, -EMFILE, -ENOMEM, -ENOSPC … */
int tri_control_send(int fd, const struct tri_parcel *parcel);

/* Receives one packet into buffer (TRI_PACKET_BUFFER_BYTES long).
 * 0; -EPIPE at end of file; -EAGAIN; -EPROTO for a packet that is not well formed. */
int tri_control_receive(int fd, void *buffer, struct tri_packet *ret_packet);

/* Closes what a packet brought and nobody took. For TRI_AUTO. */
void tri_packet_deinit(struct tri_packet *packet);

/* Puts bytes into a new sealed memfd. The descriptor or a negative errno. */
int tri_body_to_file(const void *body, size_t body_bytes);

/* Tells whether a descriptor is a memfd that nobody can change any more and is body_bytes long. */
bool tri_body_file_is_sealed(int fd, size_t body_bytes);

/* Appends the packet's body, from wherever it is, to out, without looking at it. 0 or a negative errno (-EMFILE when it
 * was lost). */
int tri_packet_body(const struct tri_packet *packet, struct tr_out *out);

/* The name of a kind, for logs. */
const char *tri_control_kind_name(unsigned kind);

static inline struct tri_parcel tri_parcel_of(enum tri_control_kind kind)
{
    return (struct tri_parcel){.head = {.kind = (uint16_t)kind}, .passed_fd = -1};
}

#endif
