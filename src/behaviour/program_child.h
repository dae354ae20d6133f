/* Program's child: what is done between the keeper's fork and the program's exec, async-signal-safe, because the actor whose
 * fork the keeper is has threads.
 *
 * A program in a full sandbox is not the keeper's fork, but that one's: a pid namespace begins with whom a process forks that
 * has asked for it. So the fork enters the namespaces and forks twice, brothers of its own: first whoever is to be the first in
 * the namespace, where it only waits (who is the first there gets no signals that he has not asked for, which a program would
 * not expect), then the program. Both are the keeper's children. */
#ifndef TRI_BEHAVIOUR_PROGRAM_CHILD_H
#define TRI_BEHAVIOUR_PROGRAM_CHILD_H

#include "behaviour/program_keeper.h"

struct tri_program_child {
    const struct tri_program_spec *spec;
    const struct tri_user *user;
    struct tri_confined *confined; /* NULL: it is not confined */
    int stdio[3];
    int cgroup_fd; /* it is to be in that group; -1: none */
    /* To the keeper: packets of struct tri_keeper_news, and beside TRI_KEEPER_CONFINED the descriptor at which is heard what the
     * program was denied. It ends with exec. */
    int report_fd;
    /* In a full sandbox, to the keeper and back: struct tri_program_places, then a byte when it may go on; else -1. */
    int places_fd;
};

/* Who the program is, and who the first of its pid namespace, or 0. */
struct tri_program_places {
    int program_os_pid, first_os_pid;
};

/* In the keeper's fork. */
TR_NORETURN void tri_program_child_run(const struct tri_program_child *child);

#endif
