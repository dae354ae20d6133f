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

struct tri_intake {
    const struct tri_mailbox_options *options;
    struct tri_recorder *recorder;
    struct tri_queue queue;
    struct tri_early early;
};

/* Takes in a frame as it came from nanomsg, which it owns from then on. */
void tri_intake_frame(struct tri_intake *intake, void *frame, size_t size_bytes, uint64_t now_ns);

/* Takes in a record that the node handed on, in bytes that stay the caller's. 0 or TR_MALFORMED. */
int tri_intake_record(struct tri_intake *intake, tr_pid from, const void *bytes, size_t size_bytes,
                      uint64_t now_ns);

/* After this nothing of that sender, which is dead, is taken in any more. */
void tri_intake_forget(struct tri_intake *intake, tr_pid dead);

void tri_intake_deinit(struct tri_intake *intake);

#endif
