/* Quarantine: where jobs lie that have killed too many workers, until somebody has looked at them.
 *
 *     <state folder>/quarantine/<Id>/job     the job, an external term (it begins with 131)
 *                                   /meta    what is known of it, a map as text: file:consult reads it
 *
 * A job is written in a folder of a temporary name, which is then renamed: so whoever looks sees whole ones. What does not
 * fit, or cannot be written, is told, and nothing of it is left. At most TRI_QUARANTINE_MAX jobs, and TRI_QUARANTINE_BYTES:
 * the oldest go first. */
#ifndef TRI_BEHAVIOUR_QUARANTINE_H
#define TRI_BEHAVIOUR_QUARANTINE_H

#include "base/keepsake.h"
#include "troupe/term.h"

enum { TRI_QUARANTINE_MAX = 500 };
#define TRI_QUARANTINE_BYTES ((uint64_t)64 << 20)

/* Stores a job.
 *   meta     a map
 *   ret_id   its name
 * 0; TR_TOO_LARGE; TR_REFUSED: the folder is not to be trusted; -ENOENT: there is no place for it; -ENOSPC, -EACCES and
 * whatever else the file system says; -ENOMEM. Blocks on the disk. */
int tri_quarantine_put(tr_term job, tr_term meta, char ret_id[TRI_KEEPSAKE_ID_BYTES]);

/* All that there are, the oldest first; the caller frees the list. 0 (also when there is no such place); as above. */
int tri_quarantine_list(struct tri_keepsake **ret_entries, size_t *ret_count);

/* Reads one. The caller frees what out has got; a meta that is no term is shown as undefined.
 * 0; TR_NOPROC: there is none of that name; TR_MALFORMED; as above. */
int tri_quarantine_get(const char *id, struct tr_out *ret_job, struct tr_out *ret_meta);

/* Removes one. 0; TR_NOPROC; as above. */
int tri_quarantine_drop(const char *id);

#endif
