/* Template: an actor binary that has been executed once, does nothing but fork, and is therefore small and clean. */
#ifndef TRI_NODE_TEMPLATE_H
#define TRI_NODE_TEMPLATE_H

#include <stddef.h>

#include "troupe/outcome.h"

/* Serves the node's TRI_FORK requests on channel_fd until it closes, then ends the process.
 *   entries   names of this binary's actors, each ended by NUL, entries_bytes in all
 *   live      what a forked actor does; never returns */
TR_NORETURN void tri_template_run(int channel_fd, const char *entries, size_t entries_bytes,
                                  void (*live)(int control_fd));

#endif
