/* Pass: a first message to a process that is perhaps the only one, such as the word of a child that it runs.
 *
 * A connection between two mailboxes costs both of them time, memory, and a descriptor each for as long as they live; a
 * child that is started again has to have one before it can say so, while others wait for it. So this message goes through
 * the node, to which both are connected. It keeps its place among all that its sender sends to its receiver (SEMANTICS 1). */
#ifndef TRI_PROCESS_PASS_H
#define TRI_PROCESS_PASS_H

#include "process/runtime.h"

/* Sends as tr_send does, to an alias; through the node when nothing was sent to its owner before. May block as tr_send
 * does. Outcomes as tr_send. */
#define tri_pass(alias, pattern, ...)                                                              \
    tri_pass_with((alias), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))
int tri_pass_with(tr_ref alias, struct tri_pattern **cache, const char *pattern,
                  struct tr_holes holes);

#endif
