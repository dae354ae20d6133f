/* Guest: a program that joins the node through <rundir>/node; it has a pid and a mailbox, but is nobody's child. */
#ifndef TRI_NODE_GUEST_H
#define TRI_NODE_GUEST_H

#include "node/node.h"

/* Opens the socket where guests join. 0 or a negative errno. */
int tri_guest_listen(struct tri_node *node);

/* Ends a pause that a lack of descriptors made, when its time is over. */
void tri_guest_listen_again(struct tri_node *node);

/* A guest's channel is closed: it has left, or died. Its end is dealt with after this batch of events. */
void tri_guest_gone(struct tri_node *node, struct tri_actor *actor);

/* A guest that was killed is dead to the node, but its process goes on until it enters its runtime, and writes to its box
 * meanwhile: the slot is kept until it has closed its end. True: its channel is watched for that. */
bool tri_guest_see_off(struct tri_node *node, struct tri_actor *actor);

/* Closes the socket, and the connections that have not said what they are. */
void tri_guest_close(struct tri_node *node);

#endif
