/* A pool's policy in a storm: hundreds of thousands of pools, each with a random life, judged by what must hold whatever
 * happens: each job is told of once, and truly; none is with two workers, or given out more often than it may be; the queue
 * is bounded; a death is the fault of the job in hand and of no other; a deadline kills one worker; and births that come to
 * nothing are not repeated without a pause.
 *
 * The seed is printed; TROUPE_STORM_SEED gives it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/clock.h"
#include "behaviour/pool_policy.h"

enum { LIVES = 300000, EVENTS_MAX = 60, JOBS = 64, WORKERS = 32, PATIENCE = 4000 };

struct job {
    struct tri_job job; /* the first, so that either is found from the other */
    bool is_there, is_told, is_orphan, is_cancelled, was_held, may_go;
    unsigned gives, kills;
    bool is_done;
    uint64_t order; /* when it came into the queue */
    struct worker *with;
};

struct worker {
    struct tri_pool_worker worker;
    bool is_there, is_ready, was_stopped, was_killed;
    struct job *job;      /* in hand */
    struct job *finished; /* what it has done while it was being killed */
    uint64_t given_ns, stopped_ns, born_ns;
};

static struct tri_crew crew;
static struct job jobs[JOBS];
static struct worker workers[WORKERS];
static uint64_t now_ns, seed, state_of_chance, last_failure_ns;
static unsigned life, failures, limit_of_running;
static bool is_drained, has_ended;
static const char *last_event = "";

