/* Who: the actor that a user means: by registered name, by pid (<0.3.1> or 0.3.1), or by os_pid. */
#ifndef TROUPE_TOOL_WHO_H
#define TROUPE_TOOL_WHO_H

#include "view.h"

/* Finds a living actor or guest. Says so when there is none.
 * 0 or an exit status. */
int who_find(const struct view *view, const char *who, tr_pid *ret_pid);

#endif
