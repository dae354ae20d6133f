/* Blob: a body too large for a record, as a file in <rundir>/blob/<receiver>/. The record carries its name.
 *
 * The file gets its name when it is complete, just before its record is written: a sender that is killed while it
 * writes leaves nothing. Between name and record the sender's box says which file that is, and the node removes it
 * when the sender dies just then (node/words.c). The receiver unlinks the file when it takes it in, or gives it back;
 * what a dead receiver left, the node removes with its folder.
 *
 * A file of a tmpfs cannot be sealed, and the receiver must not die because its sender shortens the file later. So a
 * body is copied out, unless it is large and provably at rest: unlinked, and with no descriptor or mapping anywhere
 * that could write to it (the kernel grants a read lease only then; fcntl(2), F_SETLEASE). Then it is mapped.
 *
 * An actor that is another user than its receiver may not put a file into a folder that nobody has opened to it
 * (tri_rundir_open_blobs): that is -EACCES, and the process layer asks the node. */
#ifndef TRI_MAILBOX_BLOB_H
#define TRI_MAILBOX_BLOB_H

#include "mailbox/mailbox.h"

/* Bodies from this size on are mapped by their receiver when they may be. */
#define TRI_BLOB_MAP_BYTES ((size_t)128 << 10)

/* Opens a new file without a name, for reading and writing. 0 or a negative errno. */
int tri_blob_nameless(const struct tri_rundir *dir, int *ret_fd);

/* Gives a nameless file the name under which `receiver` finds it. 0 or a negative errno; -EACCES, see above. */
int tri_blob_link(const struct tri_rundir *dir, tr_pid receiver, const struct tri_blob_name *name,
                  int fd);

/* Lets a process read a file that is going to be its; both users as tri_table_user gives them. What is root's becomes the
 * reader's; another user cannot give it away, so all may read it who get there. 0 or a negative errno. */
int tri_blob_let_read(int fd, uint32_t own, uint32_t reader);

/* Moves a file from its sender's own folder to the receiver's. 0 or a negative errno (-ENOENT: it is not there). */
int tri_blob_move(const struct tri_rundir *dir, tr_pid receiver, const struct tri_blob_name *name,
                  uint64_t own_serial);

/* Takes a body that was sent to `self`, checks it, and unlinks the file or gives it back.
 * 0; TR_MALFORMED (no such file, not as long as it should be, or not a term); -ENOMEM, -EMFILE …: try again later. */
int tri_blob_take(const struct tri_rundir *dir, tr_pid self, const struct tri_blob_name *name,
                  uint64_t alias, struct tr_message **ret_message);

/* Removes a body that was sent to `self` and is not wanted, or gives its file back. */
void tri_blob_drop(const struct tri_rundir *dir, tr_pid self, const struct tri_blob_name *name);

#endif
