/* Stint: how long an actor has been at it since its last sign of life, without what it waited for a processor meanwhile: that
 * is the machine's doing. Pure: who looks brings what the clock, the actor's box and the kernel say.
 *
 * The kernel counts a wait when it is over. So from one look alone nobody knows whether the actor waits since long; but when
 * the count has moved from one look to the next, all that it had waited until the first of them is in it. */
#ifndef TRI_NODE_STINT_H
#define TRI_NODE_STINT_H

#include <stdbool.h>
#include <stdint.h>

/* One look, or none yet (zeroed). */
struct tri_stint {
    uint64_t sign_ns;   /* the last sign of life that was seen */
    uint64_t waited_ns; /* what it had waited at a look before that sign */
    uint64_t look_ns;   /* the last look, and what the kernel said then */
    uint64_t look_ran_ns, look_waited_ns;
};

/* What a look says: how long its stint is for certain; and how long it is when it does not wait right now. */
struct tri_stint_length {
    uint64_t certain_ns, apparent_ns;
};

/* Looks, and remembers it for the next look.
 *   sign_ns             when it last gave a sign of life, at most now_ns
 *   ran_ns, waited_ns   of tri_osproc_turns; 0 when that is not known: then nothing is ever certain */
struct tri_stint_length tri_stint_look(struct tri_stint *stint, uint64_t now_ns, uint64_t sign_ns,
                                       uint64_t ran_ns, uint64_t waited_ns);

#endif
