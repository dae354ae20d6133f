/* What is done with workers: births, answers, deaths. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/sweep.h"
#include "map/engine.h"

/* When a process cannot be forked it is tried again after so many ms, twice as many, … */
#define RETRY_MIN_MS 10
#define RETRY_MAX_MS 1000
/* How long one may live that has closed its output, and so cannot answer any more. */
#define CLOSED_NS TRI_NS_PER_S
/* How long a keeper may take to end what it keeps; it may have been stopped. And how long what one has left may. */
#define KEEPER_NS (2 * TRI_NS_PER_S)
#define ORPHANS_MS 2000
/* How long workers may take to end when their input has, before they are killed; and then. */
#define GRACE_MS 2000
#define END_MS 5000

/* ---------------------------------------------------------------- jobs */

static void give_to(struct map_engine *engine, struct map_worker *worker)
{
    struct map_job *job;
    while ((job = map_plan_give(&engine->plan, &worker->hand, tri_clock_ns()))) {
        job->began_wall_ns = tri_clock_wall_ns();
        int r = engine->is_per_job ? 0 : map_worker_feed(worker, &engine->options->framing, job);
        if (r == 0)
            r = map_joblog_begun(&engine->joblog, job);
        if (r) {
            map_give_up(engine, "a job cannot be given to a worker: %s", tr_strerror(r));
            return;
        }
        if (job->tries == 2)
            engine->again++;
    }
}

/* What is in hands comes back as answers, for which there must be room. */
static bool may_give(const struct map_engine *engine)
{
    const struct map_job *first = TAILQ_FIRST(&engine->plan.waiting);
    return first && map_results_has_room(&engine->results, first->number);
}

static bool may_fork(struct map_engine *engine)
{
    if (engine->retry_ns && tri_deadline_is_over(engine->retry_ns))
        engine->retry_ns = 0;
    return engine->retry_ns == 0;
}

/* Those who are there come first: another process may not be had. */
void map_give_jobs(struct map_engine *engine)
{
    for (unsigned i = 0; i < engine->options->workers && may_give(engine); i++) {
        struct map_worker *worker = &engine->workers[i];
        if (worker->is_there && !worker->has_ended && !worker->killed_for && !engine->is_per_job)
            give_to(engine, worker);
    }
    /* One for which there is no process yet is given jobs as well: then it has something to be started for. */
    for (unsigned i = 0; i < engine->options->workers && may_give(engine) && may_fork(engine);
         i++) {
        struct map_worker *worker = &engine->workers[i];
        if (worker->is_there)
            continue;
        if (!worker->hand.window)
            map_worker_init(worker, engine->is_per_job ? &engine->raw : &engine->options->framing);
        give_to(engine, worker);
    }
}

/* ---------------------------------------------------------------- births */

static bool is_anybody_at_work(const struct map_engine *engine)
{
    for (unsigned i = 0; i < engine->options->workers; i++)
        if (engine->workers[i].has_started && !engine->workers[i].has_ended)
            return true;
    return false;
}

/* Descriptors are this process's own: when nobody has any of them, there will never be more. */
static void fork_later(struct map_engine *engine, int fault)
{
    uint64_t wait_ms = engine->retry_wait_ms ? 2 * engine->retry_wait_ms : RETRY_MIN_MS;
    engine->retry_wait_ms = wait_ms < RETRY_MAX_MS ? wait_ms : RETRY_MAX_MS;
    engine->retry_ns = tri_deadline_ns((int64_t)engine->retry_wait_ms);
    if (wait_ms >= RETRY_MAX_MS && fault == EMFILE && !is_anybody_at_work(engine))
        map_give_up(engine, "no worker can be started: %s; raise ulimit -n", strerror(fault));
    if (wait_ms < RETRY_MAX_MS || engine->has_told_of_forks || engine->has_given_up)
        return;
    engine->has_told_of_forks = true;
    map_progress_clear(&engine->progress);
    fprintf(stderr, "troupe: a worker cannot be started: %s; it is tried again and again\n",
            strerror(fault));
}

/* An argument of the command with the job in each place of {}. NULL when there is no memory. */
static char *filled(const char *argument, const struct map_job *job)
{
    size_t places = 0;
    for (const char *at = argument; (at = strstr(at, "{}")); at += 2)
        places++;
    char *text = malloc(strlen(argument) + places * job->size_bytes + 1), *to = text;
    if (!text)
        return NULL;
    for (const char *place; (place = strstr(argument, "{}")); argument = place + 2) {
        to = mempcpy(to, argument, (size_t)(place - argument));
        to = mempcpy(to, job->bytes, job->size_bytes);
    }
    strcpy(to, argument);
    return text;
}

