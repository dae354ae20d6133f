/* Pool's policy: which job is given to which worker, what becomes of a job whose worker has died, and when workers are born,
 * stopped and killed. Pure: it is told what has happened and what time it is, and says what is to be done.
 *
 *     tri_crew_time(&crew, now_ns);
 *     tri_crew_died(&crew, worker);
 *     while (tri_crew_next(&crew, &action))
 *         …do it
 *     …wait for the next event, or until tri_crew_due_ns(&crew)
 *
 * Of the jobs: each is in one place, and is told of once. A worker has one job at most, and when it dies that job is blamed,
 * and no other. Of the workers: as many jobs run as the width says; beside those there are spares, so that a death costs
 * nobody the wait for a birth. Workers that die without a job blame none; when they do it again and again, births wait. */
#ifndef TRI_BEHAVIOUR_POOL_POLICY_H
#define TRI_BEHAVIOUR_POOL_POLICY_H

#include <sys/queue.h>

#include "behaviour/backoff.h"
#include "troupe/pool.h"

/* ---------------------------------------------------------------- jobs and workers */

enum tri_job_state {
    TRI_JOB_HELD, /* the queue is full: whoever submits it waits */
    TRI_JOB_QUEUED,
    TRI_JOB_RUNNING,
    TRI_JOB_WAITING, /* to be tried again */
    TRI_JOB_ENDED,
};

enum tri_job_end {
    TRI_JOB_DONE,
    TRI_JOB_DIED, /* its worker has */
    TRI_JOB_LATE, /* its deadline passed */
    TRI_JOB_QUARANTINED,
    TRI_JOB_CANCELLED,
    TRI_JOB_DROPPED,
    TRI_JOB_REFUSED,
    TRI_JOB_UNFIT, /* it cannot be given to any worker */
    TRI_JOB_ENDS,
};

struct tri_pool_worker;

/* A job, as far as the policy is concerned: zeroed but for the first part. */
struct tri_job {
    int priority;
    int64_t deadline_ms; /* for one try; 0 and less: none */
    unsigned retries;

    enum tri_job_state state;
    enum tri_job_end end;
    unsigned tries, kills; /* how often it was given out, and how many workers it has killed */
    bool is_cancelled;     /* by who submitted it, who may be gone: it is not tried again */
    struct tri_pool_worker *worker;
    uint64_t due_ns; /* when it is tried again */
    TAILQ_ENTRY(tri_job) in_list;
};
TAILQ_HEAD(tri_jobs, tri_job);

enum tri_worker_state {
    TRI_WORKER_STARTING,
    TRI_WORKER_IDLE,
    TRI_WORKER_BUSY,
    TRI_WORKER_STOPPING, /* it was told to end, or killed; it may still have a job, which may still be done */
};

/* Why a worker is stopped. */
enum tri_worker_cause {
    TRI_CAUSE_NONE,
    TRI_CAUSE_SURPLUS,
    TRI_CAUSE_RECYCLED,
    TRI_CAUSE_LATE,      /* its job's deadline passed */
    TRI_CAUSE_CANCELLED, /* its job was */
    TRI_CAUSE_START,     /* its start took too long */
    TRI_CAUSE_USELESS,   /* it cannot be talked to, or is out of step */
    TRI_CAUSE_END,
};

/* A worker: zeroed at first. */
struct tri_pool_worker {
    enum tri_worker_state state;
    enum tri_worker_cause cause;
    bool is_to_stop, is_to_kill, is_killed;
    struct tri_job *job;
    uint64_t jobs;     /* that it has done */
    uint64_t ready_ns; /* since when it can be given jobs */
    uint64_t deadline_ns;
    TAILQ_ENTRY(tri_pool_worker) in_all, in_idle, in_deadlines;
};
TAILQ_HEAD(tri_pool_workers, tri_pool_worker);

/* ---------------------------------------------------------------- the whole */

enum { TRI_PRIORITIES = 2 * TR_PRIORITY_MAX + 1 };

/* What the options say, without zeros that mean something else. */
struct tri_crew_options {
    unsigned size, max_size, spares, max_queue;
    enum tr_when_full when_full;
    enum tr_delivery delivery;
    struct tri_backoff retry;
    unsigned quarantine_after; /* 0: never */
    uint64_t idle_ms, start_ms, stop_ms;
    uint64_t recycle_jobs, recycle_bytes; /* 0: never */
};

struct tri_crew_counts {
    uint64_t submitted, ends[TRI_JOB_ENDS], retried, deaths, recycled;
};

