/* Tree: what a process and all that it has started use together. */
#ifndef TRI_BASE_TREE_H
#define TRI_BASE_TREE_H

#include <stdint.h>

struct tri_tree {
    uint64_t resident_bytes; /* in memory; what several share (files, libraries) is counted once */
    uint32_t tasks;          /* threads, of which each process has one at least */
};

/* Looks at all descendants of the calling process, but not at one of its children (0: at all). What ends or is born
 * meanwhile may be missed. */
struct tri_tree tri_tree_look(int without_os_pid);

#endif
