/* Storm: a node of a hundred actors that exchange numbered messages while they are killed, stopped and cut off.
 *
 * Promised is that every message that was accepted from a sender, dying or not, to a receiver that lives arrives exactly
 * once, in order, before its sender's DOWN. The actors judge that themselves, by a book in shared memory that outlives
 * them (storm_book.h); afterwards nothing of the dead may be left in the node. The same round is run briefly by the
 * ordinary tests and for long by the storm.
 */
#ifndef SUPPORT_STORM_H
#define SUPPORT_STORM_H

#include <stdbool.h>

struct storm_options {
    int seconds;
    /* Every 10 ms … */
    bool kills; /* … one is killed with SIGKILL, and replaced                         */
    bool stops; /* … one is stopped with SIGSTOP, and goes on after 1 … 300 ms         */
    /* … a connection of one is shut down under it, which needs a right, or the file of its socket is removed. */
    bool cuts;
    bool fills;    /* Now and then the run directory's disk is full; that needs one, too. */
    bool is_flood; /* All send as fast as they can. */
};

/* Fails the test unless everything that was promised has held. The seed is printed; TROUPE_STORM_SEED gives it, and
 * TROUPE_STORM_SECONDS another time. Skips the test when it is not allowed here to cut connections or to mount the disk that
 * is to be filled (then use small_disk_test). */
void storm_run(const struct storm_options *options);

#endif
