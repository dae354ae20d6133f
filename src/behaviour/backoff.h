/* Back-off: how long a restart waits (SEMANTICS 50). Pure. */
#ifndef TRI_BEHAVIOUR_BACKOFF_H
#define TRI_BEHAVIOUR_BACKOFF_H

#include <stdint.h>

#include "base/clock.h"

enum {
    TRI_BACKOFF_MAX_MS = 30000, /* what is taken for zeros */
    TRI_BACKOFF_RESET_MS = 10000,
};

struct tri_backoff {
    uint32_t min_ms; /* 0: no restart waits */
    uint32_t max_ms, reset_ms;
    unsigned times; /* that it has waited since it was at its least */
};

/* For a process for which there is no room: many wait for the same, and it may be over soon. */
#define TRI_BACKOFF_OF_ROOM                                                                        \
    (struct tri_backoff) { .min_ms = 10, .max_ms = 1000 }

/* The next wait, in ms. */
static inline uint32_t tri_backoff_next(struct tri_backoff *backoff)
{
    uint64_t max_ms = backoff->max_ms ? backoff->max_ms : TRI_BACKOFF_MAX_MS;
    if (max_ms < backoff->min_ms)
        max_ms = backoff->min_ms;
    uint64_t wait_ms = (uint64_t)backoff->min_ms << (backoff->times < 31 ? backoff->times : 31);
    if (wait_ms < max_ms)
        backoff->times++;
    return (uint32_t)(wait_ms < max_ms ? wait_ms : max_ms);
}

/* One has died that lived so long: long enough, and the next wait is the least again. */
static inline void tri_backoff_lived(struct tri_backoff *backoff, uint64_t lived_ns)
{
    uint64_t reset_ms = backoff->reset_ms ? backoff->reset_ms : TRI_BACKOFF_RESET_MS;
    if (lived_ns >= reset_ms * TRI_NS_PER_MS)
        backoff->times = 0;
}

#endif
