/* Links: a set, small enough to be looked through. */
#include "process/links.h"

#include <errno.h>
#include <stdlib.h>

static size_t find(const struct tri_links *links, tr_pid pid)
{
    size_t i = 0;
    while (i < links->count && !tr_pid_equal(links->at[i], pid))
        i++;
    return i;
}

int tri_links_add(struct tri_links *links, tr_pid pid)
{
    if (find(links, pid) < links->count)
        return 0;
    if (links->count == links->capacity) {
        size_t capacity = links->capacity ? 2 * links->capacity : 8;
        tr_pid *at = realloc(links->at, capacity * sizeof *at);
        if (!at)
            return -ENOMEM;
        links->at = at;
        links->capacity = capacity;
    }
    links->at[links->count++] = pid;
    return 0;
}

void tri_links_remove(struct tri_links *links, tr_pid pid)
{
    size_t i = find(links, pid);
    if (i < links->count)
        links->at[i] = links->at[--links->count];
}

bool tri_links_take(struct tri_links *links, tr_pid *ret_pid)
{
    if (links->count == 0)
        return false;
    *ret_pid = links->at[--links->count];
    return true;
}

void tri_links_deinit(struct tri_links *links)
{
    free(links->at);
    *links = (struct tri_links){0};
}