/* What is to be executed, for this job or, without one, for all. 0 or -ENOMEM. */
static int set_command(struct map_engine *engine, const struct map_job *job)
{
    char *const *command = engine->options->command;
    int r = 0;
    free(engine->spec.path);
    tri_texts_deinit(&engine->spec.arguments);
    for (; r == 0 && *command; command++)
        r = tri_texts_add(&engine->spec.arguments, job ? filled(*command, job) : strdup(*command));
    engine->spec.path = r ? NULL : strdup(engine->spec.arguments.at[0]);
    return engine->spec.path ? 0 : -ENOMEM;
}

static void start_worker(struct map_engine *engine, struct map_worker *worker)
{
    const struct map_job *job = TAILQ_FIRST(&worker->hand.jobs);
    int r = engine->is_per_job || !engine->spec.path
                ? set_command(engine, engine->is_per_job ? job : NULL)
                : 0;
    if (r == 0)
        r = map_worker_start(worker, &engine->spec, &engine->user,
                             engine->confine.is_needed ? &engine->confine.confined : NULL,
                             engine->control_fd);
    if (r) {
        map_plan_died(&engine->plan, &worker->hand, false, 0);
        map_worker_forget(worker);
        fork_later(engine, -r);
        return;
    }
    worker->hand.since_ns = tri_clock_ns();
    if (engine->is_per_job)
        map_worker_close_input(worker);
}

/* A text with a NUL cannot be an argument. */
static bool is_text(const struct map_job *job)
{
    return !memchr(job->bytes, '\0', job->size_bytes);
}

void map_start_workers(struct map_engine *engine)
{
    for (unsigned i = 0; i < engine->options->workers && may_fork(engine); i++) {
        struct map_worker *worker = &engine->workers[i];
        if (worker->is_there || worker->hand.count == 0)
            continue;
        if (engine->is_per_job && !is_text(TAILQ_FIRST(&worker->hand.jobs)))
            map_fail(engine, map_plan_answered(&engine->plan, &worker->hand, tri_clock_ns()),
                     "has a NUL", "", NULL, 0);
        else
            start_worker(engine, worker);
    }
}

/* ---------------------------------------------------------------- answers */

static void finish(struct map_engine *engine, struct map_job *job, const char *why,
                   const void *bytes, size_t size_bytes)
{
    struct map_result *result = map_result_new(job, bytes, size_bytes);
    engine->retry_wait_ms = 0;
    if (!result) {
        map_give_up(engine, "%s", strerror(ENOMEM));
        map_spill_free(job->spill);
        free(job);
        return;
    }
    uint64_t now_ns = tri_clock_wall_ns();
    result->took_ns =
        job->began_wall_ns && now_ns > job->began_wall_ns ? now_ns - job->began_wall_ns : 0;
    snprintf(result->why, sizeof result->why, "%s", why);
    map_results_put(&engine->results, result);
}

void map_fail(struct map_engine *engine, struct map_job *job, const char *why,
              const char *last_words, const void *bytes, size_t size_bytes)
{
    engine->failed++;
    map_note_failure(engine, job, why, last_words);
    finish(engine, job, why, bytes, size_bytes);
}

static void take_answers(struct map_engine *engine, struct map_worker *worker)
{
    uint64_t now_ns = tri_clock_ns();
    for (;;) {
        struct tri_frame frame = tri_framer_next(&worker->answers);
        bool is_rest = frame.kind == TRI_FRAME_PART && worker->answers.is_at_end;
        if (frame.kind == TRI_FRAME_NONE || frame.kind == TRI_FRAME_CUT)
            return;
        if (frame.kind != TRI_FRAME_WHOLE && !is_rest) {
            map_worker_kill(worker, MAP_KILL_TOO_LONG);
            return;
        }
        if (is_rest) /* a line without an end: it was not finished */
            return;
        struct map_job *job = map_plan_answered(&engine->plan, &worker->hand, now_ns);
        if (!job) {
            engine->has_extra = true;
            map_worker_kill(worker, MAP_KILL_OUT_OF_STEP);
            return;
        }
        engine->done++;
        finish(engine, job, "", frame.data, frame.size_bytes);
        tri_framer_drop(&worker->answers);
    }
}

