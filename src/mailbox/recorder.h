/* Recorder: this actor's own window of the flight recorder (wire/box.h), and what it reads of others'.
 *
 * The window's file is sparse and lies on a tmpfs, which may be full when a page is first touched: that would be SIGBUS.
 * So memory is asked for before it is touched, and a full disk is -ENOSPC. For the same reason others' windows are
 * not mapped: the node clears a dead actor's window, and the next touch of a mapped page would have to allocate it
 * again. One pread takes 0.5 µs, is needed for each message or frame that is handed over, and cannot fault. */
#ifndef TRI_MAILBOX_RECORDER_H
#define TRI_MAILBOX_RECORDER_H

#include "mailbox/mailbox.h"

#define TRI_RECEIVED_PAGES (1 + TRI_MAX_SLOTS * sizeof(struct tri_received) / TRI_PAGE_BYTES)

/* What stands for the cell of a dead sender when there was no memory for the cell. Nobody else needs to see it: the dead
 * wait for nothing to be published. */
struct tri_stand_in {
    struct tri_stand_in *next;
    uint32_t slot;
    struct tri_received cell;
};

struct tri_recorder {
    int fd; /* the file of windows */
    bool is_sealed;
    uint32_t slots;
    tr_pid self;
    struct tri_box *box; /* the window; its parts follow */
    struct tri_received *received;
    uint8_t *ring;
    size_t window_bytes;
    size_t ring_ready_bytes; /* of the ring's beginning, how much has memory */
    uint32_t taken_end;      /* behind the copy of the message that was taken last */
    bool received_ready[TRI_RECEIVED_PAGES];
    struct tri_stand_in *stand_ins;
};

/* Maps the window of `self` and writes its head. 0 or a negative errno; -EINVAL for a file that is too short. */
int tri_recorder_open(struct tri_recorder *recorder, const struct tri_rundir *dir, uint32_t slots,
                      tr_pid self);

/* Gives the right away to write to others' windows: the file stays open for reading, the own window mapped. 0 or a negative
 * errno. */
int tri_recorder_seal(struct tri_recorder *recorder, const struct tri_rundir *dir);

/* A recorder that was zeroed and never opened is fine. */
void tri_recorder_close(struct tri_recorder *recorder);

/* Makes the ring's first size_bytes writable. 0 or -ENOSPC. */
int tri_recorder_grow_ring(struct tri_recorder *recorder, size_t size_bytes);

/* The cell for a sender's slot. NULL when there is no memory for it. */
struct tri_received *tri_recorder_cell(struct tri_recorder *recorder, uint32_t sender_slot);

/* The cell for a dead sender, whose last words the node hands on: also on a full disk, where it may be one that nobody
 * else sees. NULL when there is no memory at all. */
struct tri_received *tri_recorder_cell_of_dead(struct tri_recorder *recorder, tr_pid dead);

/* The cell of a sender that has been heard of already, or NULL; takes no memory. */
struct tri_received *tri_recorder_heard(const struct tri_recorder *recorder, tr_pid sender);

/* The last message taken in from a sender; takes no memory. */
uint64_t tri_recorder_taken(const struct tri_recorder *recorder, tr_pid sender);

/* Lets go what stood for the cell of a dead sender, of whom nothing will be taken in any more. */
void tri_recorder_forget(struct tri_recorder *recorder, tr_pid dead);

/* Begins a cell anew for another generation of its slot. */
void tri_received_begin(struct tri_received *cell, uint32_t generation);

/* Publishes: the sender may forget its messages up to this number. */
static inline void tri_received_publish(struct tri_received *cell, uint64_t number)
{
    atomic_store_explicit(&cell->number, number, memory_order_release);
}

void tri_recorder_in_hand(struct tri_recorder *recorder, const struct tr_message *message);
void tri_recorder_done(struct tri_recorder *recorder);

/* Counters have one writer: no locked instruction is needed. */
static inline void tri_count(_Atomic uint64_t *counter, uint64_t more)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + more, memory_order_relaxed);
}

static inline void tri_show(_Atomic uint64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, value, memory_order_relaxed);
}

#endif
