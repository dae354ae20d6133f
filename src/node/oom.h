/* Oom: has the kernel killed somebody of ours for want of memory? It counts such kills: of the control group that the node is
 * in, where there is one of version 2 with a memory controller, else of the whole machine. */
#ifndef TRI_NODE_OOM_H
#define TRI_NODE_OOM_H

#include <stdbool.h>
#include <stdint.h>

struct tri_oom {
    char path[512]; /* of the file with the count; "": none is known */
    uint64_t accounted;
};

/* Begins to count. Blocks only for small files of the kernel's. */
void tri_oom_init(struct tri_oom *oom);

/* Has there been one more of which no death has been told? That death is then told. For a child that ended by SIGKILL, and
 * nobody says why. */
bool tri_oom_explains(struct tri_oom *oom);

#endif
