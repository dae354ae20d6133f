/* Launch: from a command line to a running node. */
#ifndef TRI_LAUNCH_LAUNCH_H
#define TRI_LAUNCH_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"

struct tri_launch_options {
    const char *node;   /* its name; NULL: the binary's                     */
    const char *binary; /* path of an actor binary                          */
    const char *entry;  /* the root's; NULL: the default, see tr_main       */
    int argument_count; /* the root's argument is the list of these, each a binary */
    char **arguments;
    const struct tr_out *argument; /* the root's, in place of that list; NULL: the list */
    /* The root is a tree's: see struct tri_node_options. */
    bool root_is_tree;
    uint32_t slots; /* how many processes the node's table holds; 0: the default */
};

/* Runs a node in the foreground until it has ended. Prints its own one-line errors. Returns the exit status that
 * tr_main documents. */
int tri_launch(const struct tri_launch_options *options);

#endif
