/* A pool's workers: born side by side as a supervisor's children are, each with a monitor and the handshake of start.h; given
 * one job at a time; stopped and killed. Nothing here waits. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "behaviour/pool.h"
#include "process/runtime.h"

static struct tri_pool_being *being_of(struct tri_pool_worker *worker)
{
    return (struct tri_pool_being *)worker;
}

static struct tri_pool_job *job_of(const struct tri_pool_being *being)
{
    return (struct tri_pool_job *)being->worker.job;
}

/* ---------------------------------------------------------------- what came to nothing */

static bool is_want_of_room(int result)
{
    return result == -EAGAIN || result == -ENOMEM || result == -EMFILE || result == -ENFILE ||
           result == -ENOSPC || result == TR_NO_SLOT;
}

static void note_failure(struct tri_pool_server *pool, tr_term reason)
{
    pool->lacks_room = false;
    if (tr_out_copy(&pool->last_failure, reason))
        tr_out_deinit(&pool->last_failure);
}

static void note_result(struct tri_pool_server *pool, int result)
{
    TRI_AUTO(tr_out_deinit) struct tr_out reason = {0};
    tr_put(&reason, "{cannot_spawn, Why}", tr_strerror(result));
    note_failure(pool, tr_out_term(&reason));
    pool->lacks_room = is_want_of_room(result);
}

void tri_pool_report(const struct tri_pool_server *pool)
{
    const struct tri_crew *crew = &pool->crew;
    TRI_AUTO(tri_freep) char *why = NULL;
    if (pool->last_failure.size_bytes)
        why = tr_print_new(tr_out_term(&pool->last_failure));
    uint64_t wait_ms =
        crew->birth_ns > crew->now_ns ? (crew->birth_ns - crew->now_ns) / TRI_NS_PER_MS : 0;
    tri_warn(
        "%u workers of a pool have died one after the other without a job; the next is born in "
        "%llu ms: %s",
        crew->failures, (unsigned long long)wait_ms, why ? why : "?");
}

/* ---------------------------------------------------------------- births */

static void forget(struct tri_pool_server *pool, struct tri_pool_being *being)
{
    HASH_DELETE(by_serial, pool->by_serial, being);
    if (!tr_pid_is_none(being->pid))
        HASH_DELETE(by_pid, pool->by_pid, being);
    if (being->has_alias)
        tr_unalias(being->alias);
    tri_bytes_deinit(&being->line);
    free(being);
}

static int ask_node(struct tri_pool_server *pool, struct tri_pool_being *being)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    struct tr_spawn_options options = tri_spec_spawn_options(&pool->spec.worker);
    tr_term arguments = tr_out_term(&pool->spec.worker.arguments), only;
    options.flags = TR_SPAWN_LINK | TR_SPAWN_MONITOR;
    tr_put(&argument, "{'$start', Self, Alias, Argument}", tr_self(), being->alias,
           tr_match(arguments, "[Only]", &only) == 0 ? only : arguments);
    return argument.fault ? argument.fault
                          : tr_spawn_request_term(pool->spec.worker.entry, &options,
                                                  tr_out_term(&argument), &being->monitor);
}

void tri_pool_begin_worker(struct tri_pool_server *pool)
{
    struct tri_pool_being *being = calloc(1, sizeof *being);
    int r = -ENOMEM;
    if (being) {
        being->serial = ++pool->serials;
        being->alias = tr_alias(TR_ALIAS_REPLY);
        being->has_alias = true;
        HASH_ADD(by_serial, pool->by_serial, serial, sizeof being->serial, being);
        r = ask_node(pool, being);
    }
    if (r) {
        note_result(pool, r);
        if (being)
            forget(pool, being);
        being = NULL;
    }
    tri_crew_starting(&pool->crew, being ? &being->worker : NULL);
}

/* With the reason why it is killed, which everybody is told who watches it. */
static void kill(const struct tri_pool_being *being)
{
    const struct tri_pool_worker *worker = &being->worker;
    if (worker->cause == TRI_CAUSE_LATE && worker->job)
        tr_kill(being->pid, "{limit, wall_clock, Ms}", worker->job->deadline_ms);
    else if (worker->cause == TRI_CAUSE_CANCELLED)
        tr_kill(being->pid, "{shutdown, cancelled}");
    else if (worker->cause == TRI_CAUSE_END)
        tr_kill(being->pid, "shutdown");
    else if (worker->cause == TRI_CAUSE_START)
        tr_kill(being->pid, "{timeout, start}");
    else if (worker->cause == TRI_CAUSE_USELESS)
        tr_kill(being->pid, "out_of_step");
    else
        tr_exit_process(being->pid, "kill");
}

