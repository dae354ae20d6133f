/* Oom: has the kernel killed somebody of ours for want of memory? It counts such kills: of the control group that this process is
 * in, where there is one with a memory controller (memory.events of version 2, memory.oom_control of version 1), else of the
 * whole machine. Who was killed it does not tell: so a kill is taken to explain one death that is seen soon afterwards. */
#ifndef TRI_BASE_OOM_H
#define TRI_BASE_OOM_H

#include <stdbool.h>
#include <stdint.h>

/* How long after it was first seen a kill may explain a death. */
#define TRI_OOM_FRESH_MS 1000

struct tri_oom {
    char path[512];           /* of the file with the count; "": none is known */
    uint64_t seen, accounted; /* kills: all, and those that explain nothing any more */
    uint64_t seen_ns;         /* when the last one was seen first */
};

/* Begins to count. Blocks only for small files of the kernel's, as all of this does. */
void tri_oom_init(struct tri_oom *oom);

/* Looks at the count, at a death that needs no explanation: so a kill of somebody else's is old before long. */
void tri_oom_look(struct tri_oom *oom);

/* Has there been one lately that explains no other death? Then it explains this one, of a child that ended by SIGKILL, and
 * nobody says why. */
bool tri_oom_explains(struct tri_oom *oom);

#endif
