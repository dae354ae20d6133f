/* Policy: OTP's supervisor as a state machine. A death makes a plan of two phases: those that go down with it are stopped,
 * the last one first; then those that are started again are started, the first one first. The rules of OTP that the plan
 * follows are quoted where they are. */
#include "behaviour/policy.h"

#include "base/panic.h"

/* ---------------------------------------------------------------- states of children */

static bool may_move(enum tri_child_state from, enum tri_child_state to)
{
    static const bool allowed[][5] = {
        [TRI_CHILD_IDLE] = {[TRI_CHILD_STARTING] = true, [TRI_CHILD_WAITING] = true},
        [TRI_CHILD_STARTING] = {[TRI_CHILD_IDLE] = true,
                                [TRI_CHILD_RUNNING] = true,
                                [TRI_CHILD_STOPPING] = true,
                                [TRI_CHILD_WAITING] = true},
        [TRI_CHILD_RUNNING] = {[TRI_CHILD_IDLE] = true, [TRI_CHILD_STOPPING] = true},
        [TRI_CHILD_STOPPING] = {[TRI_CHILD_IDLE] = true},
        [TRI_CHILD_WAITING] = {[TRI_CHILD_IDLE] = true, [TRI_CHILD_STARTING] = true},
    };
    return allowed[from][to];
}

static void move(struct tri_child_policy *policy, struct tri_child *child, enum tri_child_state to)
{
    if (!may_move(child->state, to))
        tri_panic("a child cannot go from state %d to state %d", child->state, to);
    policy->busy -= tri_child_is_under_way(child);
    child->state = to;
    policy->busy += tri_child_is_under_way(child);
}

/* ---------------------------------------------------------------- single things to do */

static void note(struct tri_child_policy *policy, struct tri_child *child,
                 enum tri_action_kind kind)
{
    TRI_ASSERT(child->to_do == TRI_DO_NOTHING);
    child->to_do = kind;
    TAILQ_INSERT_TAIL(&policy->to_do, child, in_to_do);
}

static void start(struct tri_child_policy *policy, struct tri_child *child,
                  enum tri_start_cause cause)
{
    move(policy, child, TRI_CHILD_STARTING);
    child->cause = cause;
    note(policy, child, TRI_DO_START);
}

static void stop(struct tri_child_policy *policy, struct tri_child *child)
{
    move(policy, child, TRI_CHILD_STOPPING);
    note(policy, child, TRI_DO_STOP);
}

static void wait(struct tri_child_policy *policy, struct tri_child *child, uint32_t wait_ms,
                 bool next_counts)
{
    move(policy, child, TRI_CHILD_WAITING);
    child->wait_ms = wait_ms;
    child->attempt++;
    child->next_counts = next_counts;
    note(policy, child, TRI_DO_WAIT);
}

static void forget(struct tri_child_policy *policy, struct tri_child *child)
{
    TRI_ASSERT(policy->cursor != child);
    if (policy->culprit == child)
        policy->culprit = NULL;
    TAILQ_REMOVE(&policy->children, child, in_order);
    policy->count--;
    note(policy, child, TRI_DO_FORGET);
}

/* A child that does not run: is its spec kept (39, 46)? */
static void keep_or_forget(struct tri_child_policy *policy, struct tri_child *child)
{
    if (child->restart == TR_TEMPORARY || !tri_policy_is_ordered(policy))
        forget(policy, child);
}

/* ---------------------------------------------------------------- plans */

/* Of those that go down with the one that has died: the last to be stopped, and the first to be started. */
static struct tri_child *first_of_group(const struct tri_child_policy *policy)
{
    return policy->strategy == TR_REST_FOR_ONE ? policy->cause : TAILQ_FIRST(&policy->children);
}

