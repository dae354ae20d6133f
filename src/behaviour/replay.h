/* Replay: a job that was set aside is done once more. As an actor, in a node of its own, by the entry $replay: with the
 * limits and the sandbox that its worker had. Or within a process that is no actor, so that a debugger sees just the
 * worker's function and what that calls. */
#ifndef TRI_BEHAVIOUR_REPLAY_H
#define TRI_BEHAVIOUR_REPLAY_H

#include "troupe/pool.h"

/* Its argument is {replay, WorkerSpec, DeadlineMs or 0, Job}; it prints what has come of the job, and ends with
 * {exit_status, 1} unless that was done. */
#define TRI_REPLAY_ENTRY "$replay"
void tri_replay_of_term(tr_term argument);

/* Names the file of an argument as above for a process that is no actor. */
#define TRI_REPLAY_VARIABLE "TROUPE_REPLAY"

/* Does the job of that file here, prints its answer, or the reason with which it would have ended its worker, and returns the
 * exit status. */
int tri_replay_here(const char *path);

/* Calls a worker's function once, without a pool, and judges nothing; worker.c. */
void tri_worker_do(const char *entry, tr_actor_fn *worker, tr_term argument, tr_term job,
                   struct tr_out *result);

#endif
