/* View: one node as others see it: its directory, its table, its flight recorders, and whether it lives. Nothing in
 * here asks the node, so all of it works while the node hangs and after it died. */
#ifndef TROUPE_TOOL_VIEW_H
#define TROUPE_TOOL_VIEW_H

#include "wire/rundir.h"
#include "wire/table.h"

enum condition {
    CONDITION_STARTING,
    CONDITION_RUNNING,
    CONDITION_STOPPED, /* by the kernel: SIGSTOP, or a debugger */
    CONDITION_STOPPING,
    CONDITION_UNCLEARED, /* it has died, and its guardian, who clears what is left, is stopped */
    CONDITION_DEAD,
};

struct view {
    struct tri_rundir dir;
    struct tri_table table;
    int boxes_fd; /* -1 when they cannot be read */
    enum condition condition;
};

/* Opens the node of that name (NULL: $TROUPE_NODE, else the only one that runs). Says what is wrong when it cannot.
 * From then on, terms are printed and parsed as that node's.
 * 0 or an exit status. */
int view_open(struct view *view, const char *node);
/* The same for a directory that is known, without a word. 0, TR_NO_NODE (no table in it yet), TR_MALFORMED, or a
 * negative errno; dir and condition are set in any case. */
int view_open_quietly(struct view *view, const struct tri_rundir *dir);
void view_close(struct view *view); /* for TRI_AUTO */

/* Says so when the node is stopped or dead: what the table tells is then old. */
void view_say_condition(const struct view *view);

/* Has it died? What its table tells of actors and age is then nothing but history. */
static inline bool view_is_dead(const struct view *view)
{
    return view->condition == CONDITION_DEAD || view->condition == CONDITION_UNCLEARED;
}

/* What there is to do about a node that is CONDITION_UNCLEARED, as a sentence. */
void view_explain_uncleared(const struct view *view, char *why, size_t why_bytes);

/* What nodes calls it: "stopped" too when it is the guardian that is stopped, for that can be continued. */
const char *condition_name(enum condition condition);

#endif
