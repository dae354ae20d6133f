/* Confine: how the wish for a confinement comes from a spawner to the actor, and what the actor makes of it. The wish is a term
 * of its own in the packets of a spawn and a birth, not a part of the argument: the node hands it on to whom a sandboxed
 * actor spawns (node/confine.h), in place of what that one may wish:
 *
 *     {Map, Filter}     the map of confinement.h; the filter of sandbox_seccomp.h, a binary, or undefined */
#ifndef TRI_PROCESS_CONFINE_H
#define TRI_PROCESS_CONFINE_H

#include "process/confinement.h"
#include "process/runtime.h"

/* Appends a wish. */
void tri_confine_put(struct tr_out *out, const struct tri_confinement *confinement);

struct tri_wish {
    const void *bytes; /* came from another process; none: there is nothing to do */
    size_t size_bytes;
    /* It was not made for this one: what is this one's own is not to be written. */
    bool is_inherited;
    bool changes_user; /* the process is root's, and becomes another user next */
};

/* Enters what a wish says: before the mailbox is there, because its threads are to be within.
 *   told           gets a map that tells of it, with what cannot be enforced; nothing when there is no wish
 *   directory      where the actor is going to work, or NULL
 *   why            gets {sandbox, Errno, Path} or {unsupported, What}
 * 0; TR_MALFORMED; TR_REFUSED; or a negative errno. */
int tri_confine_enter(struct tri_process *process, const struct tri_wish *wish,
                      const char *directory, struct tr_out *told, struct tr_out *why);

/* Tells the node how this actor's program is confined, for those who look. 0 or a negative errno. */
int tri_confine_tell(struct tri_process *process, const struct tri_confinement *confinement,
                     unsigned lacks);

/* Says in the log what cannot be enforced, if anything. */
void tri_confine_warn(const struct tri_process *process);

#endif
