/* Intake: what comes from others, checked, numbered, and put into the queue.
 *
 * Of each sender exactly the next number is taken; an older one is a duplicate, a later one is held back. What is taken
 * is published before anything else is done, and only what is in the queue (or was dropped for a reason that will not change) is published:
 * when memory is short, a message stays with its sender, who repeats it.
 *
 * In a bounded mailbox a message may find no room (bound.h). When its sender is to wait, its frame stays pending, and is
 * gone on with at that message as soon as there is room. The rest is not published, so it is still its sender's: should
 * that die meanwhile, the node delivers it, and what is left in the frame is then a duplicate. */
#ifndef TRI_MAILBOX_INTAKE_H
#define TRI_MAILBOX_INTAKE_H

#include "mailbox/bound.h"
#include "mailbox/doorbell.h"
#include "mailbox/early.h"
#include "mailbox/fetch.h"
#include "mailbox/recorder.h"

/* Where records come from. */
struct tri_source {
    tr_pid from;
    uint64_t now_ns;
    bool is_again; /* some of it may have come before */
    bool can_wait; /* what finds no room is still its sender's; false for what the node hands on */
    void *frame;   /* NULL: from the node, whose bytes are copied */
    size_t at;     /* of the next record in the frame */
    size_t count, left;              /* records, and how many have not been looked at */
    struct tri_message_block *block; /* made when the first message needs it; owns the frame then */
};

struct tri_intake {
    const struct tri_mailbox_options *options;
    struct tri_recorder *recorder;
    struct tri_queue queue;
    struct tri_message_block *spare; /* message.h */
    struct tri_early early;
    struct tri_fetch fetch;
    /* A frame that could not be taken in to its end yet; its frame is NULL when there is none. */
    struct tri_source pending;
    /* The helper thread is at work: what would call the process layer is left for the actor's own thread. */
    bool is_helped;

    bool is_full;    /* the pending frame waits for room */
    bool is_wanting; /* a receive looks for a message that the queue did not have */
    unsigned wanted; /* so many more may enter for it now, room or not */
    uint64_t guest;  /* the arrival number of the first that did, and may be dropped again, or 0 */
};

/* Takes in a frame, checked or fetched, which it owns from then on. False: not to its end, the rest is pending; no
 * other frame may be taken in before it. */
bool tri_intake_frame(struct tri_intake *intake, void *frame, uint64_t now_ns);

/* Hears a knock: its sender's ring is looked into from now on. */
void tri_intake_knock(struct tri_intake *intake, const struct tri_knock *knock);

/* Goes on with the pending frame. False: it is still pending. */
bool tri_intake_go_on(struct tri_intake *intake, uint64_t now_ns);

static inline bool tri_intake_is_pending(const struct tri_intake *intake)
{
    return intake->pending.frame != NULL;
}

/* Is there nothing to be taken in until the program has received something? What is to be dropped waits only while a
 * receive may still want it. */
static inline bool tri_intake_is_stuck(const struct tri_intake *intake)
{
    return intake->is_full &&
           (intake->is_wanting || intake->options->bound.policy == TRI_POLICY_WAITS);
}

/* Nobody took what entered a full mailbox only because it may have been wanted: where messages are dropped, it is
 * dropped. */
void tri_intake_drop_unwanted(struct tri_intake *intake);

/* Takes in a record that the node handed on, in bytes that stay the caller's. 0 or TR_MALFORMED. */
int tri_intake_record(struct tri_intake *intake, tr_pid from, const void *bytes, size_t size_bytes,
                      uint64_t now_ns);

/* After this nothing of that sender, which is dead, is taken in any more. */
void tri_intake_forget(struct tri_intake *intake, tr_pid dead);

void tri_intake_deinit(struct tri_intake *intake);

#endif
