/* Exit policy: what an exit signal does to its receiver. Pure: the table "Receiving exit(P, R)" of SEMANTICS.md. */
#ifndef TRI_NODE_EXIT_POLICY_H
#define TRI_NODE_EXIT_POLICY_H

#include <stdbool.h>

enum tri_exit_origin {
    TRI_EXIT_BY_LINK,  /* a linked process ended with that reason */
    TRI_EXIT_BY_OTHER, /* another process called exit(P, R)       */
    TRI_EXIT_BY_SELF,  /* the receiver called exit(self(), R)     */
};

enum tri_exit_reason { TRI_REASON_NORMAL, TRI_REASON_KILL, TRI_REASON_OTHER };

enum tri_exit_effect {
    TRI_EXIT_DROPPED,
    TRI_EXIT_MESSAGE, /* becomes {'EXIT', From, R} */
    TRI_EXIT_DIES,    /* with R                    */
    TRI_EXIT_KILLED,  /* dies with `killed`        */
};

enum tri_exit_effect tri_exit_effect(enum tri_exit_origin origin, enum tri_exit_reason reason,
                                     bool traps_exits);

#endif
