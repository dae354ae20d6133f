/* Fetch: one pread tells whether there is news in a ring, another brings it. */
#include "mailbox/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "mailbox/frame.h"
#include "mailbox/ring.h"
#include "mailbox/sift.h"
#include "mailbox/socket.h"

/* How much is read at once, and how many records are taken of it: as many as a mailbox takes in at a time. */
#define STRETCH_BYTES (32u * 1024u)
#define LARGE_STRETCH_BYTES (sizeof(struct tri_record) + TRI_RECORD_BODY_BYTES)
#define RECORDS_AT_ONCE 512u
/* A sender from which nothing has come while so many frames came from others is not attended to any more: each look at it
 * is in vain, and costs a hundredth of what a frame through nanomsg does. A look while nothing comes at all costs nothing. */
#define FRAMES_OF_OTHERS 512u
#define FIRST_CAPACITY 2u
/* A ring that its owner changes while it is read is read again, but not for ever. */
#define TRIES 16u
/* What is little to be found in one look, how many such looks in a row show a stream, and how long it may gather: where the
 * clock stands still, or costs a system call, so many readings of it. */
#define LITTLE_BYTES (4u * 1024u)
#define LOOKS_IN_STREAM 8u
#define GATHER_NS 3000ull
#define GATHER_TURNS 200u

/* The part of a box that tells where its ring begins and ends, for whom. */
struct ends {
    uint64_t pid, head, tail;
};

#define ENDS_AT offsetof(struct tri_box, ring_pid)
_Static_assert(offsetof(struct tri_box, ring_head) == ENDS_AT + offsetof(struct ends, head), "");
_Static_assert(offsetof(struct tri_box, ring_tail) == ENDS_AT + offsetof(struct ends, tail), "");

static struct tri_received *cell_of(const struct tri_fetch *fetch,
                                    const struct tri_fetched_ring *ring)
{
    return tri_recorder_heard(fetch->recorder, (tr_pid){ring->sender});
}

static void say(const struct tri_fetch *fetch, const struct tri_fetched_ring *ring, bool attends)
{
    struct tri_received *cell = cell_of(fetch, ring);
    if (!cell)
        return;
    uint32_t was = atomic_load_explicit(&cell->attention, memory_order_relaxed);
    atomic_store_explicit(&cell->attention, TRI_ATTENTION(TRI_LAST_KNOCK(was), attends),
                          memory_order_relaxed);
}

static struct tri_fetched_ring *find(struct tri_fetch *fetch, tr_pid sender)
{
    for (unsigned i = 0; i < fetch->count; i++) {
        if (tr_pid_slot((tr_pid){fetch->rings[i].sender}) == tr_pid_slot(sender))
            return &fetch->rings[i];
    }
    return NULL;
}

static struct tri_fetched_ring *add(struct tri_fetch *fetch)
{
    if (fetch->count == fetch->capacity) {
        unsigned capacity = fetch->capacity ? 2 * fetch->capacity : FIRST_CAPACITY;
        struct tri_fetched_ring *rings = realloc(fetch->rings, capacity * sizeof *rings);
        if (!rings)
            return NULL;
        fetch->rings = rings;
        fetch->capacity = capacity;
    }
    return &fetch->rings[fetch->count++];
}

static void drop(struct tri_fetch *fetch, struct tri_fetched_ring *ring)
{
    *ring = fetch->rings[--fetch->count];
}

void tri_fetch_attend(struct tri_fetch *fetch, tr_pid sender, uint64_t position)
{
    struct tri_fetched_ring *ring = find(fetch, sender);
    if (!tri_recorder_heard(fetch->recorder, sender))
        return;
    if (!ring || ring->sender != sender.id) {
        if (!ring && (fetch->count >= TRI_FETCH_RINGS || !(ring = add(fetch))))
            return;
        *ring = (struct tri_fetched_ring){.sender = sender.id, .cursor = position};
    }
    ring->heard = ++fetch->frames;
    ring->is_being_left = false;
    say(fetch, ring, true);
}

