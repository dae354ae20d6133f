/* Inquest: finding out how an actor died, without waiting for it.
 *
 * An end is told to nobody before its reason is complete: when the crash left addresses, the coroner is asked what they are,
 * and the end waits for its answer as it may wait for a keeper (parting.h), TRI_INQUEST_MS at most. So does one whose reason
 * has only room for the name of its report, as that of kill -9, unless TRI_INQUESTS_FOR_NAMES are open: a name is not worth
 * a queue. Any other abnormal end is told at once, and the coroner only makes a report of it; the dead one's box stays
 * meanwhile, no longer than that. The node goes on in either case. At most TRI_INQUESTS are open at once: further deaths are
 * told as they are. */
#ifndef TRI_NODE_INQUEST_H
#define TRI_NODE_INQUEST_H

#include <sys/resource.h>

#include "node/node.h"
#include "wire/crash.h"
#include "wire/death.h"

#define TRI_INQUESTS 64
#define TRI_INQUESTS_FOR_NAMES 16

/* The end of a child, as it was reaped. */
struct tri_ended {
    int code, status;
    struct rusage usage;
    bool is_of_cpu; /* killed for having used up its CPU time, whose first warning it ignored */
    /* killed for want of memory, as its control group tells, whose limit was met, or 0 */
    bool by_oom_killer;
    uint64_t group_limit_bytes;
};

/* Reads what the actor told of its crash. False when that is nothing. */
bool tri_inquest_read_crash(const struct tri_node *node, const struct tri_actor *actor,
                            struct tri_crash *ret_crash);

/* Ends an actor whose process is gone, now or when the coroner has answered. Nobody has been told yet.
 *   reason     counts unless the actor has one
 *   has_place  the coroner can find out where it was */
void tri_inquest_end(struct tri_node *node, struct tri_actor *actor, const struct tri_ended *ended,
                     struct tri_body *reason, bool has_place);

/* The coroner has answered.
 *   reason   the complete one, or NULL: as it was */
void tri_inquest_answered(struct tri_node *node, uint64_t serial, tr_pid pid,
                          struct tri_body *reason);

/* Those that have waited long enough go on. Called between batches of events. */
void tri_inquests_late(struct tri_node *node);

/* All go on: the coroner is gone, or the node ends. */
void tri_inquests_give_up(struct tri_node *node);

/* When tri_inquests_late has something to do; 0: never. */
uint64_t tri_inquests_next_ns(const struct tri_node *node);

#endif