static void relay_errors(struct map_engine *engine, struct map_worker *worker)
{
    struct tri_frame frame;
    while ((frame = tri_framer_next(&worker->errors)).kind == TRI_FRAME_WHOLE ||
           frame.kind == TRI_FRAME_PART) {
        int shown = frame.size_bytes < MAP_LAST_WORDS_BYTES ? (int)frame.size_bytes
                                                            : MAP_LAST_WORDS_BYTES - 1;
        snprintf(worker->last_words, sizeof worker->last_words, "%.*s", shown, frame.data);
        map_progress_clear(&engine->progress);
        fprintf(stderr, "%.*s\n", (int)frame.size_bytes, frame.data);
        tri_framer_drop(&worker->errors);
    }
}

/* ---------------------------------------------------------------- deaths */

/* It could not be started for want of something that may be had later. */
static bool could_not_yet(const struct map_worker *worker)
{
    int fault = worker->end.second;
    return worker->end.word == TRI_KEEPER_FAILED && worker->end.first != TRI_STEP_CONFINE &&
           (worker->end.first == TRI_STEP_FORK || fault == EAGAIN || fault == ENOMEM ||
            fault == ENFILE || fault == ETXTBSY);
}

/* A command that cannot be executed at all need not be tried for each job. */
static bool is_hopeless(const struct map_engine *engine, const struct map_worker *worker)
{
    bool is_for_its_job = engine->is_per_job && (worker->end.second == E2BIG ||
                                                 strstr(engine->options->command[0], "{}"));
    return worker->end.word == TRI_KEEPER_FAILED && !could_not_yet(worker) && !is_for_its_job;
}

static void say_hopeless(struct map_engine *engine, const struct map_worker *worker)
{
    const char *command = engine->options->command[0];
    int fault = worker->end.second;
    unsigned lacks = (unsigned)fault;
    if (worker->end.first == TRI_STEP_CONFINE) {
        map_give_up(engine, "this machine cannot enforce what was asked for: %s",
                    tri_shortfall_name(lacks & -lacks));
        return;
    }
    map_give_up(engine, "%s cannot be executed: %s%s", command, strerror(fault),
                fault == ENOENT && !strchr(command, '/') && access(command, X_OK) == 0
                    ? "; there is one in this folder: ./ in front of it?"
                    : "");
}

/* One process was one job. */
static void end_job(struct map_engine *engine, struct map_worker *worker, const char *why)
{
    struct tri_frame frame = tri_framer_next(&worker->answers);
    struct map_job *job = why[0] ? map_plan_died(&engine->plan, &worker->hand, true, 0)
                                 : map_plan_answered(&engine->plan, &worker->hand, tri_clock_ns());
    if (!job)
        return;
    job->spill = TRI_TAKE(worker->spill);
    if (why[0]) {
        map_fail(engine, job, why, worker->last_words, frame.data, frame.size_bytes);
        return;
    }
    engine->done++;
    finish(engine, job, "", frame.data, frame.size_bytes);
}

/* What it has died of was none of the jobs: then it is told, for nothing else would. */
static void note_idle_end(struct map_engine *engine, const struct map_worker *worker,
                          const char *why)
{
    if (!why[0] || worker->killed_for == MAP_KILL_OUT_OF_STEP)
        return;
    engine->idle_ends++;
    snprintf(engine->idle_end, sizeof engine->idle_end, "%s", why);
}

/* One process was many jobs. Who hangs without having read or answered anything would do so again, for as long again. */
static void end_many(struct map_engine *engine, struct map_worker *worker, const char *why)
{
    unsigned unread = worker->killed_for && !worker->hand.answers
                          ? 0
                          : map_worker_unread(worker, &engine->options->framing);
    if (unread == worker->hand.count)
        note_idle_end(engine, worker, why);
    struct map_job *blamed = map_plan_died(&engine->plan, &worker->hand, true, unread);
    if (blamed)
        map_fail(engine, blamed, why[0] ? why : "ended without an answer", worker->last_words, NULL,
                 0);
}

