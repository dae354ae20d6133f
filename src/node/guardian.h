/* Guardian: the launcher's process. It restarts nothing and outlives all: whoever dies, nothing of the node stays. */
#ifndef TRI_NODE_GUARDIAN_H
#define TRI_NODE_GUARDIAN_H

#include "node/node.h"

/* Starts a node and waits for its end; forwards SIGINT and SIGTERM as the wish to stop in order, the second one as the
 * wish to stop at once, the third kills a node that does not listen. Prints what went wrong, one line, on standard error.
 *   options   dir, binary, entry, argument, slots; the rest is filled in here
 * Returns the exit status: see tr_main. */
int tri_guardian_run(struct tri_node_options *options);

#endif
