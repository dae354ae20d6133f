/* Hangup: SIGHUP, which asks a program to read its configuration again, as a message for the root actor. */
#ifndef TRI_NODE_HANGUP_H
#define TRI_NODE_HANGUP_H

#include "node/node.h"

/* Sends the atom '$hangup' to the root. Silent when it has ended, and when there is no memory. */
void tri_hangup(struct tri_node *node);

#endif
