/* Fetch: what others have recorded for us, read out of their rings.
 *
 * nanomsg costs some ten system calls and two threads that are woken for each frame. While both sides are awake none of that
 * is needed, because the message lies in its sender's ring already: its receiver looks there.
 *
 *     a sender has knocked (doorbell.h),    its cell of `received` says that we attend to it
 *     or a frame has come from it
 *     the sender records a message, and     it leaves nanomsg alone: the message will be fetched
 *     then sees that we do
 *     we are about to sleep                 the cell says that we do not any more; then we look a last time
 *
 * Each side writes first and looks then, with a full barrier between: so either the sender sees that it is not attended
 * to any more, or the last look sees its message. A knock is answered in the same way: first the cell says which one was
 * heard, then we look; so a sender whose last knock is not answered need not knock again. A sender that is attended to may
 * sleep or compute; nothing that it has left waits longer than its receiver does before its next receive, and what its
 * receiver leaves because it dies is handed on by the node, like anything else in a ring.
 *
 * Others' rings are read with pread, never mapped (recorder.h). */
#ifndef TRI_MAILBOX_FETCH_H
#define TRI_MAILBOX_FETCH_H

#include "mailbox/recorder.h"

/* So many senders are attended to at most; others are heard through nanomsg. A look at one that has nothing new is a
 * pread of some 0.3 µs. */
#define TRI_FETCH_RINGS 320u

struct tri_fetched_ring {
    uint64_t sender;    /* tr_pid.id                                                   */
    uint64_t cursor;    /* the position in its ring from which on nothing was looked at */
    uint64_t heard;     /* how many frames had come when the last one came from it     */
    bool has_large;     /* what came last did not fit into an ordinary stretch            */
    bool is_being_left; /* its cell says so; one more look that finds nothing ends it   */
};

struct tri_fetch {
    struct tri_recorder *recorder;
    struct tri_fetched_ring *rings;
    unsigned count, capacity;
    unsigned next;     /* whose turn it is */
    uint64_t frames;   /* how many have come from those who are attended to */
    uint64_t found_of; /* whose ring the last look that found something was into */
    unsigned little;   /* how many looks in a row have found little in the same one */
};

/* Attends to a sender from that position in its ring on. It does not without memory, when there are too many already, and
 * when nothing has been taken in from that sender. */
void tri_fetch_attend(struct tri_fetch *fetch, tr_pid sender, uint64_t position);

/* Answers a knock: looks into that sender's ring from there on until nothing more is found, and attends to it unless there
 * are too many. False: there is no memory, or it is not heard of. */
bool tri_fetch_answer(struct tri_fetch *fetch, tr_pid sender, uint64_t position, uint32_t knock);

/* Have more knocked than can be attended to? */
static inline bool tri_fetch_is_crowded(const struct tri_fetch *fetch)
{
    return fetch->count > TRI_FETCH_RINGS;
}

/* Looks into the rings, in turn, until one has something for us: a frame (frame.h) of it, for tri_socket_free.
 * 0, -EAGAIN (there is nothing), -ENOMEM. */
int tri_fetch_next(struct tri_fetch *fetch, void **ret_frame, size_t *ret_size_bytes);

/* Tells all senders that they are not attended to any more. Each is looked at once more at least: it is done with when it
 * is not counted any more. */
void tri_fetch_leave_all(struct tri_fetch *fetch);

/* A sender is dead, and nothing of it is to come any more. */
void tri_fetch_forget(struct tri_fetch *fetch, tr_pid dead);

void tri_fetch_deinit(struct tri_fetch *fetch);

#endif
