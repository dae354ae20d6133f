/* Guest: what send, exit, info and shutdown have in common: they join the node, and say why when they cannot. */
#ifndef TROUPE_TOOL_GUEST_H
#define TROUPE_TOOL_GUEST_H

#include "view.h"

/* What send and exit do to an actor, with a term. 0, an outcome or a fault. */
typedef int guest_deed_fn(tr_pid pid, tr_term term);

/* Parses a term, joins the node, does the deed to an actor, and leaves. Says what goes wrong.
 *   what   the guest's name, and of the deed in what is said
 * Returns an exit status. */
int guest_do(const char *node, const char *what, const char *who, const char *text,
             guest_deed_fn *deed);

/* Joins a node whose view is open, unless it is plain that it cannot answer. Says nothing.
 *   what   shown by ps as the guest's entry
 * 0 or an outcome, with a sentence in why. */
int guest_join(const struct view *view, const char *what, char *why, size_t why_bytes);

/* Says what a function of the runtime answered. Returns the exit status that goes with it. */
int guest_fail(const char *what, int result);

#endif