static void born(struct tri_pool_server *pool, struct tri_pool_being *being, tr_pid pid)
{
    being->pid = pid;
    HASH_ADD(by_pid, pool->by_pid, pid, sizeof being->pid, being);
    if (being->worker.state == TRI_WORKER_STOPPING) /* that was asked for before it had a pid */
        kill(being);
    else if (being->has_word)
        tri_crew_ready(&pool->crew, &being->worker);
}

static void says_it_runs(struct tri_pool_server *pool, struct tri_pool_being *being)
{
    being->has_word = true;
    if (!tr_pid_is_none(being->pid))
        tri_crew_ready(&pool->crew, &being->worker);
}

/* ---------------------------------------------------------------- ends */

void tri_pool_stop_worker(struct tri_pool_server *pool, struct tri_pool_being *being)
{
    if (pool->spec.worker.shutdown_ms == TR_SHUTDOWN_BRUTAL_KILL)
        tr_kill(being->pid, "shutdown");
    else
        tr_exit_process(being->pid, "shutdown");
}

void tri_pool_kill_worker(const struct tri_pool_being *being)
{
    if (!tr_pid_is_none(being->pid)) /* else as soon as it has one */
        kill(being);
}

static void note_end_of_job(struct tri_pool_server *pool, const struct tri_pool_being *being,
                            tr_term reason)
{
    struct tri_pool_job *job = job_of(being);
    enum tri_worker_cause cause = being->worker.cause;
    job->run_ns = pool->crew.now_ns - job->given_ns;
    if (cause != TRI_CAUSE_CANCELLED && cause != TRI_CAUSE_END)
        tri_pool_note_death(job, reason);
}

static void has_ended(struct tri_pool_server *pool, struct tri_pool_being *being, tr_term reason)
{
    if (being->worker.job)
        note_end_of_job(pool, being, reason);
    else if (being->worker.state != TRI_WORKER_STOPPING)
        note_failure(pool, reason);
    tri_crew_died(&pool->crew, &being->worker);
    forget(pool, being);
}

static void not_born(struct tri_pool_server *pool, struct tri_pool_being *being, tr_term message)
{
    tr_term why;
    int result;
    if (tr_match(message, "{_, _, error, Result}", &result) == 0)
        note_result(pool, result);
    else if (tr_match(message, "{_, _, error, Why}", &why) == 0)
        note_failure(pool, why);
    tri_crew_died(&pool->crew, &being->worker);
    forget(pool, being);
}

/* ---------------------------------------------------------------- messages of life and death */

enum kind { NOTHING, BIRTH, WORD, END };

/* Births and deaths are rare: the workers are looked through. */
static struct tri_pool_being *find_of_life(const struct tri_pool_server *pool, tr_term message,
                                           enum kind *ret_kind)
{
    struct tri_pool_worker *worker;
    tr_ref ref;
    if (tr_match(message, "{'DOWN', Ref, process, _, _}", &ref) == 0)
        *ret_kind = END;
    else if (tr_match(message, "{spawn_reply, Ref, _, _}", &ref) == 0)
        *ret_kind = BIRTH;
    else if (tr_match(message, "{ack, Alias, ok}", &ref) == 0)
        *ret_kind = WORD;
    else
        return NULL;
    TAILQ_FOREACH(worker, &pool->crew.workers, in_all) {
        struct tri_pool_being *being = being_of(worker);
        if (tr_ref_equal(*ret_kind == WORD ? being->alias : being->monitor, ref))
            return being;
    }
    return NULL;
}

bool tri_pool_is_of_life(const struct tri_pool_server *pool, tr_term message)
{
    enum kind kind;
    return find_of_life(pool, message, &kind) != NULL;
}

bool tri_pool_hear_of_life(struct tri_pool_server *pool, tr_term message)
{
    enum kind kind = NOTHING;
    struct tri_pool_being *being = find_of_life(pool, message, &kind);
    tr_term reason;
    tr_pid pid;
    if (!being)
        return false;
    if (kind == END && tr_match(message, "{_, _, _, _, Reason}", &reason) == 0)
        has_ended(pool, being, reason);
    else if (kind == WORD)
        says_it_runs(pool, being);
    else if (kind == BIRTH && tr_match(message, "{_, _, ok, Pid}", &pid) == 0)
        born(pool, being, pid);
    else if (kind == BIRTH)
        not_born(pool, being, message);
    return true;
}

/* ---------------------------------------------------------------- jobs and answers */

