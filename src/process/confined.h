/* Confined: a process that enters its confinement: limits, namespaces, paths, filter of calls, in an order in which none is in
 * the way of the next.
 *
 * Prepared by whoever forks, or by the process itself while it may still open files and allocate; what follows is
 * async-signal-safe, and in this order: tri_confined_begin, tri_confined_enter_namespaces, tri_confined_enter. */
#ifndef TRI_PROCESS_CONFINED_H
#define TRI_PROCESS_CONFINED_H

#include "process/confinement.h"
#include "process/limits.h"
#include "process/sandbox_landlock.h"

/* An actor's own threads, which are counted with its processes: its first, nanomsg's, and the mailbox's helper. */
#define TRI_THREADS_OF_AN_ACTOR 3

struct tri_confined {
    const struct tri_confinement *confinement;
    enum tri_limited whose;
    int landlock_fd; /* -1: none */
    const void *filter;
    size_t filter_bytes;
    /* Set by the caller after it was prepared: it may have a pid namespace; it becomes another user later, and is root yet */
    bool may_have_pid_namespace, changes_user;
    bool has_user_namespace, has_pid_namespace; /* it is in them */
    unsigned lacks;                             /* enum tri_shortfall */
};

/* Outcomes: 0; or a negative errno, and *ret_path is to blame.
 *   paths    what the confinement does not say; its readable and writable are set here
 *   filter   of tri_filter_build, kept by the caller; NULL: there is none */
int tri_confined_prepare(struct tri_confined *confined, const struct tri_confinement *confinement,
                         enum tri_limited whose, struct tri_paths paths, const void *filter,
                         size_t filter_bytes, const char **ret_path);
void tri_confined_deinit(struct tri_confined *confined);

/* What needs the rights that a change of user takes away. */
void tri_confined_begin(struct tri_confined *confined);

/* Enters namespaces when need be. 0; TR_REFUSED: the process cannot go on. */
int tri_confined_enter_namespaces(struct tri_confined *confined);

/* Enters all but the namespaces. What fails is lacking.
 *   ret_listener_fd   where a program's refused calls are heard, or -1; NULL for an actor */
void tri_confined_enter(struct tri_confined *confined, int *ret_listener_fd);

/* Appends a list of what is lacking: [landlock, processes]. */
void tri_shortfalls_put(struct tr_out *out, unsigned lacks);

#endif
