/* Entries: a table, made once from the linker's section, because that section may have holes. */
#include "process/entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct tr_entry *entries;
static size_t entry_count;

int tri_entries_set(const struct tr_entry *const *begin, const struct tr_entry *const *end)
{
    size_t places = begin < end ? (size_t)(end - begin) : 0;
    struct tr_entry *table = calloc(places + 1, sizeof *table);
    if (!table)
        return -ENOMEM;
    size_t count = 0;
    for (size_t i = 0; i < places; i++)
        if (begin[i])
            table[count++] = *begin[i];
    free(entries);
    entries = table;
    entry_count = count;
    return 0;
}

const struct tr_entry *tri_entry_find(const char *name)
{
    for (size_t i = 0; i < entry_count; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    return NULL;
}