/* Who is stopped when nobody was, before or after: the cursor goes from the end to the front. */
static void plan_group(struct tri_child_policy *policy, struct tri_child *cause, uint32_t wait_ms)
{
    policy->phase = TRI_PHASE_STOPPING;
    policy->cause = cause;
    policy->cause_waits_ms = wait_ms;
    policy->cursor = TAILQ_LAST(&policy->children, tri_children);
}

/* Does a death concern others, too (38)? */
static bool has_groups(const struct tri_child_policy *policy)
{
    return policy->strategy == TR_ONE_FOR_ALL || policy->strategy == TR_REST_FOR_ONE;
}

/* Starts a child again, and those that its strategy names with it. */
static void plan_restart(struct tri_child_policy *policy, struct tri_child *child, uint32_t wait_ms)
{
    if (has_groups(policy))
        plan_group(policy, child, wait_ms);
    else if (wait_ms > 0)
        wait(policy, child, wait_ms, false);
    else
        start(policy, child, TRI_START_RESTART);
}

static void be_quiet(struct tri_child_policy *policy)
{
    policy->phase = TRI_PHASE_QUIET;
    policy->cursor = NULL;
}

/* All that was to be stopped has been. */
static void begin_starting(struct tri_child_policy *policy)
{
    if (policy->cause_waits_ms > 0) {
        be_quiet(policy);
        wait(policy, policy->cause, policy->cause_waits_ms, false);
        return;
    }
    policy->phase = TRI_PHASE_STARTING;
    policy->cursor = first_of_group(policy);
}

/* One step of stopping: towards the front, until there is somebody to be stopped. */
static void go_on_stopping(struct tri_child_policy *policy)
{
    struct tri_child *child = policy->cursor;
    bool is_last = child == first_of_group(policy);
    policy->cursor = is_last ? NULL : TAILQ_PREV(child, tri_children, in_order);
    if (child->state == TRI_CHILD_RUNNING)
        stop(policy, child);
    else if (child->state == TRI_CHILD_WAITING)
        move(policy, child, TRI_CHILD_IDLE);
}

/* A transient child that had ended normally is started, too (40). */
static void go_on_starting(struct tri_child_policy *policy)
{
    struct tri_child *child = policy->cursor;
    policy->cursor = TAILQ_NEXT(child, in_order);
    start(policy, child, child->cause == TRI_START_FIRST ? TRI_START_FIRST : TRI_START_RESTART);
}

/* Side by side when there is no order (45). One that is being started is stopped, too. */
static void go_on_ending(struct tri_child_policy *policy)
{
    struct tri_child *child = policy->cursor;
    policy->cursor = TAILQ_PREV(child, tri_children, in_order);
    if (child->state == TRI_CHILD_RUNNING || child->state == TRI_CHILD_STARTING)
        stop(policy, child);
    else if (child->state == TRI_CHILD_WAITING)
        move(policy, child, TRI_CHILD_IDLE);
}

/* Takes the plan one step further. False: there is nothing more to be done now. */
static bool go_on(struct tri_child_policy *policy)
{
    bool has_to_wait = policy->has_no_room || (policy->busy > 0 && tri_policy_is_ordered(policy));
    if (has_to_wait || policy->phase == TRI_PHASE_QUIET || policy->phase == TRI_PHASE_ENDED)
        return false;
    if (policy->cursor && policy->phase == TRI_PHASE_STOPPING)
        go_on_stopping(policy);
    else if (policy->phase == TRI_PHASE_STOPPING)
        begin_starting(policy);
    else if (policy->cursor && policy->phase == TRI_PHASE_STARTING)
        go_on_starting(policy);
    else if (policy->phase == TRI_PHASE_STARTING)
        be_quiet(policy);
    else if (policy->cursor)
        go_on_ending(policy);
    else
        return false;
    return true;
}

static void take_to_do(struct tri_child_policy *policy, struct tri_action *action)
{
    struct tri_child *child = TAILQ_FIRST(&policy->to_do);
    TAILQ_REMOVE(&policy->to_do, child, in_to_do);
    *action = (struct tri_action){child->to_do, child, child->wait_ms, child->attempt};
    child->to_do = TRI_DO_NOTHING;
}

