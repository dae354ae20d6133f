/* User: an actor that is to be another user than its node.
 *
 * It is born as root, as all actors of root's node are, and has its window, its mailbox and its channel open when it
 * becomes who it is to be, for good. What it will need of the run directory, which is closed to that user, it keeps
 * descriptors of (wire/rundir.h). It stays as undumpable as the change leaves it: else whoever runs under the same user
 * could trace it, or take its descriptors from /proc, and reach what the directory is closed for. Root can trace it, and
 * what everybody may read in /proc stays to be read. */
#ifndef TRI_PROCESS_USER_H
#define TRI_PROCESS_USER_H

#include "process/runtime.h"

/* Becomes the user whose text (base/user.h) came with the birth.
 *   why   gets {user, Errno, Name} when that cannot be
 * 0; TR_MALFORMED; or a negative errno. */
int tri_user_enter(struct tri_process *process, const char *text, struct tr_out *why);

#endif
