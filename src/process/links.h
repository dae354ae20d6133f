/* Links: those that a guest made itself.
 *
 * The node keeps all links; a guest must know its own, because it outlives the node and is then told of each that its
 * peer is out of reach (SEMANTICS 16). Actors keep none: they end with the node. Pure. */
#ifndef TRI_PROCESS_LINKS_H
#define TRI_PROCESS_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "troupe/term.h"

struct tri_links {
    tr_pid *at; /* zeroed, it is empty and ready */
    size_t count, capacity;
};

/* Twice is once (SEMANTICS 9). 0 or -ENOMEM. */
int tri_links_add(struct tri_links *links, tr_pid pid);
void tri_links_remove(struct tri_links *links, tr_pid pid); /* one that is not there is fine */

/* Takes out any one; false when there is none. */
bool tri_links_take(struct tri_links *links, tr_pid *ret_pid);

void tri_links_deinit(struct tri_links *links);

#endif
