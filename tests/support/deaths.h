/* Deaths: kills a part of a running node and proves that nothing of it is left soon after.
 *
 * The same round is run a few times by the ordinary tests and many times by the storm.
 */
#ifndef SUPPORT_DEATHS_H
#define SUPPORT_DEATHS_H

#include <stdint.h>

enum victim { VICTIM_GUARDIAN, VICTIM_NODE, VICTIM_TEMPLATE };

/* Starts a node of 100 actors, 25 of them with a grandchild that has left home, kills the victim with SIGKILL, and
 * fails the test unless all processes and files are gone within that time. Every time. What the time was is printed.
 *   within_ms   how long that may take: a second is the promise, but the ordinary tests run beside others. On a machine that
 *               is so busy that plain processes take long to die it may take longer, too */
#define DEATHS_PROMISED_MS 1000
#define DEATHS_BUSY_MS 20000
void deaths_repeat(enum victim victim, int rounds, uint64_t within_ms);

#endif