static int send_job(const struct tri_pool_server *pool, const struct tri_pool_being *being,
                    const struct tri_pool_job *job)
{
    tr_term bytes = tr_out_term(&job->bytes);
    if (!pool->spec.is_program)
        return tr_send_nowait(being->pid, "{'$job', Self, Serial, Turn, Tries, Job}", tr_self(),
                              being->serial, being->turn, job->job.tries, bytes);
    if (pool->spec.framing == TR_FRAMING_LINE)
        return tr_send_nowait(being->pid, "{Self, {command, [Job, 10]}}", tr_self(), bytes);
    return tr_send_nowait(being->pid, "{Self, {command, Job}}", tr_self(), bytes);
}

void tri_pool_give(struct tri_pool_server *pool, struct tri_pool_being *being,
                   struct tri_pool_job *job)
{
    being->turn = ++pool->turns;
    being->line.size_bytes = 0;
    int r = send_job(pool, being, job);
    if (r == TR_BUSY) { /* it does not take what it was sent before */
        tri_crew_not_given(&pool->crew, &being->worker);
    } else if (r) {
        job->is_too_large = true;
        tri_crew_unfit(&pool->crew, &being->worker);
    } else {
        job->given_ns = pool->crew.now_ns;
        tri_figures_begun(&pool->figures, job->given_ns - job->submitted_ns);
    }
}

static uint64_t resident_bytes(const struct tri_pool_server *pool,
                               const struct tri_pool_being *being)
{
    const struct tri_table *table = &tri_process_here()->table;
    struct tri_row row;
    if (pool->spec.crew.recycle_bytes == 0 ||
        !tri_table_read(table, tr_pid_slot(being->pid), &row) ||
        !tri_table_is_alive(table, being->pid))
        return 0;
    return tri_resident_bytes(row.os_pid, pool->spec.is_program);
}

static void done(struct tri_pool_server *pool, struct tri_pool_being *being, tr_term answer)
{
    tri_pool_note_answer(pool, job_of(being), answer);
    tri_crew_done(&pool->crew, &being->worker, resident_bytes(pool, being));
}

static bool hear_worker(struct tri_pool_server *pool, tr_term message)
{
    struct tri_pool_being *being;
    uint64_t serial, turn;
    tr_term answer;
    if (tr_match(message, "{'$done', Serial, Turn, Answer}", &serial, &turn, &answer))
        return false;
    HASH_FIND(by_serial, pool->by_serial, &serial, sizeof serial, being);
    if (being && being->worker.job && being->turn == turn)
        done(pool, being, answer);
    return true;
}

/* What a program says without being asked shifts all answers behind it. */
static void out_of_step(struct tri_pool_server *pool, struct tri_pool_being *being)
{
    if (being->worker.state == TRI_WORKER_STOPPING)
        return;
    tri_warn("a program says something without a job, and is ended: its answers would be taken for "
             "those to other jobs");
    tri_crew_useless(&pool->crew, &being->worker);
}

/* A long line comes in pieces. One that is too long for the memory, or for anybody, ends its program. */
static void hear_line(struct tri_pool_server *pool, struct tri_pool_being *being, tr_term piece,
                      bool is_end)
{
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    struct tri_bytes *line = &being->line;
    if (is_end && line->size_bytes == 0) {
        done(pool, being, piece);
        return;
    }
    if (line->size_bytes > TR_PROGRAM_PACKET_BYTES || tri_iodata_append(line, piece)) {
        tri_crew_useless(&pool->crew, &being->worker);
        return;
    }
    if (!is_end)
        return;
    tr_put_binary(&whole, line->data, line->size_bytes);
    if (whole.fault)
        tri_crew_useless(&pool->crew, &being->worker);
    else
        done(pool, being, tr_out_term(&whole));
    line->size_bytes = 0;
}

static bool hear_program(struct tri_pool_server *pool, tr_term message)
{
    struct tri_pool_being *being;
    tr_term what, data;
    tr_term piece;
    tr_pid pid;
    if (!pool->spec.is_program || tr_match(message, "{Pid, What}", &pid, &what))
        return false;
    HASH_FIND(by_pid, pool->by_pid, &pid, sizeof pid, being);
    if (!being)
        return false;
    if (tr_match(what, "{data, Data}", &data)) /* eof, {exit_status, _}, … : its end tells all */
        return true;
    if (!being->worker.job)
        out_of_step(pool, being);
    else if (tr_match(data, "{eol, Line}", &piece) == 0)
        hear_line(pool, being, piece, true);
    else if (tr_match(data, "{noeol, Part}", &piece) == 0)
        hear_line(pool, being, piece, false);
    else
        done(pool, being, data);
    return true;
}

bool tri_pool_hear_answer(struct tri_pool_server *pool, tr_term message)
{
    return hear_worker(pool, message) || hear_program(pool, message);
}