bool tri_policy_next(struct tri_child_policy *policy, struct tri_action *ret_action)
{
    do {
        if (!TAILQ_EMPTY(&policy->to_do)) {
            take_to_do(policy, ret_action);
            return true;
        }
    } while (go_on(policy));
    if (policy->phase != TRI_PHASE_ENDING || policy->busy > 0)
        return false;
    policy->phase = TRI_PHASE_ENDED;
    *ret_action = (struct tri_action){.kind = TRI_DO_END};
    return true;
}

/* ---------------------------------------------------------------- what is asked for */

void tri_policy_init(struct tri_child_policy *policy)
{
    TAILQ_INIT(&policy->children);
    TAILQ_INIT(&policy->to_do);
}

void tri_policy_deinit(struct tri_child_policy *policy)
{
    tri_intensity_deinit(&policy->intensity);
}

bool tri_policy_is_busy(const struct tri_child_policy *policy)
{
    bool is_planned = policy->phase != TRI_PHASE_QUIET && policy->phase != TRI_PHASE_ENDED;
    return is_planned || (policy->busy > 0 && tri_policy_is_ordered(policy));
}

void tri_policy_add(struct tri_child_policy *policy, struct tri_child *child)
{
    child->room = TRI_BACKOFF_OF_ROOM;
    TAILQ_INSERT_TAIL(&policy->children, child, in_order);
    policy->count++;
}

void tri_policy_begin(struct tri_child_policy *policy)
{
    policy->phase = TRI_PHASE_STARTING;
    policy->cursor = TAILQ_FIRST(&policy->children);
}

void tri_policy_start(struct tri_child_policy *policy, struct tri_child *child,
                      enum tri_start_cause cause)
{
    start(policy, child, cause);
}

void tri_policy_stop(struct tri_child_policy *policy, struct tri_child *child)
{
    if (child->state == TRI_CHILD_RUNNING) {
        stop(policy, child);
        return;
    }
    if (child->state == TRI_CHILD_WAITING)
        move(policy, child, TRI_CHILD_IDLE);
    keep_or_forget(policy, child);
}

void tri_policy_delete(struct tri_child_policy *policy, struct tri_child *child)
{
    TRI_ASSERT(child->state == TRI_CHILD_IDLE);
    forget(policy, child);
}

void tri_policy_end(struct tri_child_policy *policy, enum tri_end end)
{
    policy->phase = TRI_PHASE_ENDING;
    policy->has_no_room = false;
    policy->end = end;
    policy->cursor = TAILQ_LAST(&policy->children, tri_children);
}

/* ---------------------------------------------------------------- what became of a start or a stop */

void tri_policy_started(struct tri_child_policy *policy, struct tri_child *child, uint64_t now_ns)
{
    move(policy, child, TRI_CHILD_RUNNING);
    child->cause = TRI_START_RESTART;
    child->started_ns = now_ns;
    child->room = TRI_BACKOFF_OF_ROOM;
}

void tri_policy_ignored(struct tri_child_policy *policy, struct tri_child *child)
{
    move(policy, child, TRI_CHILD_IDLE);
    child->cause = TRI_START_RESTART;
    keep_or_forget(policy, child);
}

/* It is tried again: at once, or after its back-off; when there was no room, after a while, and that is not its fault. */
static void try_again(struct tri_child_policy *policy, struct tri_child *child,
                      enum tri_failure failure)
{
    if (failure == TRI_FAILURE_FOR_WANT_OF_ROOM)
        wait(policy, child, tri_backoff_next(&child->room), false);
    else
        wait(policy, child, tri_backoff_next(&child->backoff), true);
}