static void end_worker(struct map_engine *engine, struct map_worker *worker)
{
    char why[64];
    map_worker_why(worker, why, sizeof why);
    if (is_hopeless(engine, worker)) {
        say_hopeless(engine, worker);
        map_plan_died(&engine->plan, &worker->hand, false, 0);
    } else if (could_not_yet(worker)) {
        fork_later(engine, worker->end.second);
        map_plan_died(&engine->plan, &worker->hand, false, 0);
    } else if (engine->is_per_job) {
        end_job(engine, worker, why);
    } else {
        end_many(engine, worker, why);
    }
    map_worker_forget(worker);
}

static void tell_lacks(struct map_engine *engine, unsigned lacks)
{
    engine->has_told_of_lacks = true;
    map_progress_clear(&engine->progress);
    for (unsigned i = 0; i < TRI_SHORTFALLS; i++)
        if (lacks >> i & 1)
            fprintf(stderr, "troupe: this machine cannot enforce what was asked for: %s\n",
                    tri_shortfall_name(1u << i));
}

/* What a killed keeper has left are our children now, as the other keepers are. */
static void end_orphans(const struct map_engine *engine)
{
    int spared[MAP_MAX_WORKERS];
    size_t count = 0;
    for (unsigned i = 0; i < engine->options->workers; i++)
        if (engine->workers[i].is_there)
            spared[count++] = engine->workers[i].keeper.os_pid;
    tri_sweep_others(spared, count, ORPHANS_MS);
}

/* What one process says for its job is kept until it has ended: in memory, and when that is much, all of it on disk. Where there
 * is no room for it the job fails, and none of it is printed. */
static void keep_aside(struct map_engine *engine, struct map_worker *worker)
{
    bool is_last = worker->has_ended && worker->keeper.out_fd < 0;
    bool is_much = worker->answers.end - worker->answers.begin >= MAP_SPILL_BYTES;
    int r = is_much || (is_last && worker->spill) ? map_worker_spill(worker) : 0;
    if (r) {
        map_progress_clear(&engine->progress);
        fprintf(stderr, "troupe: what a job prints cannot be put aside: %s\n", strerror(-r));
        map_worker_kill(worker, MAP_KILL_NO_ROOM);
        worker->killed_for = MAP_KILL_NO_ROOM; /* it may have ended by itself */
    }
    if (worker->killed_for == MAP_KILL_NO_ROOM)
        map_worker_drop_answers(worker);
}

void map_serve(struct map_engine *engine, struct map_worker *worker)
{
    int r = 0;
    if (!worker->is_there)
        return;
    if (worker->has_news)
        map_worker_hear(worker);
    if (worker->lacks && !engine->has_told_of_lacks)
        tell_lacks(engine, worker->lacks);
    if (worker->has_ended && worker->end.word == TRI_KEEPER_LOST)
        end_orphans(engine);
    if ((worker->has_answers || worker->has_ended) && !engine->is_choked)
        r = map_worker_read(&worker->keeper.out_fd, &worker->answers);
    if (r == 0 && !engine->is_per_job)
        take_answers(engine, worker);
    if (r == 0 && engine->is_per_job)
        keep_aside(engine, worker);
    if (worker->keeper.out_fd < 0 && !engine->is_per_job && !worker->closed_ns)
        worker->closed_ns = tri_clock_ns();
    if (worker->has_errors || worker->has_ended)
        r = r ? r : map_worker_read(&worker->keeper.err_fd, &worker->errors);
    relay_errors(engine, worker);
    if (r)
        map_give_up(engine, "%s", strerror(-r));
    if (worker->has_ended && worker->keeper.out_fd < 0 && worker->keeper.err_fd < 0)
        end_worker(engine, worker);
}

/* When it is to be killed, and what for; for nothing: its keeper is, which does not do what it was told. TRI_NEVER. */
static uint64_t late_ns(const struct map_engine *engine, const struct map_worker *worker,
                        enum map_kill *ret_why)
{
    uint64_t late_ns = TRI_NEVER;
    *ret_why = MAP_KILL_NONE;
    if (!worker->is_there || worker->has_ended)
        return TRI_NEVER;
    if (worker->killed_for)
        return worker->killed_ns + KEEPER_NS;
    if (engine->options->timeout_ms >= 0 && worker->hand.count && !engine->is_choked) {
        late_ns = worker->hand.since_ns + (uint64_t)engine->options->timeout_ms * TRI_NS_PER_MS;
        *ret_why = MAP_KILL_TIMEOUT;
    }
    if (worker->closed_ns && worker->closed_ns + CLOSED_NS < late_ns) {
        late_ns = worker->closed_ns + CLOSED_NS;
        *ret_why = MAP_KILL_CLOSED;
    }
    return late_ns;
}

