/* Pool's policy: lists of jobs, lists of workers, and what moves them. A job that is given out stays with its worker until
 * that has done it or is dead, also when it was cancelled or is late: until then it may still be done, and that it was is
 * the truth. */
#include "behaviour/pool_policy.h"

#include "base/panic.h"

enum {
    BIRTH_MIN_MS = 10,
    BIRTH_MAX_MS = 5000,
    LIVED_MS = 10000, /* a worker that has lived so long did not fail at its start */
};

static uint64_t after_ms(const struct tri_crew *crew, uint64_t ms)
{
    return ms > (TRI_NEVER - crew->now_ns) / TRI_NS_PER_MS ? TRI_NEVER
                                                           : crew->now_ns + ms * TRI_NS_PER_MS;
}

/* ---------------------------------------------------------------- workers' states */

static void move(struct tri_crew *crew, struct tri_pool_worker *worker, enum tri_worker_state to)
{
    static const bool allowed[][TRI_WORKER_STOPPING + 1] = {
        [TRI_WORKER_STARTING] = {[TRI_WORKER_IDLE] = true, [TRI_WORKER_STOPPING] = true},
        [TRI_WORKER_IDLE] = {[TRI_WORKER_BUSY] = true, [TRI_WORKER_STOPPING] = true},
        [TRI_WORKER_BUSY] = {[TRI_WORKER_IDLE] = true, [TRI_WORKER_STOPPING] = true},
    };
    if (worker->state == TRI_WORKER_STOPPING || !allowed[worker->state][to])
        tri_panic("a worker cannot go from state %d to state %d", worker->state, to);
    if (worker->state == TRI_WORKER_IDLE)
        TAILQ_REMOVE(&crew->idle, worker, in_idle);
    crew->counts_of[worker->state]--;
    worker->state = to;
    crew->counts_of[to]++;
    if (to == TRI_WORKER_IDLE)
        TAILQ_INSERT_HEAD(&crew->idle, worker, in_idle);
}

/* Deadlines come nearly in their order: the place is looked for from the end. */
static void set_deadline(struct tri_crew *crew, struct tri_pool_worker *worker,
                         uint64_t deadline_ns)
{
    struct tri_pool_worker *before;
    if (worker->deadline_ns != TRI_NEVER)
        TAILQ_REMOVE(&crew->deadlines, worker, in_deadlines);
    worker->deadline_ns = deadline_ns;
    if (deadline_ns == TRI_NEVER)
        return;
    TAILQ_FOREACH_REVERSE(before, &crew->deadlines, tri_pool_workers, in_deadlines)
        if (before->deadline_ns <= deadline_ns) {
            TAILQ_INSERT_AFTER(&crew->deadlines, before, worker, in_deadlines);
            return;
        }
    TAILQ_INSERT_HEAD(&crew->deadlines, worker, in_deadlines);
}

static void kill_worker(struct tri_crew *crew, struct tri_pool_worker *worker,
                        enum tri_worker_cause cause)
{
    if (worker->state != TRI_WORKER_STOPPING)
        move(crew, worker, TRI_WORKER_STOPPING);
    set_deadline(crew, worker, TRI_NEVER);
    if (worker->cause == TRI_CAUSE_NONE)
        worker->cause = cause;
    if (worker->is_killed)
        return;
    worker->is_killed = true;
    crew->to_act += !worker->is_to_stop;
    worker->is_to_stop = false;
    worker->is_to_kill = true;
}

/* It has no job. */
static void stop_worker(struct tri_crew *crew, struct tri_pool_worker *worker,
                        enum tri_worker_cause cause)
{
    move(crew, worker, TRI_WORKER_STOPPING);
    set_deadline(crew, worker, after_ms(crew, crew->options.stop_ms));
    worker->cause = cause;
    worker->is_to_stop = true;
    crew->to_act++;
}

/* How many workers there should be, and are or are about to be. */
static size_t target(const struct tri_crew *crew)
{
    if (crew->is_ending || (crew->is_draining && crew->jobs == 0))
        return 0;
    return (size_t)crew->width + crew->options.spares;
}