/* One with which the supervisor should have begun. For want of room, all behind it wait. */
static void first_failed(struct tri_child_policy *policy, struct tri_child *child,
                         enum tri_failure failure)
{
    if (failure == TRI_FAILURE_FOR_WANT_OF_ROOM) {
        try_again(policy, child, failure);
        policy->has_no_room = true;
        return;
    }
    move(policy, child, TRI_CHILD_IDLE);
    policy->culprit = child;
    tri_policy_end(policy, TRI_END_FIRST_FAILED);
}

void tri_policy_failed(struct tri_child_policy *policy, struct tri_child *child,
                       enum tri_failure failure)
{
    switch (child->cause) {
    case TRI_START_FIRST:
        first_failed(policy, child, failure);
        return;
    case TRI_START_NEW:
        move(policy, child, TRI_CHILD_IDLE);
        forget(policy, child);
        return;
    case TRI_START_ASKED:
        move(policy, child, TRI_CHILD_IDLE);
        child->cause = TRI_START_RESTART;
        return;
    case TRI_START_RESTART:
        be_quiet(policy); /* those behind it are not started */
        try_again(policy, child, failure);
        return;
    }
}

void tri_policy_stopped(struct tri_child_policy *policy, struct tri_child *child)
{
    move(policy, child, TRI_CHILD_IDLE);
    if (policy->phase != TRI_PHASE_ENDING)
        keep_or_forget(policy, child);
}

/* ---------------------------------------------------------------- deaths */

static void give_up(struct tri_child_policy *policy, struct tri_child *culprit)
{
    policy->culprit = culprit;
    tri_policy_end(policy, TRI_END_GAVE_UP);
}

/* Does any significant child live, or is about to? */
static bool has_significant(const struct tri_child_policy *policy)
{
    const struct tri_child *child;
    TAILQ_FOREACH(child, &policy->children, in_order)
        if (child->is_significant && child->state != TRI_CHILD_IDLE)
            return true;
    return false;
}

/* A child has ended by itself and is not started again (47). */
static void consider_auto_shutdown(struct tri_child_policy *policy, bool was_significant)
{
    if (!was_significant || policy->auto_shutdown == TR_NEVER)
        return;
    if (policy->auto_shutdown == TR_ANY_SIGNIFICANT || !has_significant(policy))
        tri_policy_end(policy, TRI_END_AUTO_SHUTDOWN);
}

void tri_policy_died(struct tri_child_policy *policy, struct tri_child *child, enum tri_death death,
                     uint64_t now_ns)
{
    bool is_restarted = child->restart == TR_PERMANENT ||
                        (child->restart == TR_TRANSIENT && death == TRI_DEATH_UNPLANNED);
    TRI_ASSERT(policy->phase == TRI_PHASE_QUIET);
    move(policy, child, TRI_CHILD_IDLE);
    if (!is_restarted) {
        bool was_significant = child->is_significant;
        keep_or_forget(policy, child);
        consider_auto_shutdown(policy, was_significant);
        return;
    }
    if (!tri_intensity_add(&policy->intensity, now_ns)) {
        give_up(policy, child);
        return;
    }
    tri_backoff_lived(&child->backoff, now_ns - child->started_ns);
    plan_restart(policy, child, tri_backoff_next(&child->backoff));
}

void tri_policy_again(struct tri_child_policy *policy, struct tri_child *child, unsigned attempt,
                      uint64_t now_ns)
{
    if (child->state != TRI_CHILD_WAITING || child->attempt != attempt)
        return;
    if (child->cause == TRI_START_FIRST) {
        policy->has_no_room = false;
        start(policy, child, TRI_START_FIRST);
        return;
    }
    if (child->next_counts && !tri_intensity_add(&policy->intensity, now_ns)) {
        move(policy, child, TRI_CHILD_IDLE);
        give_up(policy, child);
        return;
    }
    if (has_groups(policy))
        move(policy, child, TRI_CHILD_IDLE);
    plan_restart(policy, child, 0);
}
