/* Watches: this process's references that are still good for something, as monitors, as aliases, or as both.
 *
 * The node knows the monitors too; what this table knows decides: a DOWN whose monitor is not in here any more, and a
 * message to an alias that is not in here, are dropped before the mailbox (SEMANTICS 15, 17). Pure: sends nothing. */
#ifndef TRI_PROCESS_WATCHES_H
#define TRI_PROCESS_WATCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "troupe/process.h"

struct tri_watch {
    uint64_t number; /* of the reference */
    bool is_monitor;
    unsigned alias; /* 0, or how long it is an alias: TR_ALIAS … */
    tr_pid pid;     /* who is monitored, */
    char *name;     /* or by which name; owned */
};

/* In the order of their numbers. Zeroed, it is empty and ready. */
struct tri_watches {
    struct tri_watch *at;
    size_t count, capacity;
};

/* Enters one, whose number is greater than all others; its name is copied. 0 or -ENOMEM. */
int tri_watches_add(struct tri_watches *watches, const struct tri_watch *watch);

/* Says whom a monitor watches, when that is known only later: one that is born with its child. */
void tri_watches_set_pid(struct tri_watches *watches, uint64_t number, tr_pid pid);

/* Is this a monitor that is still active? */
bool tri_watches_is_monitor(const struct tri_watches *watches, uint64_t number);

/* Ends a monitor, by DOWN or demonitor, and with it its alias, unless that is one until tr_unalias. Tells whether it
 * was active. */
bool tri_watches_end_monitor(struct tri_watches *watches, uint64_t number);

/* Ends an alias, and leaves the monitor. Tells whether it was active. */
bool tri_watches_end_alias(struct tri_watches *watches, uint64_t number);

/* A message comes to an alias: may it enter? One for one message (TR_ALIAS_REPLY) ends with it.
 *   ret_ends_monitor   whether a monitor ended thereby, of which the node must be told */
bool tri_watches_accept(struct tri_watches *watches, uint64_t alias, bool *ret_ends_monitor);

/* Takes out any monitor that is left, for its node is lost: false when there is none.
 *   ret_watch   its name is the caller's to free */
bool tri_watches_take_monitor(struct tri_watches *watches, struct tri_watch *ret_watch);

void tri_watches_deinit(struct tri_watches *watches);

#endif
