/* Tidy: memory that is kept for large bodies goes back to the system when there have been none for a while.
 *
 * Kept are the files of the pool (a sender's) and the spare messages (a receiver's). An actor that falls asleep after
 * large bodies wakes up once more, 0.1 s later, and then for nothing. */
#ifndef TRI_MAILBOX_TIDY_H
#define TRI_MAILBOX_TIDY_H

#include "mailbox/pool.h"

struct tri_tidy {
    uint64_t when_ns;     /* TRI_NEVER when nothing is kept                             */
    uint64_t patience_ns; /* until the next look; grows while files do not come back */
};

/* Call it whenever the clock was read anyway; cheap when nothing is kept. */
void tri_tidy(struct tri_tidy *tidy, struct tri_pool *pool, uint64_t now_ns);

#endif
