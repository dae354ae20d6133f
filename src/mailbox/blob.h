/* Blob: a body too large for a record, as a file in <rundir>/blob/<receiver>/. The record carries its name.
 *
 * The receiver unlinks the file when it takes it in; what a dead receiver left, the node removes with its directory.
 *
 * A file of a tmpfs cannot be sealed, and the receiver must not die because its sender shortens the file later. So a
 * body is copied out, unless it is large and provably at rest: unlinked, and with no descriptor or mapping anywhere
 * that could write to it (the kernel grants a read lease only then; fcntl(2), F_SETLEASE). Then it is mapped. */
#ifndef TRI_MAILBOX_BLOB_H
#define TRI_MAILBOX_BLOB_H

#include "mailbox/mailbox.h"

/* Bodies from this size on are mapped by their receiver when they may be. */
#define TRI_BLOB_MAP_BYTES ((size_t)128 << 10)

/* Writes a term to a file for `receiver`. 0, -ENOSPC, or another negative errno; nothing is left after a failure. */
int tri_blob_write(const struct tri_rundir *dir, tr_pid receiver, const struct tri_blob_name *name,
                   tr_term term);

/* Takes a body that was sent to `self`, checks it, and unlinks the file.
 * 0; TR_MALFORMED (no such file, not as long as it should be, or not a term); -ENOMEM, -EMFILE …: try again later. */
int tri_blob_take(const struct tri_rundir *dir, tr_pid self, const struct tri_blob_name *name,
                  uint64_t alias, struct tr_message **ret_message);

#endif