static size_t living(const struct tri_crew *crew)
{
    return crew->counts_of[TRI_WORKER_STARTING] + crew->counts_of[TRI_WORKER_IDLE] +
           crew->counts_of[TRI_WORKER_BUSY];
}

/* ---------------------------------------------------------------- jobs' places */

static struct tri_jobs *queue_of(struct tri_crew *crew, const struct tri_job *job)
{
    int place = TR_PRIORITY_MAX - job->priority;
    TRI_ASSERT(place >= 0 && place < TRI_PRIORITIES);
    return &crew->queue[place];
}

static void take_out(struct tri_crew *crew, struct tri_job *job)
{
    switch (job->state) {
    case TRI_JOB_HELD:
        TAILQ_REMOVE(&crew->held, job, in_list);
        crew->held_count--;
        break;
    case TRI_JOB_QUEUED:
        TAILQ_REMOVE(queue_of(crew, job), job, in_list);
        crew->queued--;
        break;
    case TRI_JOB_WAITING:
        TAILQ_REMOVE(&crew->waiting, job, in_list);
        crew->waiting_count--;
        break;
    case TRI_JOB_RUNNING:
        job->worker->job = NULL;
        job->worker = NULL;
        break;
    case TRI_JOB_ENDED:
        tri_panic("a job ends twice");
    }
}

/* It is nowhere. */
static void finish(struct tri_crew *crew, struct tri_job *job, enum tri_job_end end)
{
    job->state = TRI_JOB_ENDED;
    job->end = end;
    crew->counts.ends[end]++;
    crew->untold++;
    TAILQ_INSERT_TAIL(&crew->ended, job, in_list);
}

static void end_job(struct tri_crew *crew, struct tri_job *job, enum tri_job_end end)
{
    take_out(crew, job);
    finish(crew, job, end);
}

/* How many could run now, if there were workers. */
static void note_demand(struct tri_crew *crew)
{
    size_t demand = crew->queued + crew->counts_of[TRI_WORKER_BUSY];
    if (demand > crew->peak)
        crew->peak = demand;
    if (demand > crew->width && crew->width < crew->options.max_size)
        crew->width = demand < crew->options.max_size ? (unsigned)demand : crew->options.max_size;
}

static void enqueue(struct tri_crew *crew, struct tri_job *job)
{
    job->state = TRI_JOB_QUEUED;
    TAILQ_INSERT_TAIL(queue_of(crew, job), job, in_list);
    crew->queued++;
    note_demand(crew);
}

static void wait_for_retry(struct tri_crew *crew, struct tri_job *job)
{
    struct tri_backoff backoff = crew->options.retry;
    struct tri_job *before;
    backoff.times = job->tries - 1;
    take_out(crew, job);
    job->state = TRI_JOB_WAITING;
    job->due_ns = after_ms(crew, tri_backoff_next(&backoff));
    crew->waiting_count++;
    TAILQ_FOREACH_REVERSE(before, &crew->waiting, tri_jobs, in_list)
        if (before->due_ns <= job->due_ns) {
            TAILQ_INSERT_AFTER(&crew->waiting, before, job, in_list);
            return;
        }
    TAILQ_INSERT_HEAD(&crew->waiting, job, in_list);
}

/* ---------------------------------------------------------------- submitting */

/* Is there room for one more? Who has a worker at once needs none. */
static bool has_room(const struct tri_crew *crew)
{
    if (crew->queued == 0 && !TAILQ_EMPTY(&crew->idle) &&
        crew->counts_of[TRI_WORKER_BUSY] < crew->width)
        return true;
    return crew->queued + crew->waiting_count + crew->untold < crew->options.max_queue;
}

/* The oldest job of the lowest priority, or NULL. */
static struct tri_job *least(const struct tri_crew *crew)
{
    for (int i = TRI_PRIORITIES - 1; i >= 0; i--)
        if (!TAILQ_EMPTY(&crew->queue[i]))
            return TAILQ_FIRST(&crew->queue[i]);
    return NULL;
}

