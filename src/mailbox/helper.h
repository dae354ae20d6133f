/* Helper: a second thread of an actor, which looks after its mailbox while the actor computes. It sends what is held
 * back for a moment, and takes in mail, so that a busy receiver does not stop its senders.
 *
 * It is started when it is first needed: most actors never have one. While its owner is in the runtime it leaves
 * everything alone, and while its owner waits there it sleeps, without waking up for anything. It knows nothing of
 * mailboxes: what it does in its turn is given to it. */
#ifndef TRI_MAILBOX_HELPER_H
#define TRI_MAILBOX_HELPER_H

#include <pthread.h>

#include "mailbox/turn.h"

/* How long something is held before it is looked after, and how long the looks of a busy owner's helper grow apart. An
 * owner who has sent by itself whatever was held, look after look, is in a stream, and is looked after less often. */
#define TRI_HELPER_SOON_NS 250000ull
#define TRI_HELPER_STREAM_NS 2000000ull
#define TRI_HELPER_STREAM_LOOKS 8
#define TRI_HELPER_LATER_NS 8000000ull

enum tri_helper_need {
    TRI_HELPER_NOT_NEEDED, /* the owner waits in the runtime, and looks after everything itself */
    TRI_HELPER_WATCHES,    /* the owner computes                                             */
    TRI_HELPER_IS_CLOSE,   /* … and something has been held for a moment                     */
    TRI_HELPER_IS_NEEDED,  /* … and for too long                                             */
};

struct tri_helper {
    struct tri_turn turn;
    /* Called in its turn, in its thread; never blocks. Tells whether there was anything to do. */
    bool (*help)(void *context);
    /* Called at any time in its thread. */
    enum tri_helper_need (*need)(void *context);
    void *context;
    pthread_t thread;
    bool is_started, has_failed; /* of the owner */
    _Atomic uint32_t sleep;      /* a futex: enum tri_helper_sleep */
    _Atomic bool is_stopping;
};

enum tri_helper_sleep { TRI_HELPER_PARKED, TRI_HELPER_FOR_LONG, TRI_HELPER_AWAKE };

/* Starts the thread unless there is one. Tells whether there is one: without memory, threads or membarrier there is
 * none, and whoever relies on it must do without. */
bool tri_helper_start(struct tri_helper *helper);

/* Ends the thread, if there is one, and waits for its end. For the owner, outside of its turn. */
void tri_helper_stop(struct tri_helper *helper);

void tri_helper_wake(struct tri_helper *helper);

/* For the owner: something is held, or is about to be. */
static inline void tri_helper_call(struct tri_helper *helper)
{
    atomic_signal_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&helper->sleep, memory_order_relaxed) != TRI_HELPER_AWAKE)
        tri_helper_wake(helper);
}

/* For the owner, when it goes back to the program: its helper, if there is one, watches again. */
static inline void tri_helper_unpark(struct tri_helper *helper)
{
    atomic_signal_fence(memory_order_seq_cst);
    if (helper->is_started &&
        atomic_load_explicit(&helper->sleep, memory_order_relaxed) == TRI_HELPER_PARKED)
        tri_helper_wake(helper);
}

#endif
