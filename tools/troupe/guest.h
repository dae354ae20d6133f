/* Guest: what send, exit, info and shutdown have in common: they join the node, and say why when they cannot. */
#ifndef TROUPE_TOOL_GUEST_H
#define TROUPE_TOOL_GUEST_H

#include "view.h"

/* Opens the node's view and joins it, unless it is plain that it cannot answer.
 *   what   shown by ps as the guest's entry
 * 0 or an exit status. */
int guest_open(struct view *view, const char *node, const char *what);

/* Joins a node whose view is open. Says nothing. 0 or an outcome, with a sentence in why. */
int guest_join(const struct view *view, const char *what, char *why, size_t why_bytes);

/* Says what a function of the runtime answered. Returns the exit status that goes with it. */
int guest_fail(const char *what, int result);

#endif