static void hold(struct tri_crew *crew, struct tri_job *job)
{
    job->state = TRI_JOB_HELD;
    TAILQ_INSERT_TAIL(&crew->held, job, in_list);
    crew->held_count++;
}

static void make_room(struct tri_crew *crew, struct tri_job *job)
{
    struct tri_job *oldest = least(crew);
    if (!oldest || oldest->priority > job->priority) {
        finish(crew, job, TRI_JOB_DROPPED);
        return;
    }
    end_job(crew, oldest, TRI_JOB_DROPPED);
    enqueue(crew, job);
}

void tri_crew_submit(struct tri_crew *crew, struct tri_job *job)
{
    crew->jobs++;
    crew->counts.submitted++;
    if (!crew->is_draining && TAILQ_EMPTY(&crew->held) && has_room(crew)) {
        enqueue(crew, job);
    } else if (crew->is_draining || crew->options.when_full == TR_FULL_REFUSES) {
        finish(crew, job, TRI_JOB_REFUSED);
    } else if (crew->options.when_full == TR_FULL_DROPS) {
        make_room(crew, job);
    } else {
        hold(crew, job);
    }
}

void tri_crew_submit_unfit(struct tri_crew *crew, struct tri_job *job)
{
    crew->jobs++;
    crew->counts.submitted++;
    finish(crew, job, TRI_JOB_UNFIT);
}

void tri_crew_told(struct tri_crew *crew, struct tri_job *job)
{
    TRI_ASSERT(job->state == TRI_JOB_ENDED);
    crew->jobs--;
    crew->untold--;
}

int tri_crew_cancel(struct tri_crew *crew, struct tri_job *job, bool kills)
{
    if (job->state == TRI_JOB_ENDED)
        return TR_FIRED;
    if (job->state != TRI_JOB_RUNNING) {
        end_job(crew, job, TRI_JOB_CANCELLED);
        return 0;
    }
    if (!kills)
        return TR_BUSY;
    job->is_cancelled = true;
    if (job->worker->state == TRI_WORKER_BUSY)
        kill_worker(crew, job->worker, TRI_CAUSE_CANCELLED);
    return 0;
}

void tri_crew_orphan(struct tri_crew *crew, struct tri_job *job, bool kills)
{
    if (job->state == TRI_JOB_ENDED)
        return;
    if (tri_crew_cancel(crew, job, kills) == TR_BUSY)
        job->is_cancelled = true;
}

/* ---------------------------------------------------------------- what becomes of a job whose worker has died */

static void blame(struct tri_crew *crew, struct tri_job *job, enum tri_job_end how)
{
    const struct tri_crew_options *options = &crew->options;
    job->kills++;
    if (options->quarantine_after > 0 && job->kills >= options->quarantine_after)
        end_job(crew, job, TRI_JOB_QUARANTINED);
    else if (job->is_cancelled)
        end_job(crew, job, how);
    else if (options->delivery == TR_AT_LEAST_ONCE && job->tries <= job->retries)
        wait_for_retry(crew, job);
    else
        end_job(crew, job, how);
}

/* ---------------------------------------------------------------- births and deaths */

/* One more worker has come to nothing. */
static void failed(struct tri_crew *crew)
{
    crew->failures++;
    crew->birth_ns = crew->now_ns;
    if (crew->failures > 1) {
        crew->birth_ns = after_ms(crew, tri_backoff_next(&crew->births));
        crew->tells_failure = true;
    }
}

static void went_well(struct tri_crew *crew)
{
    crew->failures = 0;
    crew->births.times = 0;
    crew->birth_ns = 0;
    crew->tells_failure = false;
}

void tri_crew_starting(struct tri_crew *crew, struct tri_pool_worker *worker)
{
    if (!worker) {
        failed(crew);
        return;
    }
    worker->state = TRI_WORKER_STARTING;
    worker->deadline_ns = TRI_NEVER;
    crew->counts_of[TRI_WORKER_STARTING]++;
    TAILQ_INSERT_TAIL(&crew->workers, worker, in_all);
    set_deadline(crew, worker, after_ms(crew, crew->options.start_ms));
}