#define MUST(claim)                                                                                \
    do {                                                                                           \
        if (!(claim))                                                                              \
            fail_msg("seed %llu, life %u, after %s: %s", (unsigned long long)seed, life,           \
                     last_event, #claim);                                                          \
    } while (0)

static uint64_t chance(uint64_t below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return state_of_chance % below;
}

/* ---------------------------------------------------------------- the judge */

static unsigned count_workers(bool (*is)(const struct worker *))
{
    unsigned count = 0;
    for (int i = 0; i < WORKERS; i++)
        count += workers[i].is_there && is(&workers[i]);
    return count;
}

static bool lives(const struct worker *worker)
{
    return !worker->was_killed && !worker->was_stopped;
}
static bool is_any(const struct worker *worker) { return worker->is_there; }
static bool works(const struct worker *worker) { return lives(worker) && worker->job; }
static bool is_born(const struct worker *worker) { return lives(worker) && !worker->is_ready; }

/* Jobs that wait and were let in, and those whose end nobody has taken. */
static unsigned count_in_queue(void)
{
    unsigned count = 0;
    for (int i = 0; i < JOBS; i++)
        count += jobs[i].is_there && jobs[i].job.state != TRI_JOB_RUNNING &&
                 jobs[i].job.state != TRI_JOB_HELD;
    return count;
}

static void judge_give(const struct job *job, const struct worker *worker)
{
    MUST(job->is_there && !job->is_told && !job->with && !job->is_done && !job->is_cancelled);
    MUST(worker->is_there && worker->is_ready && lives(worker) && !worker->job);
    MUST(job->gives == 0 || crew.options.delivery == TR_AT_LEAST_ONCE);
    MUST(job->gives <= job->job.retries);
    MUST(count_workers(works) < limit_of_running);
    for (int i = 0; i < JOBS; i++)
        if (jobs[i].is_there && jobs[i].job.state == TRI_JOB_QUEUED)
            MUST(jobs[i].job.priority <= job->job.priority);
}

static void judge_kill(const struct worker *worker)
{
    const struct job *job = worker->job;
    bool is_late = job && job->job.deadline_ms > 0 &&
                   now_ns >= worker->given_ns + (uint64_t)job->job.deadline_ms * TRI_NS_PER_MS;
    bool is_slow =
        !worker->is_ready && now_ns >= worker->born_ns + crew.options.start_ms * TRI_NS_PER_MS;
    bool is_stubborn =
        worker->was_stopped && now_ns >= worker->stopped_ns + crew.options.stop_ms * TRI_NS_PER_MS;
    MUST(worker->is_there && !worker->was_killed);
    MUST(is_late || is_slow || is_stubborn || (job && job->is_cancelled) || crew.is_ending ||
         worker->worker.cause == TRI_CAUSE_USELESS);
}

static void judge_tell(const struct job *job)
{
    enum tri_job_end end = job->job.end;
    unsigned after = crew.options.quarantine_after;
    MUST(job->is_there && !job->is_told && !job->with);
    MUST(job->job.kills == job->kills && job->job.tries == job->gives);
    MUST((end == TRI_JOB_DONE) == job->is_done);
    MUST((end == TRI_JOB_QUARANTINED) == (!job->is_done && after > 0 && job->kills >= after));
    if (end == TRI_JOB_DIED || end == TRI_JOB_LATE)
        MUST(job->kills > 0 &&
             (job->is_cancelled || job->is_orphan || crew.options.delivery == TR_AT_MOST_ONCE ||
              job->gives == job->job.retries + 1));
    if (end == TRI_JOB_CANCELLED)
        MUST(job->is_cancelled || job->is_orphan);
    if (end == TRI_JOB_REFUSED)
        MUST(job->gives == 0 && (crew.is_draining || crew.options.when_full == TR_FULL_REFUSES));
    if (end == TRI_JOB_DROPPED)
        MUST(crew.options.when_full == TR_FULL_DROPS);
}

/* ---------------------------------------------------------------- doing what the policy wants */

/* NULL: those who are on their way out have taken all places. */
static struct worker *new_worker(void)
{
    for (int i = 0; i < WORKERS; i++)
        if (!workers[i].is_there)
            return &workers[i];
    return NULL;
}

static void count_failure(void)
{
    failures++;
    last_failure_ns = now_ns;
}

static void start(void)
{
    MUST(count_workers(lives) < crew.options.max_size + crew.options.spares ||
         count_workers(lives) < limit_of_running + crew.options.spares);
    if (failures > 1) {
        MUST(now_ns >= last_failure_ns + 10 * TRI_NS_PER_MS);
        MUST(count_workers(is_born) == 0);
    }
    struct worker *worker = chance(12) > 0 ? new_worker() : NULL;
    if (!worker) {
        tri_crew_starting(&crew, NULL);
        count_failure();
        return;
    }
    *worker = (struct worker){.is_there = true, .born_ns = now_ns};
    tri_crew_starting(&crew, &worker->worker);
}

static void give(struct job *job, struct worker *worker)
{
    judge_give(job, worker);
    if (chance(50) == 0) {
        tri_crew_not_given(&crew, &worker->worker);
        return;
    }
    job->gives++;
    job->with = worker;
    worker->job = job;
    worker->given_ns = now_ns;
}

static void tell(struct job *job)
{
    judge_tell(job);
    job->is_told = true;
    job->may_go = chance(3) > 0; /* else who is told has no room just now */
    if (!job->may_go)
        return;
    tri_crew_told(&crew, &job->job);
    job->is_there = false;
}

static void stop(struct worker *worker)
{
    MUST(worker->is_there && lives(worker) && worker->is_ready && !worker->job);
    worker->was_stopped = true;
    worker->stopped_ns = now_ns;
}

static void kill_one(struct worker *worker)
{
    judge_kill(worker);
    worker->was_killed = true;
}

static void act(const struct tri_crew_action *action)
{
    struct job *job = (struct job *)action->job;
    struct worker *worker = (struct worker *)action->worker;
    switch (action->what) {
    case TRI_CREW_START:
        start();
        break;
    case TRI_CREW_GIVE:
        give(job, worker);
        break;
    case TRI_CREW_STOP:
        stop(worker);
        break;
    case TRI_CREW_KILL:
        kill_one(worker);
        break;
    case TRI_CREW_ADMIT:
        MUST(job->was_held);
        job->was_held = false;
        break;
    case TRI_CREW_TELL:
        tell(job);
        break;
    case TRI_CREW_REPORT:
        MUST(failures > 1);
        break;
    case TRI_CREW_DRAINED:
        MUST(crew.is_draining && !is_drained && crew.jobs == 0);
        is_drained = true;
        break;
    case TRI_CREW_ENDED:
        MUST(count_workers(is_any) == 0);
        has_ended = true;
        break;
    }
}

static void carry_out(void)
{
    struct tri_crew_action action;
    for (int i = 0; tri_crew_next(&crew, &action); i++) {
        MUST(i < PATIENCE);
        act(&action);
    }
    /* Those that came back for another try have their places. */
    MUST(count_in_queue() <= crew.options.max_queue + limit_of_running + WORKERS);
}

/* ---------------------------------------------------------------- what may happen */

static struct worker *any_worker(bool (*is)(const struct worker *))
{
    uint64_t first = chance(WORKERS);
    for (uint64_t i = 0; i < WORKERS; i++) {
        struct worker *worker = &workers[(first + i) % WORKERS];
        if (worker->is_there && is(worker))
            return worker;
    }
    return NULL;
}

static struct job *any_job(void)
{
    uint64_t first = chance(JOBS);
    for (uint64_t i = 0; i < JOBS; i++)
        if (jobs[(first + i) % JOBS].is_there && !jobs[(first + i) % JOBS].is_told)
            return &jobs[(first + i) % JOBS];
    return NULL;
}

static bool has_job(const struct worker *worker) { return worker->job; }

static void submits(void)
{
    last_event = "a submission";
    for (int i = 0; i < JOBS; i++) {
        struct job *job = &jobs[i];
        if (job->is_there)
            continue;
        unsigned before = count_in_queue();
        bool is_crowded = before >= crew.options.max_queue && crew.queued > 0;
        *job = (struct job){.is_there = true};
        job->job.priority = (int)chance(7) - 3;
        job->job.deadline_ms = chance(2) ? 0 : (int64_t)chance(100) + 1;
        job->job.retries = crew.options.delivery == TR_AT_LEAST_ONCE ? (unsigned)chance(4) : 0;
        tri_crew_submit(&crew, &job->job);
        job->was_held = job->job.state == TRI_JOB_HELD;
        if (is_crowded)
            MUST(job->job.state != TRI_JOB_QUEUED || count_in_queue() <= before + 1);
        if (is_crowded && crew.options.when_full == TR_FULL_WAITS && !crew.is_draining)
            MUST(job->was_held);
        return;
    }
}

static void dies(struct worker *worker)
{
    struct job *job = worker->job;
    enum tri_worker_cause cause = worker->worker.cause;
    bool is_young = now_ns - worker->worker.ready_ns < 10 * TRI_NS_PER_S;
    last_event = "a death";
    if (job) {
        job->with = NULL;
        job->kills += cause != TRI_CAUSE_CANCELLED && cause != TRI_CAUSE_END;
    } else if (!worker->is_ready || (is_young && (lives(worker) || cause == TRI_CAUSE_USELESS))) {
        if (cause != TRI_CAUSE_END)
            count_failure();
    }
    worker->is_there = false;
    tri_crew_died(&crew, &worker->worker);
}

static void finishes(struct worker *worker)
{
    last_event = "a job that is done";
    worker->job->is_done = true;
    worker->job->with = NULL;
    worker->job = NULL;
    failures = 0;
    tri_crew_done(&crew, &worker->worker, chance(200));
}

static void is_cancelled(struct job *job)
{
    bool kills = chance(2), runs = job->job.state == TRI_JOB_RUNNING;
    last_event = "a cancel";
    int r = tri_crew_cancel(&crew, &job->job, kills);
    if (job->job.state == TRI_JOB_ENDED && r == TR_FIRED)
        return;
    MUST(r == (runs && !kills ? TR_BUSY : 0));
    job->is_cancelled |= r == 0;
}

static void is_orphaned(struct job *job)
{
    bool kills = chance(2);
    last_event = "a submitter's death";
    if (job->job.state == TRI_JOB_ENDED)
        return;
    job->is_orphan = true;
    job->is_cancelled |= kills || job->job.state != TRI_JOB_RUNNING;
    tri_crew_orphan(&crew, &job->job, kills);
}

/* Those that had no room take what they are told. */
static void takes(void)
{
    for (int i = 0; i < JOBS; i++)
        if (jobs[i].is_there && jobs[i].is_told) {
            tri_crew_told(&crew, &jobs[i].job);
            jobs[i].is_there = false;
        }
}

static void is_resized(void)
{
    unsigned size = (unsigned)chance(4) + 1, max_size = size + (unsigned)chance(3);
    last_event = "a resize";
    MUST(!tri_crew_resize(&crew, size, size - 1));
    MUST(tri_crew_resize(&crew, size, max_size));
    if (max_size > limit_of_running)
        limit_of_running = max_size; /* those that run beyond it are let finish */
}

static void passes(uint64_t ms)
{
    last_event = "some time";
    now_ns += ms * TRI_NS_PER_MS;
    tri_crew_time(&crew, now_ns);
}

static void happen(void)
{
    struct worker *worker;
    struct job *job;
    uint64_t what = chance(24);
    if (what < 7)
        submits();
    else if (what < 12 && (worker = any_worker(has_job)))
        finishes(worker);
    else if (what < 14 && (worker = any_worker(is_any)))
        dies(worker);
    else if (what < 17 && (worker = any_worker(is_born))) {
        last_event = "a birth";
        worker->is_ready = true;
        tri_crew_ready(&crew, &worker->worker);
    } else if (what == 17 && (job = any_job()))
        is_cancelled(job);
    else if (what == 18 && (job = any_job()))
        is_orphaned(job);
    else if (what == 19)
        takes();
    else if (what == 20 && chance(4) == 0)
        is_resized();
    else if (what == 21 && chance(8) == 0)
        tri_crew_drain(&crew);
    else if (what == 22 && chance(4) == 0 && (worker = any_worker(lives)) && worker->is_ready) {
        last_event = "a worker out of step";
        tri_crew_useless(&crew, &worker->worker);
    } else
        passes(chance(chance(20) ? 30 : 20000));
}

/* ---------------------------------------------------------------- a life */

static void begin(void)
{
    memset(jobs, 0, sizeof jobs);
    memset(workers, 0, sizeof workers);
    crew = (struct tri_crew){.options = {.size = (unsigned)chance(4) + 1,
                                         .spares = (unsigned)chance(3),
                                         .max_queue = (unsigned)chance(6) + 1,
                                         .when_full = (enum tr_when_full)(life % 3),
                                         .delivery = (enum tr_delivery)(life / 3 % 2),
                                         .retry = {.min_ms = 10, .max_ms = 100},
                                         .quarantine_after = (unsigned)chance(4),
                                         .idle_ms = 1000,
                                         .start_ms = 500,
                                         .stop_ms = 200,
                                         .recycle_jobs = chance(3) ? 0 : 4,
                                         .recycle_bytes = chance(3) ? 0 : 150}};
    crew.options.max_size = crew.options.size + (unsigned)chance(3);
    limit_of_running = crew.options.max_size;
    failures = 0;
    last_failure_ns = 0;
    is_drained = has_ended = false;
    tri_crew_init(&crew, now_ns);
    last_event = "the beginning";
    carry_out();
}

/* Everybody does what is expected: then every job is told of, and the pool ends. */
static void come_to_an_end(void)
{
    tri_crew_drain(&crew);
    for (int i = 0; i < PATIENCE && !is_drained; i++) {
        struct worker *worker = any_worker(has_job);
        takes();
        carry_out();
        if (worker)
            finishes(worker);
        else if ((worker = any_worker(is_born))) {
            worker->is_ready = true;
            tri_crew_ready(&crew, &worker->worker);
        } else {
            uint64_t due_ns = tri_crew_due_ns(&crew);
            passes(due_ns == TRI_NEVER || due_ns < now_ns ? 1
                                                          : (due_ns - now_ns) / TRI_NS_PER_MS + 1);
        }
        carry_out();
    }
    MUST(is_drained);
    takes(); /* what was submitted since, and refused */
    for (int i = 0; i < JOBS; i++)
        MUST(!jobs[i].is_there);
    tri_crew_end(&crew);
    carry_out();
    for (int i = 0; i < WORKERS; i++)
        if (workers[i].is_there)
            dies(&workers[i]);
    carry_out();
    MUST(has_ended && tri_crew_due_ns(&crew) == TRI_NEVER);
}

static void hundreds_of_thousands_of_random_lives_keep_the_rules(void **state)
{
    (void)state;
    const char *given = getenv("TROUPE_STORM_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    seed = given ? strtoull(given, NULL, 10)
                 : (uint64_t)now.tv_nsec * 1000003u + (uint64_t)getpid() + 1;
    state_of_chance = seed ? seed : 1;
    now_ns = TRI_NS_PER_S;
    printf("seed %llu\n", (unsigned long long)seed);
    for (life = 0; life < LIVES; life++) {
        begin();
        for (uint64_t left = chance(EVENTS_MAX); left > 0; left--) {
            passes(0);
            happen();
            carry_out();
        }
        come_to_an_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hundreds_of_thousands_of_random_lives_keep_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
