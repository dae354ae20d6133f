/* Shelf: a part of the state folder that a command lists, shows and empties, and how a person names one of the things on it. */
#ifndef TROUPE_TOOL_SHELF_H
#define TROUPE_TOOL_SHELF_H

#include "base/keepsake.h"

struct shelf {
    const char *command; /* which says what is wrong, and lists them */
    const char *part;    /* of the state folder */
    const char *one;     /* what one of them is called: "job", of which there may be jobs */
    /* The oldest first; the caller frees the list. 0 or a fault. */
    int (*list)(struct tri_keepsake **ret_entries, size_t *ret_count);
};

/* Says why nothing can be found there, or nothing removed. Returns an exit status that is not 0. */
int shelf_fail(const struct shelf *shelf, int r);

/* Finds the one that a word names: its id, the beginning of just one id, or "last". 0 or an exit status, which has been
 * explained. */
int shelf_find(const struct shelf *shelf, const char *word, char ret_id[TRI_KEEPSAKE_ID_BYTES]);

#endif
