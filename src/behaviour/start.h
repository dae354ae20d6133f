/* Start: the handshake by which whoever starts a behaviour learns how its init went, OTP's proc_lib.
 *
 * The starter spawns with a monitor and gives {'$start', Parent, Alias, Argument} as the argument, where Parent is its own
 * pid when it links and `none` otherwise. The child says {ack, Alias, ok} to that alias, through the node (process/pass.h), or
 * {ack, Alias, ignore}; a child that does not come so far just ends, and its DOWN, by which time its name is free, is the
 * failure. */
#ifndef TRI_BEHAVIOUR_START_H
#define TRI_BEHAVIOUR_START_H

#include "troupe/server.h"

/* What a child was started with. */
struct tri_started {
    tr_pid parent; /* whose EXIT ends it */
    bool has_starter;
    tr_ref starter; /* an alias of who waits */
    tr_term argument;
};

/* Takes the argument of an entry apart. One that was spawned without the handshake has no starter, and its spawner as
 * parent. */
struct tri_started tri_start_take(tr_term argument);

/* The child runs: its starter goes on. */
void tri_start_ack(const struct tri_started *started);

/* It does not run, and ends normally. */
TR_NORETURN void tri_start_ignore(const struct tri_started *started);

#endif
