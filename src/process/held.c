/* Held signals: a list, short as a rule, searched from its oldest end. */
#include "process/held.h"

#include <errno.h>
#include <stdlib.h>

int tri_held_add(struct tri_held *held, tr_pid from, uint64_t number, bool is_link, tr_term reason)
{
    struct tri_held_signal *signal = calloc(1, sizeof *signal);
    if (!signal)
        return -ENOMEM;
    int r = tr_out_copy(&signal->reason, reason);
    if (r) {
        tri_held_signal_free(signal);
        return r;
    }
    signal->from = from;
    signal->number = number;
    signal->is_link = is_link;
    if (!held->first)
        held->last = &held->first;
    *held->last = signal;
    held->last = &signal->next;
    return 0;
}

/* Unhooks the signal that *place points to. */
static struct tri_held_signal *unhook(struct tri_held *held, struct tri_held_signal **place)
{
    struct tri_held_signal *signal = *place;
    *place = signal->next;
    if (held->last == &signal->next)
        held->last = place;
    signal->next = NULL;
    return signal;
}

/* Does an older signal of the same sender stand before this one? */
static bool has_elder(const struct tri_held *held, const struct tri_held_signal *signal)
{
    for (const struct tri_held_signal *at = held->first; at != signal; at = at->next)
        if (tr_pid_equal(at->from, signal->from))
            return true;
    return false;
}

struct tri_held_signal *tri_held_take(struct tri_held *held, tri_last_taken_fn *last_taken,
                                      void *context)
{
    for (struct tri_held_signal **place = &held->first; *place; place = &(*place)->next) {
        struct tri_held_signal *signal = *place;
        bool waits = signal->number != 0 && last_taken(signal->from, context) < signal->number;
        if (!waits && !has_elder(held, signal))
            return unhook(held, place);
    }
    return NULL;
}

void tri_held_stop_waiting(struct tri_held *held, tr_pid from)
{
    for (struct tri_held_signal *signal = held->first; signal; signal = signal->next)
        if (tr_pid_equal(signal->from, from))
            signal->number = 0;
}

void tri_held_mark_orphans(struct tri_held *held, tri_is_dead_fn *is_dead, void *context)
{
    for (struct tri_held_signal *signal = held->first; signal; signal = signal->next)
        signal->is_orphan = is_dead(signal->from, context);
}

void tri_held_stop_waiting_orphans(struct tri_held *held)
{
    for (struct tri_held_signal *signal = held->first; signal; signal = signal->next)
        if (signal->is_orphan)
            signal->number = 0;
}

void tri_held_drop_links(struct tri_held *held, tr_pid from)
{
    struct tri_held_signal **place = &held->first;
    while (*place) {
        if ((*place)->is_link && tr_pid_equal((*place)->from, from))
            tri_held_signal_free(unhook(held, place));
        else
            place = &(*place)->next;
    }
}

void tri_held_deinit(struct tri_held *held)
{
    while (held->first)
        tri_held_signal_free(unhook(held, &held->first));
}

void tri_held_signal_free(struct tri_held_signal *signal)
{
    if (signal)
        tr_out_deinit(&signal->reason);
    free(signal);
}
