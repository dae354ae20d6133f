/* What a mailbox is made of, for the files that share it: mailbox.c, send_blob.c and wait.c. */
#ifndef TRI_MAILBOX_INSIDE_H
#define TRI_MAILBOX_INSIDE_H

#include "mailbox/helper.h"
#include "mailbox/intake.h"
#include "mailbox/outbox.h"
#include "mailbox/tidy.h"

/* How a wait for mail begins, and how long it usually takes then: yielding, sleeping (wait.c). */
struct tri_ways {
    uint64_t usual_ns[2];
    unsigned waits; /* since the way was chosen last */
    bool is_trial, sleeps;
};

struct tri_mailbox {
    struct tri_mailbox_options options;
    struct tri_socket socket; /* bound when somebody wants to connect */
    bool wants_socket;        /* somebody does */
    unsigned wishes_in_vain;  /* how often it could not be had */
    int doorbell_fd;
    bool is_knocked; /* there is something to be read at the doorbell */
    struct tri_recorder recorder;
    struct tri_intake intake;
    struct tri_outbox outbox;
    struct tri_pool pool;
    struct tri_tidy tidy;
    struct tri_helper helper;
    _Atomic bool is_waiting; /* the owner is, and looks after everything itself */
    bool was_helped;         /* the helper has taken in mail since the owner last waited */
    uint64_t left_ns;  /* when the owner last took in mail, unless it has waited since; or 0 */
    uint64_t blobs;    /* how many were written: their serial numbers */
    unsigned take_ins; /* how often, to read the clock now and then */

    /* A frame that tri_mailbox_wait found; tri_mailbox_take_in begins with it. */
    void *found;
    unsigned finds;        /* how often a frame was looked for */
    uint64_t room_wait_ns; /* how long a wait for room took lately */
    unsigned yields;       /* how many more waits may yield first, without that being worth it */
    struct tri_ways ways;
    unsigned waits_asleep;      /* how many waits must not, because the machine is busy */
    unsigned last_waits_asleep; /* … and how many that were at first, the last time */
};

/* Looks for a frame, in the sockets and in the rings of those who are attended to, by turns which of them first. It has been
 * checked. 0, -EAGAIN, another negative errno. */
int tri_mailbox_find(struct tri_mailbox *mailbox, void **ret_frame);

/* The rest of the block is a turn of the owner's. */
#define TRI_IN_TURN(mailbox)                                                                       \
    __attribute__((cleanup(tri_mailbox_end_turn), unused)) struct tri_own_turn tri_own_turn =      \
        tri_mailbox_begin_turn(mailbox)

struct tri_own_turn {
    struct tri_turn *turn;
    uint32_t depth;
};

static inline struct tri_own_turn tri_mailbox_begin_turn(struct tri_mailbox *mailbox)
{
    struct tri_turn *turn = &mailbox->helper.turn;
    return (struct tri_own_turn){turn, tri_turn_enter(turn)};
}

static inline void tri_mailbox_end_turn(const struct tri_own_turn *own)
{
    tri_turn_leave(own->turn, own->depth);
}

#endif