void tri_crew_ready(struct tri_crew *crew, struct tri_pool_worker *worker)
{
    if (worker->state != TRI_WORKER_STARTING)
        return;
    worker->ready_ns = crew->now_ns;
    set_deadline(crew, worker, TRI_NEVER);
    move(crew, worker, TRI_WORKER_IDLE);
}

void tri_crew_done(struct tri_crew *crew, struct tri_pool_worker *worker, uint64_t resident_bytes)
{
    const struct tri_crew_options *options = &crew->options;
    if (!worker->job)
        return;
    end_job(crew, worker->job, TRI_JOB_DONE);
    worker->jobs++;
    went_well(crew);
    if (worker->state != TRI_WORKER_BUSY)
        return;
    set_deadline(crew, worker, TRI_NEVER);
    move(crew, worker, TRI_WORKER_IDLE);
    if ((options->recycle_jobs > 0 && worker->jobs >= options->recycle_jobs) ||
        (options->recycle_bytes > 0 && resident_bytes > options->recycle_bytes)) {
        crew->counts.recycled++;
        stop_worker(crew, worker, TRI_CAUSE_RECYCLED);
    }
}

void tri_crew_not_given(struct tri_crew *crew, struct tri_pool_worker *worker)
{
    struct tri_job *job = worker->job;
    take_out(crew, job);
    job->tries--;
    enqueue(crew, job);
    kill_worker(crew, worker, TRI_CAUSE_USELESS);
}

void tri_crew_unfit(struct tri_crew *crew, struct tri_pool_worker *worker)
{
    worker->job->tries--;
    end_job(crew, worker->job, TRI_JOB_UNFIT);
    set_deadline(crew, worker, TRI_NEVER);
    move(crew, worker, TRI_WORKER_IDLE);
}

void tri_crew_useless(struct tri_crew *crew, struct tri_pool_worker *worker)
{
    kill_worker(crew, worker, TRI_CAUSE_USELESS);
}

static void judge_job(struct tri_crew *crew, struct tri_pool_worker *worker)
{
    if (worker->cause == TRI_CAUSE_CANCELLED)
        end_job(crew, worker->job, TRI_JOB_CANCELLED);
    else if (worker->cause != TRI_CAUSE_END)
        blame(crew, worker->job, worker->cause == TRI_CAUSE_LATE ? TRI_JOB_LATE : TRI_JOB_DIED);
}

/* Did its life say that the next one will not be better? */
static bool is_failure(const struct tri_crew *crew, const struct tri_pool_worker *worker)
{
    if (worker->state == TRI_WORKER_STARTING || worker->cause == TRI_CAUSE_START)
        return true;
    bool is_idle = worker->state == TRI_WORKER_IDLE || worker->cause == TRI_CAUSE_USELESS;
    return is_idle && !worker->job && crew->now_ns - worker->ready_ns < LIVED_MS * TRI_NS_PER_MS;
}

static bool is_planned(const struct tri_pool_worker *worker)
{
    return worker->cause == TRI_CAUSE_SURPLUS || worker->cause == TRI_CAUSE_RECYCLED ||
           worker->cause == TRI_CAUSE_END;
}

void tri_crew_died(struct tri_crew *crew, struct tri_pool_worker *worker)
{
    if (is_failure(crew, worker))
        failed(crew);
    crew->counts.deaths += !is_planned(worker);
    if (worker->job)
        judge_job(crew, worker);
    if (worker->job) { /* the pool ends: nobody is told */
        worker->job->worker = NULL;
        worker->job = NULL;
    }
    set_deadline(crew, worker, TRI_NEVER);
    if (worker->state == TRI_WORKER_IDLE)
        TAILQ_REMOVE(&crew->idle, worker, in_idle);
    crew->counts_of[worker->state]--;
    crew->to_act -= worker->is_to_stop || worker->is_to_kill;
    TAILQ_REMOVE(&crew->workers, worker, in_all);
}

/* ---------------------------------------------------------------- time */

