/* Run directory: where a node keeps what its processes share, and who may look at it.
 *
 *     <base>/<node>/            0700, and so is base, which is $XDG_RUNTIME_DIR/troupe, else /dev/shm/troupe-<uid>
 *         lock                  locked (by open file description) by guardian and node while either lives
 *         table  boxes          shared memory (table.h, box.h)
 *         node                  the socket where guests join
 *         m/<slot>.<gen>        one mailbox per incarnation, a path is never used again
 *         m/<slot>.<gen>.bell   its doorbell: a pipe with a name
 *         blob/<slot>.<gen>/    large bodies on their way to that receiver, and its own for further use
 *
 * Everything in it belongs to this user alone: a peer of another user could abort a process with 17 bytes.
 *
 * An actor that is to be another user than its node, which is root's then, cannot go through the directory. It holds
 * descriptors of m and blob, opened while it was root, and reaches what lies beneath them through /proc/self/fd; nobody
 * gets there from outside. Root's m and blob can therefore be passed by all (0711) and its mailboxes be written to by all.
 * A folder of large bodies is open to who is another user than its owner only when it has been asked for
 * (tri_rundir_open_blobs): everybody may put files into it then, and take away none but his own.
 */
#ifndef TRI_WIRE_RUNDIR_H
#define TRI_WIRE_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "troupe/term.h"

/* A socket's path stays below 100 bytes (nanomsg aborts the process from 108 on), whatever the pid in it. */
#define TRI_SOCKET_PATH_BYTES 100
#define TRI_RUNDIR_BYTES (TRI_SOCKET_PATH_BYTES - (sizeof "/m/4294967295.4294967295" - 1))
#define TRI_NODE_NAME_BYTES 48
#define TRI_PATH_BYTES 192

struct tri_rundir {
    char path[TRI_RUNDIR_BYTES];
    char node[TRI_NODE_NAME_BYTES]; /* without @host */
    /* Of an actor that is another user than its node: m, blob, and its own folder in there; else 0. */
    int mailboxes_fd, blobs_fd, own_blobs_fd;
};

/* Names a node's run directory; creates nothing. why gets a sentence for people when this fails.
 * 0; TR_BAD_NAME (letters, digits, _ and - only); TR_TOO_LARGE: the path leaves no room for a socket's name. */
int tri_rundir_name(const char *node, struct tri_rundir *ret_dir, char *why, size_t why_bytes);

/* Creates it and its base, and takes its lock; what an earlier node of that name left behind is removed.
 *   ret_lock_fd   owned by the caller: the node runs as long as any copy of it is open
 * 0; TR_NODE_RUNS (why names the os_pid of the one that runs); TR_REFUSED (not ours, or open to others);
 * negative errno. */
int tri_rundir_create(const struct tri_rundir *dir, int *ret_lock_fd, char *why, size_t why_bytes);

/* Removes it with all that is in it. Missing parts are fine. 0 or a negative errno. */
int tri_rundir_remove(const struct tri_rundir *dir);

/* Finds a node's directory for a guest or a reader. node NULL: $TROUPE_NODE, else the only one there is.
 * 0; TR_NO_NODE (why says which there are); TR_REFUSED; TR_BAD_NAME; TR_TOO_LARGE. */
int tri_rundir_find(const char *node, struct tri_rundir *ret_dir, char *why, size_t why_bytes);

/* Calls visit for the name of each directory in the base, in order of name, running or not.
 * 0 (also when there is no base) or a negative errno. */
int tri_rundir_each(void (*visit)(const char *node, void *context), void *context);

/* Tells whether a guardian or node holds the lock. */
bool tri_rundir_is_locked(const struct tri_rundir *dir);

/* Paths in it; each returns buffer. */
char *tri_rundir_file(const struct tri_rundir *dir, const char *file, char buffer[TRI_PATH_BYTES]);
char *tri_rundir_mailbox(const struct tri_rundir *dir, tr_pid pid, char buffer[TRI_PATH_BYTES]);
char *tri_rundir_doorbell(const struct tri_rundir *dir, tr_pid pid, char buffer[TRI_PATH_BYTES]);
char *tri_rundir_blobs(const struct tri_rundir *dir, tr_pid receiver, char buffer[TRI_PATH_BYTES]);
/* A blob's file in the folder of `in`: its receiver's, or its sender's own. */
char *tri_rundir_blob(const struct tri_rundir *dir, tr_pid in, tr_pid sender, uint64_t serial,
                      char buffer[TRI_PATH_BYTES]);

/* Where a file can be made that has no name yet: blob, or the own folder of who may not write there. */
char *tri_rundir_nameless(const struct tri_rundir *dir, char buffer[TRI_PATH_BYTES]);

/* Makes the folder of large bodies to that receiver, if it is not there, and opens it to other users. For root.
 * 0 or a negative errno. */
int tri_rundir_open_blobs(const struct tri_rundir *dir, tr_pid receiver);

/* Prepares for becoming that user, who will own the own folder. For root; the descriptors are this process's for good.
 * 0 or a negative errno. */
int tri_rundir_keep_open(struct tri_rundir *dir, tr_pid self, uid_t user, gid_t group);

/* Removes what a dead actor left in it: its mailbox's socket, its doorbell, and the blobs that lie there for it. */
void tri_rundir_forget(const struct tri_rundir *dir, tr_pid pid);

#endif
