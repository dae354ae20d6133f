/* Deaths: kills a part of a running node and proves that nothing of it is left one second later.
 *
 * The same round is run a few times by the ordinary tests and many times by the storm.
 */
#ifndef SUPPORT_DEATHS_H
#define SUPPORT_DEATHS_H

enum victim { VICTIM_GUARDIAN, VICTIM_NODE, VICTIM_TEMPLATE };

/* Starts a node of 100 actors, 25 of them with a grandchild that has left home, kills the victim with SIGKILL, and
 * fails the test unless all processes and files are gone within a second. Every time. */
void deaths_repeat(enum victim victim, int rounds);

#endif