static void is_over(struct tri_crew *crew, struct tri_pool_worker *worker)
{
    enum tri_worker_cause cause = worker->state == TRI_WORKER_BUSY       ? TRI_CAUSE_LATE
                                  : worker->state == TRI_WORKER_STARTING ? TRI_CAUSE_START
                                                                         : worker->cause;
    kill_worker(crew, worker, cause);
}

/* What was not needed for a while is given back. */
static void consider_shrinking(struct tri_crew *crew)
{
    size_t needed = crew->peak > crew->options.size ? crew->peak : crew->options.size;
    if (crew->now_ns < crew->shrink_ns)
        return;
    if (needed < crew->width)
        crew->width = (unsigned)needed;
    crew->peak = 0;
    crew->shrink_ns = after_ms(crew, crew->options.idle_ms);
    note_demand(crew);
}

void tri_crew_time(struct tri_crew *crew, uint64_t now_ns)
{
    struct tri_pool_worker *worker;
    struct tri_job *job;
    crew->now_ns = now_ns;
    while ((worker = TAILQ_FIRST(&crew->deadlines)) && worker->deadline_ns <= now_ns)
        is_over(crew, worker);
    while ((job = TAILQ_FIRST(&crew->waiting)) && job->due_ns <= now_ns) {
        take_out(crew, job);
        enqueue(crew, job);
    }
    consider_shrinking(crew);
}

static bool wants_birth(const struct tri_crew *crew)
{
    /* After a failure one is tried at a time. */
    return living(crew) < target(crew) &&
           (crew->failures == 0 || crew->counts_of[TRI_WORKER_STARTING] == 0);
}

uint64_t tri_crew_due_ns(const struct tri_crew *crew)
{
    uint64_t due_ns = TRI_NEVER;
    if (!TAILQ_EMPTY(&crew->deadlines))
        due_ns = TAILQ_FIRST(&crew->deadlines)->deadline_ns;
    if (!TAILQ_EMPTY(&crew->waiting) && TAILQ_FIRST(&crew->waiting)->due_ns < due_ns)
        due_ns = TAILQ_FIRST(&crew->waiting)->due_ns;
    if (wants_birth(crew) && crew->birth_ns < due_ns)
        due_ns = crew->birth_ns;
    if (crew->width > crew->options.size && !crew->is_ending && crew->shrink_ns < due_ns)
        due_ns = crew->shrink_ns;
    return due_ns;
}

/* ---------------------------------------------------------------- what is to be done */

static bool act_on_worker(struct tri_crew *crew, struct tri_crew_action *action)
{
    struct tri_pool_worker *worker;
    if (crew->to_act == 0)
        return false;
    TAILQ_FOREACH(worker, &crew->workers, in_all)
        if (worker->is_to_stop || worker->is_to_kill)
            break;
    action->what = worker->is_to_kill ? TRI_CREW_KILL : TRI_CREW_STOP;
    action->worker = worker;
    worker->is_to_stop = worker->is_to_kill = false;
    crew->to_act--;
    return true;
}

static bool tell_job(struct tri_crew *crew, struct tri_crew_action *action)
{
    action->job = TAILQ_FIRST(&crew->ended);
    if (!action->job)
        return false;
    TAILQ_REMOVE(&crew->ended, action->job, in_list);
    action->what = TRI_CREW_TELL;
    return true;
}

static bool give_job(struct tri_crew *crew, struct tri_crew_action *action)
{
    struct tri_pool_worker *worker = TAILQ_FIRST(&crew->idle);
    if (!worker || crew->queued == 0 || crew->counts_of[TRI_WORKER_BUSY] >= crew->width)
        return false;
    int place = 0;
    while (TAILQ_EMPTY(&crew->queue[place]))
        place++;
    struct tri_job *job = TAILQ_FIRST(&crew->queue[place]);
    take_out(crew, job);
    move(crew, worker, TRI_WORKER_BUSY);
    set_deadline(crew, worker,
                 job->deadline_ms > 0 ? after_ms(crew, (uint64_t)job->deadline_ms) : TRI_NEVER);
    job->state = TRI_JOB_RUNNING;
    crew->counts.retried += job->tries > 0;
    job->tries++;
    job->worker = worker;
    worker->job = job;
    *action = (struct tri_crew_action){TRI_CREW_GIVE, job, worker};
    return true;
}