/* Zeroed but for options, then tri_crew_init. */
struct tri_crew {
    struct tri_crew_options options;
    uint64_t now_ns;

    struct tri_jobs queue[TRI_PRIORITIES]; /* the highest priority first */
    struct tri_jobs held, waiting, ended;
    size_t jobs; /* all of them */
    size_t queued, waiting_count, held_count;
    size_t untold; /* ended, and not told yet, for want of an action or of a receiver's room */

    struct tri_pool_workers workers, idle, deadlines; /* idle: the last to become it first */
    size_t counts_of[TRI_WORKER_STOPPING + 1];        /* by state */
    size_t to_act;                                    /* workers that are to be stopped or killed */

    unsigned width; /* how many jobs may run at once now */
    size_t peak;    /* how many could have, since it was looked last */
    uint64_t shrink_ns;

    unsigned failures;  /* workers that died one after the other without a job */
    bool tells_failure; /* of the last one */
    struct tri_backoff births;
    uint64_t birth_ns; /* none before */

    bool is_draining, has_told_drained, is_ending, has_ended;
    struct tri_crew_counts counts;
};

enum tri_crew_do {
    TRI_CREW_START, /* a worker is to be born: then tri_crew_starting */
    TRI_CREW_GIVE,  /* worker gets job; when it cannot be given: tri_crew_not_given */
    TRI_CREW_STOP,  /* a worker is asked to end, and later killed: then tri_crew_died */
    TRI_CREW_KILL,
    TRI_CREW_ADMIT,  /* there is room for the job: who submits it goes on */
    TRI_CREW_TELL,   /* the job has ended: then, when that was taken, tri_crew_told */
    TRI_CREW_REPORT, /* workers die again and again: the next is born at birth_ns */
    TRI_CREW_DRAINED,
    TRI_CREW_ENDED,
};

struct tri_crew_action {
    enum tri_crew_do what;
    struct tri_job *job;
    struct tri_pool_worker *worker;
};

void tri_crew_init(struct tri_crew *crew, uint64_t now_ns);

/* What is to be done next. False: nothing, for now. */
bool tri_crew_next(struct tri_crew *crew, struct tri_crew_action *ret_action);

/* When the time must be told at the latest, or TRI_NEVER. */
uint64_t tri_crew_due_ns(const struct tri_crew *crew);

/* ---------------------------------------------------------------- events */

/* It is now so late. Before every other event, too. */
void tri_crew_time(struct tri_crew *crew, uint64_t now_ns);

/* A new job, which is its owner's memory until tri_crew_told has returned. */
void tri_crew_submit(struct tri_crew *crew, struct tri_job *job);
/* The same for one that cannot be done: it ends at once. */
void tri_crew_submit_unfit(struct tri_crew *crew, struct tri_job *job);
/* Its end has been told, or there is nobody to be told: the policy forgets it. */
void tri_crew_told(struct tri_crew *crew, struct tri_job *job);
/* 0; TR_BUSY: it runs, and goes on; TR_FIRED: it has ended. */
int tri_crew_cancel(struct tri_crew *crew, struct tri_job *job, bool kills);
/* Who submitted it is gone. */
void tri_crew_orphan(struct tri_crew *crew, struct tri_job *job, bool kills);

/* The answer to TRI_CREW_START: one is being born; NULL: none could be. */
void tri_crew_starting(struct tri_crew *crew, struct tri_pool_worker *worker);
void tri_crew_ready(struct tri_crew *crew, struct tri_pool_worker *worker);
/* It has done its job, and is so large. */
void tri_crew_done(struct tri_crew *crew, struct tri_pool_worker *worker, uint64_t resident_bytes);
/* It did not get its job: it is not fit to go on, and the job is not blamed. */
void tri_crew_not_given(struct tri_crew *crew, struct tri_pool_worker *worker);
/* It did not get its job, which nobody could be given. */
void tri_crew_unfit(struct tri_crew *crew, struct tri_pool_worker *worker);
/* It is not fit to go on: it is killed, and its job, if it has one, is blamed. */
void tri_crew_useless(struct tri_crew *crew, struct tri_pool_worker *worker);
/* It is gone, or could not be born: the policy forgets it. What its job has come to is told by actions. */
void tri_crew_died(struct tri_crew *crew, struct tri_pool_worker *worker);

/* False: that makes no sense. */
bool tri_crew_resize(struct tri_crew *crew, unsigned size, unsigned max_size);
void tri_crew_drain(struct tri_crew *crew);
/* All workers end; jobs are left as they are. */
void tri_crew_end(struct tri_crew *crew);

#endif
