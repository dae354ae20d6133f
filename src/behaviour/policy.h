/* Policy: what a supervisor does about what becomes of its children: who is started again, whether that is still allowed,
 * and in which order things are done. Pure: it is told what has happened and what time it is, and says what is to be done.
 *
 *     tri_policy_died(&policy, child, TRI_DEATH_UNPLANNED, now_ns);
 *     while (tri_policy_next(&policy, &action))
 *         …do it, and tell how it went: at once, or when that is known
 *
 * Where children have an order, one thing is done at a time: tri_policy_is_busy tells that nothing more comes before the
 * outcome of what is under way has been told, and until then nothing else may be told. Otherwise children are started and
 * stopped side by side. */
#ifndef TRI_BEHAVIOUR_POLICY_H
#define TRI_BEHAVIOUR_POLICY_H

#include <sys/queue.h>

#include "behaviour/backoff.h"
#include "behaviour/intensity.h"
#include "troupe/supervisor.h"

/* How a child stands. */
enum tri_child_state {
    TRI_CHILD_IDLE, /* does not run, and is not meant to */
    TRI_CHILD_STARTING,
    TRI_CHILD_RUNNING,
    TRI_CHILD_STOPPING,
    TRI_CHILD_WAITING, /* to be started again */
};

/* Why a child is being started, and so what follows when it fails. */
enum tri_start_cause {
    TRI_START_FIRST,   /* with its supervisor, which then fails, too */
    TRI_START_NEW,     /* it was added just now: it is forgotten     */
    TRI_START_ASKED,   /* by restart_child: it stays as it was       */
    TRI_START_RESTART, /* it is tried again                          */
};

enum tri_action_kind {
    TRI_DO_NOTHING,
    TRI_DO_START,  /* then tri_policy_started, _ignored, or _failed */
    TRI_DO_STOP,   /* then tri_policy_stopped */
    TRI_DO_FORGET, /* the child is none any more, and may be freed */
    TRI_DO_WAIT,   /* wait_ms, then tri_policy_again */
    TRI_DO_END,    /* no child runs: the supervisor ends, policy->end says why */
};

/* A child, as far as the policy is concerned. Zeroed but for what its spec says. */
struct tri_child {
    enum tr_restart restart;
    bool is_significant;
    struct tri_backoff backoff;

    enum tri_child_state state;
    enum tri_start_cause cause;
    unsigned attempt;        /* numbers the waits: what came too late is known by it */
    bool next_counts;        /* the attempt that it waits for is a restart of its own */
    struct tri_backoff room; /* when there was no room for a process */
    uint64_t started_ns;
    enum tri_action_kind to_do;
    uint32_t wait_ms;
    TAILQ_ENTRY(tri_child) in_order, in_to_do;
};
TAILQ_HEAD(tri_children, tri_child);

enum tri_death {
    TRI_DEATH_PLANNED, /* normal, shutdown, {shutdown, _} */
    TRI_DEATH_UNPLANNED,
};

enum tri_failure {
    TRI_FAILURE_OF_INIT,
    TRI_FAILURE_FOR_WANT_OF_ROOM, /* there was no process to be had */
};

/* Why a supervisor ends. */
enum tri_end {
    TRI_END_ASKED,
    TRI_END_GAVE_UP, /* too many restarts */
    TRI_END_AUTO_SHUTDOWN,
    TRI_END_FIRST_FAILED, /* a child with which it should have begun */
};

enum tri_phase {
    TRI_PHASE_QUIET,
    TRI_PHASE_STOPPING, /* those that go down with one that has died */
    TRI_PHASE_STARTING, /* several, in order */
    TRI_PHASE_ENDING,
    TRI_PHASE_ENDED,
};

/* Zeroed but for strategy, auto_shutdown and intensity, then tri_policy_init. */
struct tri_child_policy {
    enum tr_strategy strategy;
    enum tr_auto_shutdown auto_shutdown;
    struct tri_intensity intensity;

    struct tri_children children; /* in the order of their start */
    struct tri_children to_do;
    size_t count, busy; /* children; those that start or stop */
    enum tri_phase phase;
    struct tri_child *cursor; /* the next to be stopped or started */
    struct tri_child *cause;  /* who has died */
    uint32_t cause_waits_ms;  /* before it is started again */
    enum tri_end end;
    bool has_no_room;          /* for one with which it is to begin: all behind that one wait */
    struct tri_child *culprit; /* who could not be started, or started again; NULL: nobody */
};

struct tri_action {
    enum tri_action_kind kind;
    struct tri_child *child; /* NULL for TRI_DO_END */
    uint32_t wait_ms;
    unsigned attempt; /* for tri_policy_again */
};

void tri_policy_init(struct tri_child_policy *policy);
/* Forgets all children, which are their owner's. */
void tri_policy_deinit(struct tri_child_policy *policy);

/* Do its children have an order? */
static inline bool tri_strategy_is_ordered(enum tr_strategy strategy)
{
    return strategy != TR_SIMPLE_ONE_FOR_ONE && strategy != TR_DYNAMIC;
}

static inline bool tri_policy_is_ordered(const struct tri_child_policy *policy)
{
    return tri_strategy_is_ordered(policy->strategy);
}

/* Does it start or stop? */
static inline bool tri_child_is_under_way(const struct tri_child *child)
{
    return child->state == TRI_CHILD_STARTING || child->state == TRI_CHILD_STOPPING;
}

/* Is anything under way that must be waited for before anything else is told? */
bool tri_policy_is_busy(const struct tri_child_policy *policy);

/* What is to be done next. False: nothing before something happens or is asked for. */
bool tri_policy_next(struct tri_child_policy *policy, struct tri_action *ret_action);

/* ---------------------------------------------------------------- what is asked for */

/* Adds a child behind the others. */
void tri_policy_add(struct tri_child_policy *policy, struct tri_child *child);
/* All children are to be started (35). */
void tri_policy_begin(struct tri_child_policy *policy);
/* An idle child is to be started: TRI_START_NEW or TRI_START_ASKED. */
void tri_policy_start(struct tri_child_policy *policy, struct tri_child *child,
                      enum tri_start_cause cause);
/* A child is to be stopped (46); fine when it does not run. Not while it starts or stops. */
void tri_policy_stop(struct tri_child_policy *policy, struct tri_child *child);
/* An idle child is to be forgotten. */
void tri_policy_delete(struct tri_child_policy *policy, struct tri_child *child);
/* The supervisor is to end. Not while something is busy that it has to wait for, but for a child that waits for room. */
void tri_policy_end(struct tri_child_policy *policy, enum tri_end end);

/* ---------------------------------------------------------------- what has happened */

void tri_policy_started(struct tri_child_policy *policy, struct tri_child *child, uint64_t now_ns);
void tri_policy_ignored(struct tri_child_policy *policy, struct tri_child *child);
void tri_policy_failed(struct tri_child_policy *policy, struct tri_child *child,
                       enum tri_failure failure);
void tri_policy_stopped(struct tri_child_policy *policy, struct tri_child *child);
/* One that was running has died by itself. */
void tri_policy_died(struct tri_child_policy *policy, struct tri_child *child, enum tri_death death,
                     uint64_t now_ns);
/* The wait is over that had this number. One that is out of date is fine. */
void tri_policy_again(struct tri_child_policy *policy, struct tri_child *child, unsigned attempt,
                      uint64_t now_ns);

#endif
