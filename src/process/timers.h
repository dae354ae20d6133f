/* Timers: this process's own, in the order in which they fire. Pure: knows neither the clock nor the mailbox. */
#ifndef TRI_PROCESS_TIMERS_H
#define TRI_PROCESS_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include "troupe/term.h"

struct tri_timer {
    uint64_t deadline_ns;
    uint64_t number; /* of its reference; of two with the same deadline the older one fires first */
    uint64_t alias;  /* the own alias that it is sent to, or 0 */
    struct tr_out message; /* the whole term that will come */
};

/* A heap: the first to fire is at [0]. Zeroed, it is empty and ready. */
struct tri_timers {
    struct tri_timer **at;
    size_t count, capacity;
};

/* 0, and *timers owns the timer; or -ENOMEM. */
int tri_timers_add(struct tri_timers *timers, struct tri_timer *timer);

/* When the next one fires; TRI_NEVER when there is none. */
uint64_t tri_timers_next_ns(const struct tri_timers *timers);

/* Takes out the first that is due at now_ns, or NULL. The caller frees it. */
struct tri_timer *tri_timers_take_due(struct tri_timers *timers, uint64_t now_ns);

/* Takes out the one with that number, or NULL. The caller frees it. */
struct tri_timer *tri_timers_take(struct tri_timers *timers, uint64_t number);

void tri_timers_deinit(struct tri_timers *timers);
void tri_timer_free(struct tri_timer *timer); /* NULL is fine */

#endif
