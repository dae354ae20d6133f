/* Idle: what the processor does for actors that have nothing to do, which must be nothing. */
#ifndef SUPPORT_IDLE_H
#define SUPPORT_IDLE_H

/* Starts so many actors that have each answered once, leaves them alone for so long, and fails the test if any of their
 * threads ran meanwhile for longer than, all together, most_ms. Skips where that cannot be told. */
void idle_run(int actors, int seconds, double most_ms);

#endif
