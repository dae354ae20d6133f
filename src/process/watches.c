/* Watches: an array that stays sorted by itself, because references are numbered upward. */
#include "process/watches.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

static struct tri_watch *find(const struct tri_watches *watches, uint64_t number)
{
    size_t low = 0, high = watches->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (watches->at[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < watches->count && watches->at[low].number == number ? &watches->at[low] : NULL;
}

/* Removes what is neither monitor nor alias any more. */
static void tidy(struct tri_watches *watches, struct tri_watch *watch)
{
    if (watch->is_monitor || watch->alias)
        return;
    free(watch->name);
    size_t behind = watches->count - (size_t)(watch - watches->at) - 1;
    memmove(watch, watch + 1, behind * sizeof *watch);
    watches->count--;
}

int tri_watches_add(struct tri_watches *watches, const struct tri_watch *watch)
{
    TRI_ASSERT(watches->count == 0 || watches->at[watches->count - 1].number < watch->number);
    if (watches->count == watches->capacity) {
        size_t capacity = watches->capacity ? 2 * watches->capacity : 8;
        struct tri_watch *at = realloc(watches->at, capacity * sizeof *at);
        if (!at)
            return -ENOMEM;
        watches->at = at;
        watches->capacity = capacity;
    }
    char *name = watch->name ? strdup(watch->name) : NULL;
    if (watch->name && !name)
        return -ENOMEM;
    watches->at[watches->count] = *watch;
    watches->at[watches->count++].name = name;
    return 0;
}

void tri_watches_set_pid(struct tri_watches *watches, uint64_t number, tr_pid pid)
{
    struct tri_watch *watch = find(watches, number);
    if (watch)
        watch->pid = pid;
}

bool tri_watches_is_monitor(const struct tri_watches *watches, uint64_t number)
{
    const struct tri_watch *watch = find(watches, number);
    return watch && watch->is_monitor;
}

bool tri_watches_end_monitor(struct tri_watches *watches, uint64_t number)
{
    struct tri_watch *watch = find(watches, number);
    if (!watch || !watch->is_monitor)
        return false;
    watch->is_monitor = false;
    if (watch->alias != TR_ALIAS)
        watch->alias = 0;
    tidy(watches, watch);
    return true;
}

bool tri_watches_end_alias(struct tri_watches *watches, uint64_t number)
{
    struct tri_watch *watch = find(watches, number);
    if (!watch || !watch->alias)
        return false;
    watch->alias = 0;
    tidy(watches, watch);
    return true;
}

bool tri_watches_accept(struct tri_watches *watches, uint64_t alias, bool *ret_ends_monitor)
{
    struct tri_watch *watch = find(watches, alias);
    *ret_ends_monitor = false;
    if (!watch || !watch->alias)
        return false;
    if (watch->alias == TR_ALIAS_REPLY) {
        *ret_ends_monitor = watch->is_monitor;
        watch->is_monitor = false;
        watch->alias = 0;
        tidy(watches, watch);
    }
    return true;
}

bool tri_watches_take_monitor(struct tri_watches *watches, struct tri_watch *ret_watch)
{
    for (size_t i = 0; i < watches->count; i++) {
        struct tri_watch *watch = &watches->at[i];
        if (!watch->is_monitor)
            continue;
        *ret_watch = *watch;
        watch->name = NULL;
        tri_watches_end_monitor(watches, ret_watch->number);
        return true;
    }
    return false;
}

void tri_watches_deinit(struct tri_watches *watches)
{
    for (size_t i = 0; i < watches->count; i++)
        free(watches->at[i].name);
    free(watches->at);
    *watches = (struct tri_watches){0};
}
