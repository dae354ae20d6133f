/* Who: the actor that a user means: by registered name, by pid (<0.3.1> or 0.3.1), or by os_pid. */
#ifndef TROUPE_TOOL_WHO_H
#define TROUPE_TOOL_WHO_H

#include "view.h"

/* Finds a living actor or guest. Says so when there is none.
 * 0 or an exit status. */
int who_find(const struct view *view, const char *who, tr_pid *ret_pid);

/* Reads <0.3.1>, or 0.3.1, which needs no quotes in a shell. */
bool who_read_pid(const char *who, tr_pid *ret_pid);

/* Finds the living actor that has this os_pid. The kernel gives os_pids again: one counts only if the process was started
 * when the table says. */
bool who_find_os_pid(const struct view *view, const char *who, tr_pid *ret_pid);

/* Is that a name, which somebody may yet get? A pid or an os_pid is somebody's already, or never. */
bool who_is_name(const char *who);

#endif
