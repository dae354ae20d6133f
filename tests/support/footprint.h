/* Footprint: what a running node occupies, so that a test can claim that it occupies no more than before.
 *
 * The node's table does not count: it keeps the rows of some of the dead on purpose, for ps. */
#ifndef SUPPORT_FOOTPRINT_H
#define SUPPORT_FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>

struct footprint {
    size_t processes, zombies; /* descendants of the test                        */
    size_t descriptors;        /* that these have open, those of sockets included */
    size_t files;              /* in the run directory: sockets, blobs …          */
    size_t pages;              /* of shared memory that these files take          */
};

void footprint_take(struct footprint *footprint);

/* Is there nothing more than in `before`, but so many pages of shared memory, and descriptors? */
bool footprint_is_within(const struct footprint *before, size_t pages, size_t descriptors);

/* Prints what there was and what there is, for a test that is about to fail. */
void footprint_report(const struct footprint *before);

#endif
