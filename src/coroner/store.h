/* Store: the reports of crashes on disk, one file each, in the part "crashes" of the state folder, as base/keepsake.h says.
 *
 * There are never many: the oldest go when there are more than TROUPE_CRASHES_MAX (500 by default; 0 keeps none), or more than
 * TRI_STORE_MOST_BYTES together. Several nodes share a store. */
#ifndef TRI_CORONER_STORE_H
#define TRI_CORONER_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/keepsake.h"
#include "troupe/term.h"

#define TRI_STORE_PART "crashes"
#define TRI_STORE_MAX_VARIABLE "TROUPE_CRASHES_MAX"
#define TRI_STORE_DEFAULT_MAX 500u
#define TRI_STORE_MOST_BYTES ((uint64_t)64 << 20)
#define TRI_STORE_FILE_BYTES ((size_t)1 << 20)  /* a longer file is no report */
#define TRI_STORE_DRAFT_BYTES ((size_t)1 << 16) /* nearly all reports are shorter */

/* Who writes; to be zeroed at first. */
struct tri_store {
    /* how much may be written before it is looked whether something has to go */
    uint64_t files_left, bytes_left;
};

/* A report that is begun: it has an id and room, and nobody sees it. */
struct tri_store_draft {
    int folder_fd, fd;
    char id[TRI_KEEPSAKE_ID_BYTES];
};

/* Makes an id for the report of an end: 20261122T213000Z-bank-0.5.1; one that is taken gets a number behind it.
 *   time_ns   since 1970
 * 0; -EDQUOT (none are to be kept); or why nothing can be kept here, as tri_statedir_open tells it. */
int tri_store_name(uint64_t time_ns, const char *node, tr_pid pid,
                   char ret_id[TRI_KEEPSAKE_ID_BYTES]);

/* Begins a report, with room for TRI_STORE_DRAFT_BYTES: so its id can be told before its text is known. Lets old ones go for
 * it. 0: it is to be finished or dropped; otherwise as tri_store_write. A file system may be unable to promise room. */
int tri_store_begin(struct tri_store *store, const char *id, struct tri_store_draft *ret_draft);
/* Keeps what was begun, under its id. As tri_store_write; the draft is gone in any case. */
int tri_store_finish(struct tri_store *store, struct tri_store_draft *draft, const char *text,
                     size_t size_bytes);
/* Gives up what was begun: nothing of it is left. */
void tri_store_drop(struct tri_store_draft *draft);

/* Keeps a report, and lets old ones go for it. 0; TR_REFUSED; -EEXIST; -ENOSPC, -EACCES, -EROFS or another negative errno:
 * then nothing of it is left. */
int tri_store_write(struct tri_store *store, const char *id, const char *text, size_t size_bytes);

/* All that there are, oldest first; the caller frees the list. 0 (also when there is no store yet), TR_REFUSED, or a negative
 * errno. */
int tri_store_list(struct tri_keepsake **ret_entries, size_t *ret_count);

/* Reads one, ended by a NUL that is not counted; the caller frees it. 0; -ENOENT; TR_TOO_LARGE; TR_REFUSED; another negative
 * errno. */
int tri_store_read(const char *id, char **ret_text, size_t *ret_size_bytes);

/* Removes one. 0; -ENOENT; TR_REFUSED; another negative errno. */
int tri_store_remove(const char *id);

#endif
