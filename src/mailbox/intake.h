/* Intake: what comes from others, checked, numbered, and put into the queue.
 *
 * Of each sender exactly the next number is taken; an older one is a duplicate, a later one is held back. What is taken
 * is published at once, and only what is in the queue (or was dropped for a reason that will not change) is published:
 * when memory is short, a message stays with its sender, who repeats it. */
#ifndef TRI_MAILBOX_INTAKE_H
#define TRI_MAILBOX_INTAKE_H

#include "mailbox/early.h"
#include "mailbox/queue.h"
#include "mailbox/recorder.h"

/* Where records come from. */
struct tri_source {
    tr_pid from;
    uint64_t now_ns;
    void *frame;                     /* NULL: not from nanomsg; bodies are copied */
    size_t at;                       /* of the next record in the frame */
    size_t count, left;              /* records, and how many have not been looked at */
    struct tri_message_block *block; /* made when the first message needs it; owns the frame then */
};

struct tri_intake {
    const struct tri_mailbox_options *options;
    struct tri_recorder *recorder;
    struct tri_queue queue;
    struct tri_early early;
    struct tri_source
        pending; /* a frame that could not be taken in to its end yet; frame is NULL when none is */
    /* The helper thread is at work: what would call the process layer is left for the actor's own thread. */
    bool is_helped;
};

/* Takes in a frame as it came from nanomsg, which it owns from then on. False: not to its end, the rest is pending; no
 * other frame may be taken in before it. */
bool tri_intake_frame(struct tri_intake *intake, void *frame, size_t size_bytes, uint64_t now_ns);

/* Goes on with the pending frame. False: it is still pending. */
bool tri_intake_go_on(struct tri_intake *intake, uint64_t now_ns);

static inline bool tri_intake_is_pending(const struct tri_intake *intake)
{
    return intake->pending.frame != NULL;
}

/* Takes in a record that the node handed on, in bytes that stay the caller's. 0 or TR_MALFORMED. */
int tri_intake_record(struct tri_intake *intake, tr_pid from, const void *bytes, size_t size_bytes,
                      uint64_t now_ns);

/* After this nothing of that sender, which is dead, is taken in any more. */
void tri_intake_forget(struct tri_intake *intake, tr_pid dead);

void tri_intake_deinit(struct tri_intake *intake);

#endif
