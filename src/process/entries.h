/* Entries: the actors that this binary defines with TR_ACTOR, and those that the library brings along. */
#ifndef TRI_PROCESS_ENTRIES_H
#define TRI_PROCESS_ENTRIES_H

#include "troupe/process.h"

/* An entry whose name begins so is a function that actors of this binary call by name, and no actor: it cannot be
 * spawned. */
#define TRI_FUNCTION_MARK '&'

/* Tells which there are: the linker's section, as tr_main hands it over. Places in it that are NULL are passed over.
 * 0 or -ENOMEM. */
int tri_entries_set(const struct tr_entry *const *begin, const struct tr_entry *const *end);

/* Tells which the library has of its own, in every binary (TRI_OWN_ENTRY); the last one has no name. Not copied. */
void tri_entries_set_own(const struct tr_entry *own);

/* Finds one by name, or NULL. */
const struct tr_entry *tri_entry_find(const char *name);

#endif
