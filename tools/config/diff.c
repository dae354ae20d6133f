/* Diff: specs are compared as the terms that a supervisor would be given, so that nothing can be forgotten here. */
#include "config/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

struct comparison {
    bool (*is_missing)(const struct config_child *child, void *context);
    void *context;
    struct config_steps *steps;
};

void config_steps_deinit(struct config_steps *steps)
{
    free(steps->at);
    *steps = (struct config_steps){.at = NULL};
}

static void add(struct config_steps *steps, enum config_step_kind kind,
                const struct config_child *child)
{
    if (steps->count == steps->capacity) {
        size_t capacity = steps->capacity ? 2 * steps->capacity : 16;
        struct config_step *at = realloc(steps->at, capacity * sizeof *at);
        if (!at) {
            steps->has_fault = true;
            return;
        }
        steps->at = at;
        steps->capacity = capacity;
    }
    steps->at[steps->count++] = (struct config_step){kind, child};
}

/* ---------------------------------------------------------------- what is the same */

static bool is_ordered(const struct config_child *branch)
{
    return branch->strategy != TR_DYNAMIC && branch->strategy != TR_SIMPLE_ONE_FOR_ONE;
}

static bool is_equal(const struct tr_out *one, const struct tr_out *other)
{
    return !one->fault && !other->fault && one->size_bytes == other->size_bytes &&
           memcmp(one->data, other->data, one->size_bytes) == 0;
}

static bool has_same_spec(const struct config_child *old, const struct config_child *now)
{
    TRI_AUTO(tr_out_deinit) struct tr_out one = {0};
    TRI_AUTO(tr_out_deinit) struct tr_out other = {0};
    config_put_spec(&one, old, TR_NO_PID);
    config_put_spec(&other, now, TR_NO_PID);
    return is_equal(&one, &other);
}

static bool has_same_flags(const struct config_child *old, const struct config_child *now)
{
    TRI_AUTO(tr_out_deinit) struct tr_out one = {0};
    TRI_AUTO(tr_out_deinit) struct tr_out other = {0};
    config_put_flags(&one, old);
    config_put_flags(&other, now);
    return is_equal(&one, &other);
}

/* A branch whose children have no order has nothing that could be changed while it runs. */
static bool can_stay(const struct config_child *old, const struct config_child *now)
{
    if (!config_is_branch(old) || !config_is_branch(now))
        return true;
    if (is_ordered(old) && is_ordered(now))
        return true;
    return has_same_flags(old, now) && old->child_count == now->child_count &&
           (old->child_count == 0 || has_same_spec(old->children[0], now->children[0]));
}

/* The child of the new model that an old one goes on as, or NULL. */
static struct config_child *heir(const struct config_child *old, const struct config_child *branch)
{
    struct config_child *now = config_child_find(branch, old->id);
    return now && has_same_spec(old, now) && can_stay(old, now) ? now : NULL;
}

static bool does_not_run(const struct comparison *comparison, const struct config_child *child)
{
    return comparison->is_missing && comparison->is_missing(child, comparison->context);
}

/* ---------------------------------------------------------------- the two halves */

static void add_stops(const struct comparison *comparison, const struct config_child *old,
                      const struct config_child *now)
{
    if (!is_ordered(old))
        return;
    for (size_t i = old->child_count; i-- > 0;) {
        const struct config_child *child = old->children[i];
        const struct config_child *next = heir(child, now);
        if (next && config_is_branch(child))
            add_stops(comparison, child, next);
        if (next)
            continue;
        add(comparison->steps, CONFIG_STOP, child);
        if (!config_child_find(now, child->id))
            comparison->steps->stopped++;
    }
}

/* Does the order differ from that in which those that stay, and behind them the new ones, stand? */
static bool has_other_order(const struct comparison *comparison, const struct config_child *old,
                            const struct config_child *now)
{
    bool has_new = false;
    size_t last = 0;
    for (size_t i = 0; i < now->child_count; i++) {
        size_t place = 0;
        const struct config_child *child = now->children[i];
        while (place < old->child_count && strcmp(old->children[place]->id, child->id) != 0)
            place++;
        bool stays = place < old->child_count && heir(old->children[place], now) == child &&
                     !does_not_run(comparison, old->children[place]);
        if (stays && (has_new || place < last))
            return true;
        has_new |= !stays;
        last = stays ? place : last;
    }
    return false;
}

static void add_starts(const struct comparison *comparison, const struct config_child *old,
                       const struct config_child *now)
{
    struct config_steps *steps = comparison->steps;
    if (!is_ordered(now)) {
        steps->kept += now->child_count;
        return;
    }
    if (!has_same_flags(old, now))
        add(steps, CONFIG_FLAGS, now);
    for (size_t i = 0; i < now->child_count; i++) {
        const struct config_child *child = now->children[i];
        const struct config_child *before = config_child_find(old, child->id);
        if (before && heir(before, now) && !does_not_run(comparison, before)) {
            steps->kept++;
            continue;
        }
        add(steps, CONFIG_START, child);
        if (before && !does_not_run(comparison, before))
            steps->restarted++;
        else
            steps->started++;
    }
    if (has_other_order(comparison, old, now))
        add(steps, CONFIG_ORDER, now);
    for (size_t i = 0; i < now->child_count; i++) {
        const struct config_child *child = now->children[i];
        const struct config_child *before = config_child_find(old, child->id);
        if (before && config_is_branch(child) && heir(before, now) &&
            !does_not_run(comparison, before))
            add_starts(comparison, before, child);
    }
}

void config_compare(const struct config *old, const struct config *now,
                    bool (*is_missing)(const struct config_child *child, void *context),
                    void *context, struct config_steps *steps)
{
    struct comparison comparison = {is_missing, context, steps};
    if (!can_stay(old->top, now->top)) {
        steps->replaces_all = true;
        return;
    }
    add_stops(&comparison, old->top, now->top);
    add_starts(&comparison, old->top, now->top);
}
