/* State folder: where a user's nodes keep what outlives them, such as reports of crashes and jobs that were set aside.
 *
 *     $TROUPE_STATE                   when it is set, else
 *     $XDG_STATE_HOME/troupe          when that is an absolute path, else
 *     $HOME/.local/state/troupe
 *
 * Each kind of thing has a part of its own in it: crashes, quarantine. A part belongs to this user alone, because what
 * lies in it was in the memory of this user's processes. */
#ifndef TRI_BASE_STATEDIR_H
#define TRI_BASE_STATEDIR_H

#include <stdbool.h>
#include <stddef.h>

/* Longer paths are refused. */
#define TRI_STATEDIR_BYTES 2048

/* Names a part of the state folder; creates nothing.
 *   part         "crashes"; "" for the folder itself
 * 0; -ENOENT (no variable says where it is); -ENAMETOOLONG. */
int tri_statedir_path(const char *part, char path[TRI_STATEDIR_BYTES]);

/* Opens a part as a directory.
 *   creates      makes it, and what leads to it, with mode 0700, where it is missing
 *   ret_fd       owned by the caller, close-on-exec
 * 0; TR_REFUSED (it is a symbolic link, belongs to another user, or others may write into it); -ENOENT; -ENOTDIR; -EACCES,
 * -EROFS, -ENOSPC, -EMFILE, or another negative errno. */
int tri_statedir_open(const char *part, bool creates, int *ret_fd);

#endif
