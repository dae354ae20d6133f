/* Exit policy: SEMANTICS.md, "Receiving exit(P, R)", line by line. */
#include "node/exit_policy.h"

enum tri_exit_effect tri_exit_effect(enum tri_exit_origin origin, enum tri_exit_reason reason,
                                     bool traps_exits)
{
    if (reason == TRI_REASON_KILL && origin != TRI_EXIT_BY_LINK)
        return TRI_EXIT_KILLED;
    if (traps_exits)
        return TRI_EXIT_MESSAGE;
    if (reason == TRI_REASON_NORMAL && origin != TRI_EXIT_BY_SELF)
        return TRI_EXIT_DROPPED;
    return TRI_EXIT_DIES;
}
