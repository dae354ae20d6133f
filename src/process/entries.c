/* Entries: a table, made once from the linker's section, because that section may have holes. */
#include "process/entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct tr_entry *entries;
static size_t entry_count;
static const struct tr_entry *own_entries;

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

void tri_entries_set_own(const struct tr_entry *own) { own_entries = own; }

const struct tr_entry *tri_entry_find(const char *name)
{
    for (size_t i = 0; i < entry_count; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    for (const struct tr_entry *own = own_entries; own && own->name; own++)
        if (strcmp(own->name, name) == 0)
            return own;
    return NULL;
}
