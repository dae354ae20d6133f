/* Diff: what has to be done so that a tree that runs becomes the tree of another file. Pure.
 *
 * Children are the same when they stand under the same supervisors with the same id. One whose spec is the same stays as it
 * is, and so does a supervisor whose own spec is, whatever becomes of its children. First all that goes is stopped, the
 * last one first; then supervisors, from the top down, get their flags, their new children, and their order. */
#ifndef TROUPE_CONFIG_DIFF_H
#define TROUPE_CONFIG_DIFF_H

#include "config/model.h"

enum config_step_kind {
    CONFIG_STOP,  /* child, of the old model, is stopped and forgotten */
    CONFIG_FLAGS, /* branch, of the new one, gets its flags */
    CONFIG_START, /* child, of the new one, is started behind its siblings */
    CONFIG_ORDER, /* the children of branch, of the new one, get the order of the file */
};

struct config_step {
    enum config_step_kind kind;
    const struct config_child *child; /* or the branch */
};

/* Zeroed, it is empty. Points into both models. */
struct config_steps {
    struct config_step *at;
    size_t count, capacity;
    bool has_fault;    /* there was no memory */
    bool replaces_all; /* the top itself must be started anew; there are no steps */
    /* children; of those in branches that come or go, the branch alone */
    size_t stopped, started, restarted, kept;
};

void config_steps_deinit(struct config_steps *steps);

/* Compares two models.
 *   is_missing   tells whether a child of the old model does not run although nothing was changed, because it could not be
 *                started: then it is started. May be NULL. */
void config_compare(const struct config *old, const struct config *now,
                    bool (*is_missing)(const struct config_child *child, void *context),
                    void *context, struct config_steps *steps);

#endif
