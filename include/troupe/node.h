/* Nodes: joining one from a program that is not an actor.
 *
 * A tool, a test or a service that troupe did not start joins a running node as a guest. A guest has a pid and a mailbox
 * of its own and may use everything in process.h; it is not a child of the node, which can therefore not say how it
 * ended: its links and monitors see the reason `noconnection` when it goes without a word.
 *
 *     char why[256];
 *     if (tr_guest_join("bank", "audit", why, sizeof why))
 *         errx(2, "%s", why);
 *     tr_send("counter", "{From, get}", tr_self());
 *     …
 *     tr_guest_leave();
 */
#ifndef TROUPE_NODE_H
#define TROUPE_NODE_H

#include "troupe/process.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Joins a node.
 *   node        its name; NULL: $TROUPE_NODE, else the only one that runs
 *   what        what this guest is, shown by ps as its entry
 *   why         gets a sentence for people when the answer is not 0
 * Blocks until the node answers, 5 s at most. Standard input, output or error, if closed, are opened to /dev/null, so that
 * nothing that is printed can hit a socket or shared memory.
 * Outcomes: 0; TR_NO_NODE; TR_TIMEOUT (it does not answer: stopped?); TR_NO_SLOT; TR_REFUSED; TR_BAD_NAME. */
TR_API int tr_guest_join(const char *node, const char *what, char *why, size_t why_bytes);

/* Leaves it, with reason normal. Fine when not joined. */
TR_API void tr_guest_leave(void);

#ifdef __cplusplus
}
#endif
#endif