/* To take in what a knock tells of is owed to its sender, however many rings there are. */
bool tri_fetch_answer(struct tri_fetch *fetch, tr_pid sender, uint64_t position, uint32_t knock)
{
    struct tri_fetched_ring *ring = find(fetch, sender);
    struct tri_received *cell = tri_recorder_heard(fetch->recorder, sender);
    bool is_new = !ring || ring->sender != sender.id;
    if (!cell || (!ring && !(ring = add(fetch))))
        return false;
    if (is_new)
        *ring = (struct tri_fetched_ring){.sender = sender.id, .cursor = position};
    else if (position < ring->cursor)
        ring->cursor = position; /* what was passed over is to be looked at again */
    ring->heard = fetch->frames;
    ring->is_being_left = tri_fetch_is_crowded(fetch);
    atomic_store_explicit(&cell->attention, TRI_ATTENTION(knock, !ring->is_being_left),
                          memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    return true;
}

void tri_fetch_leave_all(struct tri_fetch *fetch)
{
    for (unsigned i = 0; i < fetch->count; i++) {
        fetch->rings[i].is_being_left = true;
        say(fetch, &fetch->rings[i], false);
    }
    atomic_thread_fence(memory_order_seq_cst);
}

static void leave(struct tri_fetch *fetch, struct tri_fetched_ring *ring)
{
    ring->is_being_left = true;
    say(fetch, ring, false);
    atomic_thread_fence(memory_order_seq_cst);
}

void tri_fetch_forget(struct tri_fetch *fetch, tr_pid dead)
{
    struct tri_fetched_ring *ring = find(fetch, dead);
    if (ring && ring->sender == dead.id)
        drop(fetch, ring);
}

void tri_fetch_deinit(struct tri_fetch *fetch)
{
    free(fetch->rings);
    *fetch = (struct tri_fetch){0};
}

/* ---------------------------------------------------------------- looking into a ring */

/* They are read while they change, or their owner may have written over them. */
static bool make_sense(const struct ends *ends)
{
    return ends->tail <= ends->head && ends->head - ends->tail <= TRI_RING_BYTES;
}

static bool read_ends(const struct tri_fetch *fetch, const struct tri_fetched_ring *ring,
                      struct ends *ret_ends)
{
    unsigned tries = 0;
    const struct tri_recorder *recorder = fetch->recorder;
    off_t at =
        tri_box_offset(recorder->slots, tr_pid_slot((tr_pid){ring->sender})) + (off_t)ENDS_AT;
    do {
        if (tri_fd_read_at(recorder->fd, ret_ends, sizeof *ret_ends, at) != sizeof *ret_ends ||
            ret_ends->pid != ring->sender)
            return false;
    } while (!make_sense(ret_ends) && ++tries < TRIES);
    atomic_thread_fence(memory_order_acquire); /* what lies between them is read after them */
    return make_sense(ret_ends);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Reads a stretch behind room for a frame's head. NULL when there is no memory, or it cannot be read. */
static uint8_t *read_stretch(const struct tri_fetch *fetch, const struct tri_fetched_ring *ring,
                             size_t size_bytes)
{
    const struct tri_recorder *recorder = fetch->recorder;
    off_t at = tri_box_ring_offset(recorder->slots, tr_pid_slot((tr_pid){ring->sender})) +
               (off_t)(ring->cursor % TRI_RING_BYTES);
    uint8_t *frame = tri_socket_new_frame(sizeof(struct tri_frame) + size_bytes);
    if (!frame)
        return NULL;
    if (tri_fd_read_at(recorder->fd, frame + sizeof(struct tri_frame), size_bytes, at) ==
        (ssize_t)size_bytes)
        return frame;
    tri_socket_free(frame);
    return NULL;
}

static bool has_been_passed(const struct tri_fetch *fetch, const struct tri_fetched_ring *ring)
{
    struct ends ends;
    atomic_thread_fence(memory_order_acquire); /* the stretch has been read before its ends are */
    return !read_ends(fetch, ring, &ends) || ends.tail > ring->cursor;
}

/* Moves the cursor over what was sifted. */
static void pass(struct tri_fetched_ring *ring, const struct tri_sifted *sifted, uint64_t head)
{
    ring->cursor += sifted->passed_bytes;
    if (sifted->end == TRI_SIFT_LAP_OVER ||
        tri_ring_left_of_lap(ring->cursor) < sizeof(struct tri_record))
        ring->cursor += tri_ring_left_of_lap(ring->cursor);
    else if (sifted->end == TRI_SIFT_BROKEN)
        ring->cursor = head; /* its owner has damaged it: nanomsg must do */
}

/* What is kept may stay for long, and is often little of what was read: then it moves to a frame of its own size. */
static void *shrink(void *frame, size_t kept_bytes, size_t read_bytes)
{
    size_t size_bytes = sizeof(struct tri_frame) + kept_bytes;
    void *smaller = kept_bytes <= read_bytes / 2 ? tri_socket_new_frame(size_bytes) : NULL;
    if (!smaller)
        return frame;
    memcpy(smaller, frame, size_bytes);
    tri_socket_free(frame);
    return smaller;
}

/* Reads and sifts the next stretch up to `head`. How many records of ours, in *ret_frame, which is set when there are any;
 * -ESTALE when it was written over meanwhile; -ENOMEM. */
static int take_stretch(struct tri_fetch *fetch, struct tri_fetched_ring *ring, uint64_t head,
                        size_t most_bytes, void **ret_frame, struct tri_sifted *ret_sifted)
{
    size_t there_bytes = least((size_t)(head - ring->cursor), tri_ring_left_of_lap(ring->cursor));
    size_t size_bytes = least(there_bytes, most_bytes);
    const struct tri_recorder *recorder = fetch->recorder;
    uint8_t *frame = read_stretch(fetch, ring, size_bytes);
    if (!frame)
        return -ENOMEM;
    tr_pid sender = {ring->sender};
    *ret_sifted = tri_sift(frame + sizeof(struct tri_frame), size_bytes, recorder->self,
                           tri_recorder_taken(recorder, sender), RECORDS_AT_ONCE);
    if (ret_sifted->end == TRI_SIFT_CUT &&
        ret_sifted->passed_bytes + ret_sifted->cut_bytes > there_bytes) {
        ret_sifted->end = TRI_SIFT_BROKEN; /* no record goes on behind the head */
        ret_sifted->is_certain = false;
    }
    bool is_stale = !ret_sifted->is_certain && has_been_passed(fetch, ring);
    if (is_stale || ret_sifted->count == 0) {
        tri_socket_free(frame);
        return is_stale ? -ESTALE : 0;
    }
    *(struct tri_frame *)(void *)frame = tri_frame_of(sender, recorder->self, ret_sifted->count);
    *ret_frame = shrink(frame, ret_sifted->kept_bytes, size_bytes);
    return (int)ret_sifted->count;
}

/* Takes stretch after stretch up to the ring's head. 0, -EAGAIN, -ESTALE, -ENOMEM. */
static int take_news(struct tri_fetch *fetch, struct tri_fetched_ring *ring, uint64_t head,
                     void **ret_frame, size_t *ret_size_bytes)
{
    struct tri_sifted sifted;
    size_t most_bytes = ring->has_large ? LARGE_STRETCH_BYTES : STRETCH_BYTES;
    while (ring->cursor < head) {
        int r = take_stretch(fetch, ring, head, most_bytes, ret_frame, &sifted);
        if (r < 0)
            return r;
        if (sifted.passed_bytes == 0 && sifted.end == TRI_SIFT_CUT &&
            most_bytes < sifted.cut_bytes) {
            most_bytes = sifted.cut_bytes;
            continue;
        }
        pass(ring, &sifted, head);
        *ret_size_bytes = sizeof(struct tri_frame) + sifted.kept_bytes;
        if (r > 0) {
            ring->has_large = r == 1 && sifted.kept_bytes > STRETCH_BYTES;
            return 0;
        }
    }
    return -EAGAIN;
}

/* Looks into a ring. 0, -EAGAIN; -ESTALE: its owner was faster; -ENOMEM. */
static int look(struct tri_fetch *fetch, struct tri_fetched_ring *ring, void **ret_frame,
                size_t *ret_size_bytes)
{
    struct ends ends;
    int r = -ESTALE;
    for (unsigned i = 0; r == -ESTALE && i < TRIES; i++) {
        if (!read_ends(fetch, ring, &ends))
            return -EAGAIN;
        if (ends.tail > ring->cursor)
            ring->cursor = ends.tail;
        r = take_news(fetch, ring, ends.head, ret_frame, ret_size_bytes);
    }
    return r;
}

/* Looks into a ring whose turn it is, and draws the conclusions. As look; *ret_is_over: it is not in the list
 * any more. */
static int take_turn(struct tri_fetch *fetch, struct tri_fetched_ring *ring, void **ret_frame,
                     size_t *ret_size_bytes, bool *ret_is_over)
{
    int r = look(fetch, ring, ret_frame, ret_size_bytes);
    *ret_is_over = r == -EAGAIN && ring->is_being_left;
    if (r == 0)
        ring->heard = ++fetch->frames;
    else if (*ret_is_over)
        drop(fetch, ring);
    else if (r == -EAGAIN && fetch->frames - ring->heard > FRAMES_OF_OTHERS)
        leave(fetch, ring);
    return r;
}

/* A stream of messages that is looked at too often comes in pieces of a few, each of which costs as much as a hundred, and
 * slows its sender down, who has to share what it has just written. So its receiver lets it gather for a moment. */
static void let_gather(const struct tri_fetch *fetch)
{
    if (fetch->little < LOOKS_IN_STREAM)
        return;
    uint64_t until_ns = tri_clock_ns() + GATHER_NS;
    for (unsigned i = 0; i < GATHER_TURNS && tri_clock_ns() < until_ns; i++)
        ;
}

/* Several senders in turn are no stream: to look at the others takes time enough. */
static void note_find(struct tri_fetch *fetch, uint64_t sender, size_t size_bytes)
{
    bool is_little = sender == fetch->found_of && size_bytes < LITTLE_BYTES;
    fetch->little = is_little ? fetch->little + 1 : 0;
    fetch->found_of = sender;
}

int tri_fetch_next(struct tri_fetch *fetch, void **ret_frame, size_t *ret_size_bytes)
{
    let_gather(fetch);
    for (unsigned left = fetch->count; left > 0; left--) {
        bool is_over;
        if (fetch->next >= fetch->count)
            fetch->next = 0;
        uint64_t sender = fetch->rings[fetch->next].sender;
        int r = take_turn(fetch, &fetch->rings[fetch->next], ret_frame, ret_size_bytes, &is_over);
        fetch->next += !is_over;
        if (r == 0)
            note_find(fetch, sender, *ret_size_bytes);
        if (r != -EAGAIN && r != -ESTALE)
            return r;
    }
    fetch->little = 0;
    return -EAGAIN;
}
