/* Guest: what the commands that talk to actors have in common: they join the node, and say why when they cannot. */
#ifndef TROUPE_TOOL_GUEST_H
#define TROUPE_TOOL_GUEST_H

#include "view.h"

/* A node that has been joined. Zeroed but for the view, as GUEST_NONE has it. */
struct guest {
    struct view view;
    bool has_joined;
};
#define GUEST_NONE                                                                                 \
    {                                                                                              \
        .view = {.boxes_fd = -1, .table.fd = -1 }                                                  \
    }

/* Finds the node and joins it. Says what goes wrong. From then on terms are that node's.
 *   what   shown by ps as the guest's entry
 * 0 or an exit status. */
int guest_enter(struct guest *guest, const char *node, const char *what);
void guest_leave(struct guest *guest); /* for TRI_AUTO */

/* Reads a term; says where it is wrong. 0 or an exit status. */
int guest_parse(const char *text, struct tr_out *term);

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
