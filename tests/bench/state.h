/* State: a folder of the bench's own for what outlives a node, as long as the bench runs: the reports of the crashes that it
 * measures are not its user's. */
#ifndef BENCH_STATE_H
#define BENCH_STATE_H

/* Makes it, and says so to all that is started from here on. 0, or -1 after a line on standard error. */
int state_make(void);
/* Removes it, with all that is in it. */
void state_remove(void);

#endif