void map_kill_late(struct map_engine *engine)
{
    uint64_t now_ns = tri_clock_ns();
    for (unsigned i = 0; i < engine->options->workers; i++) {
        enum map_kill why;
        if (late_ns(engine, &engine->workers[i], &why) > now_ns)
            continue;
        if (why)
            map_worker_kill(&engine->workers[i], why);
        else
            kill(engine->workers[i].keeper.os_pid, SIGKILL);
    }
}

uint64_t map_next_deadline_ns(const struct map_engine *engine)
{
    uint64_t next_ns = engine->retry_ns ? engine->retry_ns : TRI_NEVER;
    enum map_kill why;
    for (unsigned i = 0; i < engine->options->workers; i++) {
        const struct map_worker *worker = &engine->workers[i];
        if (worker->is_there && worker->has_ended && !engine->is_choked)
            return TRI_AT_ONCE;
        uint64_t each_ns = late_ns(engine, worker, &why);
        next_ns = each_ns < next_ns ? each_ns : next_ns;
    }
    return next_ns;
}

static void drop_hand(struct map_worker *worker)
{
    struct map_job *job;
    while (worker->hand.window && (job = TAILQ_FIRST(&worker->hand.jobs))) {
        TAILQ_REMOVE(&worker->hand.jobs, job, of_queue);
        free(job);
    }
}

/* Who has done all its jobs has nothing to answer any more. */
static void drop_answers(struct map_engine *engine, struct map_worker *worker)
{
    engine->has_extra |= !engine->is_per_job && worker->hand.count == 0 && !worker->killed_for &&
                         tri_framer_next(&worker->answers).kind == TRI_FRAME_WHOLE;
    tri_framer_deinit(&worker->answers);
}

/* Waits for the ends of all, so long. What they still say is of no interest, but must be taken. */
static void await_ends(struct map_engine *engine, int patience_ms)
{
    uint64_t deadline_ns = tri_deadline_ns(patience_ms);
    for (unsigned i = 0; i < engine->options->workers; i++) {
        struct map_worker *worker = &engine->workers[i];
        while (worker->is_there && !worker->has_ended && !tri_deadline_is_over(deadline_ns)) {
            struct pollfd list[] = {{.fd = worker->keeper.channel_fd, .events = POLLIN},
                                    {.fd = worker->keeper.out_fd, .events = POLLIN},
                                    {.fd = worker->keeper.err_fd, .events = POLLIN}};
            poll(list, TRI_ARRAY_LENGTH(list), tri_poll_timeout_ms(deadline_ns));
            map_worker_hear(worker);
            map_worker_read(&worker->keeper.err_fd, &worker->errors);
            relay_errors(engine, worker);
            if (map_worker_read(&worker->keeper.out_fd, &worker->answers) == 0)
                drop_answers(engine, worker);
        }
    }
}

/* Those who have ended by themselves when there was nothing more to be done. */
static void note_last_ends(struct map_engine *engine)
{
    char why[64];
    for (unsigned i = 0; i < engine->options->workers; i++) {
        const struct map_worker *worker = &engine->workers[i];
        if (!worker->is_there || !worker->has_ended || engine->is_per_job)
            continue;
        map_worker_why(worker, why, sizeof why);
        note_idle_end(engine, worker, why);
    }
}

void map_end_workers(struct map_engine *engine, bool is_graceful)
{
    if (!engine->workers)
        return;
    for (unsigned i = 0; i < engine->options->workers; i++)
        if (engine->workers[i].is_there)
            map_worker_close_input(&engine->workers[i]);
    if (is_graceful) {
        await_ends(engine, GRACE_MS);
        note_last_ends(engine);
    }
    for (unsigned i = 0; i < engine->options->workers; i++)
        if (engine->workers[i].is_there && !engine->workers[i].has_ended)
            tri_keeper_kill(&engine->workers[i].keeper);
    await_ends(engine, END_MS);
    for (unsigned i = 0; i < engine->options->workers; i++) {
        struct map_worker *worker = &engine->workers[i];
        drop_hand(worker);
        if (worker->hand.window) /* one that was given jobs may never have been started */
            map_worker_forget(worker);
    }
}