/* One that waited for room. */
static bool admit_job(struct tri_crew *crew, struct tri_crew_action *action)
{
    struct tri_job *job = TAILQ_FIRST(&crew->held);
    if (!job || !has_room(crew))
        return false;
    take_out(crew, job);
    enqueue(crew, job);
    *action = (struct tri_crew_action){.what = TRI_CREW_ADMIT, .job = job};
    return true;
}

/* The idle worker that has not been used for longest goes. */
static bool mind_number(struct tri_crew *crew, struct tri_crew_action *action)
{
    if (living(crew) > target(crew) && !TAILQ_EMPTY(&crew->idle)) {
        stop_worker(crew, TAILQ_LAST(&crew->idle, tri_pool_workers), TRI_CAUSE_SURPLUS);
        return act_on_worker(crew, action);
    }
    if (!wants_birth(crew) || crew->now_ns < crew->birth_ns)
        return false;
    *action = (struct tri_crew_action){.what = TRI_CREW_START};
    return true;
}

/* What is told once. */
static bool tell_state(struct tri_crew *crew, struct tri_crew_action *action)
{
    if (crew->tells_failure) {
        crew->tells_failure = false;
        action->what = TRI_CREW_REPORT;
    } else if (crew->is_draining && !crew->has_told_drained && crew->jobs == 0) {
        crew->has_told_drained = true;
        action->what = TRI_CREW_DRAINED;
    } else if (crew->is_ending && !crew->has_ended && TAILQ_EMPTY(&crew->workers)) {
        crew->has_ended = true;
        action->what = TRI_CREW_ENDED;
    } else {
        return false;
    }
    return true;
}

bool tri_crew_next(struct tri_crew *crew, struct tri_crew_action *ret_action)
{
    *ret_action = (struct tri_crew_action){.job = NULL};
    if (crew->is_ending)
        return act_on_worker(crew, ret_action) || tell_state(crew, ret_action);
    /* A worker that is free gets its next job before anybody hears of the last one. */
    return act_on_worker(crew, ret_action) || give_job(crew, ret_action) ||
           tell_job(crew, ret_action) || admit_job(crew, ret_action) ||
           mind_number(crew, ret_action) || tell_state(crew, ret_action);
}

/* ---------------------------------------------------------------- steering */

void tri_crew_init(struct tri_crew *crew, uint64_t now_ns)
{
    for (int i = 0; i < TRI_PRIORITIES; i++)
        TAILQ_INIT(&crew->queue[i]);
    TAILQ_INIT(&crew->held);
    TAILQ_INIT(&crew->waiting);
    TAILQ_INIT(&crew->ended);
    TAILQ_INIT(&crew->workers);
    TAILQ_INIT(&crew->idle);
    TAILQ_INIT(&crew->deadlines);
    crew->births = (struct tri_backoff){.min_ms = BIRTH_MIN_MS, .max_ms = BIRTH_MAX_MS};
    crew->now_ns = now_ns;
    crew->width = crew->options.size;
    crew->shrink_ns = after_ms(crew, crew->options.idle_ms);
}

bool tri_crew_resize(struct tri_crew *crew, unsigned size, unsigned max_size)
{
    if (size == 0 || max_size < size || max_size > TR_POOL_MAX_WORKERS)
        return false;
    crew->options.size = size;
    crew->options.max_size = max_size;
    if (crew->width < size)
        crew->width = size;
    if (crew->width > max_size)
        crew->width = max_size;
    note_demand(crew);
    return true;
}

void tri_crew_drain(struct tri_crew *crew) { crew->is_draining = true; }

void tri_crew_end(struct tri_crew *crew)
{
    struct tri_pool_worker *worker;
    crew->is_ending = true;
    TAILQ_FOREACH(worker, &crew->workers, in_all)
        if (worker->state == TRI_WORKER_IDLE)
            stop_worker(crew, worker, TRI_CAUSE_END);
        else if (worker->state != TRI_WORKER_STOPPING)
            kill_worker(crew, worker, TRI_CAUSE_END);
}
