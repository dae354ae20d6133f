/* Turn: whose turn it is with a mailbox. Nearly always it is its owner's, the actor's own thread, a few million times a
 * second; now and then its helper's, when the owner is elsewhere.
 *
 * So the lock is biased. The owner only writes a flag and reads another, in 2 ns; the helper pays for both: between
 * raising its own flag and reading the owner's it lets the kernel put a memory barrier into every thread of the process
 * (membarrier(2)). Whichever of the two was first, one of them sees the other:
 *
 *     owner    inside = 1;  (no barrier)  is helper set? then sleep until it is not
 *     helper   helper = 1;  membarrier;   is inside set? then helper = 0, and try again another time
 *
 * The owner waits at most for one round of help, which never blocks. The helper never waits. */
#ifndef TRI_MAILBOX_TURN_H
#define TRI_MAILBOX_TURN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct tri_turn {
    /* How many times the owner has entered: its calls may stand in each other. */
    _Atomic uint32_t inside;
    _Atomic uint32_t helper; /* a futex: enum in turn.c */
};

/* May this process use turns with a helper? Registers it with the kernel. 0 or a negative errno (-ENOSYS: an old kernel,
 * or a sandbox). */
int tri_turn_prepare(void);

/* For the owner: sleeps until the helper is done. Never a part of its caller, which is in a hurry and need not save registers
 * for it. */
__attribute__((cold, noinline)) void tri_turn_wait(struct tri_turn *turn);

/* For the owner. Returns how many times it had entered before, for tri_turn_leave. */
static inline uint32_t tri_turn_enter(struct tri_turn *turn)
{
    uint32_t depth = atomic_load_explicit(&turn->inside, memory_order_relaxed);
    atomic_store_explicit(&turn->inside, depth + 1, memory_order_relaxed);
    atomic_signal_fence(
        memory_order_seq_cst); /* the compiler keeps the order; membarrier does the rest */
    if (__builtin_expect(atomic_load_explicit(&turn->helper, memory_order_acquire) != 0, 0))
        tri_turn_wait(turn);
    return depth;
}

static inline void tri_turn_leave(struct tri_turn *turn, uint32_t depth)
{
    atomic_store_explicit(&turn->inside, depth, memory_order_release);
}

/* For the helper: takes the turn unless the owner is inside. */
bool tri_turn_try(struct tri_turn *turn);
void tri_turn_give_back(struct tri_turn *turn);

/* A barrier in every thread of this process. */
void tri_turn_barrier(void);

#endif
