/* A pool's jobs: from their submission to the message that tells their end. Nothing here waits for a client: what it has no
 * room for stays with the job, which counts for the queue's bound until it has been told. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "behaviour/iodata.h"
#include "behaviour/pool.h"
#include "behaviour/quarantine.h"
#include "behaviour/sys.h"
#include "behaviour/words.h"
#include "process/runtime.h"
#include "term/tags.h"
#include "wire/death.h"

/* ---------------------------------------------------------------- clients */

static struct tri_pool_client *client_of(struct tri_pool_server *pool, tr_pid pid)
{
    struct tri_pool_client *client;
    HASH_FIND(by_pid, pool->by_client, &pid, sizeof pid, client);
    if (client)
        return client;
    client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    client->pid = pid;
    TAILQ_INIT(&client->jobs);
    if (tr_monitor(pid, &client->monitor)) {
        free(client);
        return NULL;
    }
    HASH_ADD(by_pid, pool->by_client, pid, sizeof client->pid, client);
    return client;
}

bool tri_pool_client_died(struct tri_pool_server *pool, tr_pid pid, tr_ref monitor)
{
    struct tri_pool_client *client;
    struct tri_pool_job *job;
    HASH_FIND(by_pid, pool->by_client, &pid, sizeof pid, client);
    if (!client || !tr_ref_equal(client->monitor, monitor))
        return false;
    while ((job = TAILQ_FIRST(&client->jobs))) {
        TAILQ_REMOVE(&client->jobs, job, in_client);
        job->client = NULL;
        tri_crew_orphan(&pool->crew, &job->job, pool->spec.cancels_orphans);
    }
    HASH_DELETE(by_pid, pool->by_client, client);
    free(client);
    return true;
}

/* ---------------------------------------------------------------- birth and end of a job */

static void free_deaths(struct tri_pool_job *job)
{
    for (unsigned i = 0; i < job->death_count; i++)
        tr_out_deinit(&job->deaths[i]);
    free(job->deaths);
}

static void free_job(struct tri_pool_server *pool, struct tri_pool_job *job)
{
    HASH_DELETE(by_result, pool->by_result, job);
    if (job->client)
        TAILQ_REMOVE(&job->client->jobs, job, in_client);
    free_deaths(job);
    tr_out_deinit(&job->bytes);
    tr_out_deinit(&job->told);
    free(job);
}

/* {Priority, DeadlineMs, Retries} */
static bool read_how(const struct tri_pool_server *pool, tr_term how, struct tri_job *job)
{
    int64_t priority, deadline_ms, retries;
    if (tr_match(how, "{Priority, Deadline, Retries}", &priority, &deadline_ms, &retries) ||
        priority < -TR_PRIORITY_MAX || priority > TR_PRIORITY_MAX || retries > UINT32_MAX)
        return false;
    job->priority = (int)priority;
    job->deadline_ms = deadline_ms != 0 ? deadline_ms : pool->spec.deadline_ms;
    job->retries = retries > 0 ? (unsigned)retries : retries < 0 ? 0 : pool->spec.retries;
    return true;
}

static struct tri_pool_job *new_job(struct tri_pool_server *pool, tr_pid pid, tr_ref result,
                                    tr_term bytes)
{
    struct tri_pool_job *job = calloc(1, sizeof *job);
    struct tri_pool_client *client = job ? client_of(pool, pid) : NULL;
    if (!client || tr_out_copy(&job->bytes, bytes)) {
        free(job);
        return NULL;
    }
    job->client = client;
    job->result = result;
    job->submitted_ns = pool->crew.now_ns;
    TAILQ_INSERT_TAIL(&client->jobs, job, in_client);
    HASH_ADD(by_result, pool->by_result, result, sizeof job->result, job);
    return job;
}

/* Can it be a frame of a program's? */
static bool fits(const struct tri_pool_server *pool, tr_term job)
{
    struct tri_bytes bytes = {0};
    if (!pool->spec.is_program)
        return true;
    bool is_fit = tri_iodata_append(&bytes, job) == 0;
    if (is_fit && pool->spec.framing == TR_FRAMING_LINE)
        is_fit = !bytes.data || !memchr(bytes.data, '\n', bytes.size_bytes);
    tri_bytes_deinit(&bytes);
    return is_fit;
}

struct tr_step tri_pool_submit_call(struct tri_pool_server *pool, const struct tr_from *from,
                                    const tr_ref *result, tr_term how, tr_term bytes)
{
    struct tri_job wanted = {.priority = 0};
    tr_ref asker;
    if (!tri_pool_alias_of(from, &asker) || !read_how(pool, how, &wanted))
        return tr_answer("{error, badarg}");
    struct tri_pool_job *job = new_job(pool, tr_from_pid(from), result ? *result : asker, bytes);
    if (!job)
        return tr_answer("{error, system_limit}");
    job->job = wanted;
    if (result)
        job->ack = asker;
    if (fits(pool, bytes))
        tri_crew_submit(&pool->crew, &job->job);
    else
        tri_crew_submit_unfit(&pool->crew, &job->job);
    if (job->job.state != TRI_JOB_HELD)
        tri_pool_admit(pool, job);
    return tr_noreply();
}

int tri_pool_cancel_job(struct tri_pool_server *pool, tr_ref result, bool kills)
{
    struct tri_pool_job *job;
    HASH_FIND(by_result, pool->by_result, &result, sizeof result, job);
    return job ? tri_crew_cancel(&pool->crew, &job->job, kills) : TR_FIRED;
}

/* ---------------------------------------------------------------- telling */

/* 0; TR_BUSY: there is no room, or no memory: later. */
static int send(tr_ref alias, tr_term term)
{
    return tr_send_term(tri_to_alias(alias), term, TR_SEND_NOWAIT) ? TR_BUSY : 0;
}

/* Says what there is to say. False: not all. */
static bool say(struct tri_pool_job *job)
{
    if (job->client && job->ack.number) {
        if (tr_send_nowait(job->ack, "{[alias | Ref], ok}", job->ack))
            return false;
        job->ack.number = 0;
    }
    if (!job->client || job->job.state != TRI_JOB_ENDED || job->told.size_bytes == 0)
        return true;
    return send(job->result, tr_out_term(&job->told)) == 0;
}

/* Says it, and forgets a job that has ended when it is said; else later. */
static void say_or_keep(struct tri_pool_server *pool, struct tri_pool_job *job)
{
    struct tri_pool_client *client = job->client;
    bool is_stuck = client && client->stuck_at == pool->acts;
    if (is_stuck || !say(job)) {
        if (client)
            client->stuck_at = pool->acts;
        TAILQ_INSERT_TAIL(&pool->unsent, job, in_unsent);
        pool->unsent_count++;
        job->is_unsent = true;
    } else if (job->job.state == TRI_JOB_ENDED) {
        tri_crew_told(&pool->crew, &job->job);
        free_job(pool, job);
    }
}

static void take_out_of_unsent(struct tri_pool_server *pool, struct tri_pool_job *job)
{
    if (!job->is_unsent)
        return;
    TAILQ_REMOVE(&pool->unsent, job, in_unsent);
    pool->unsent_count--;
    job->is_unsent = false;
}

void tri_pool_admit(struct tri_pool_server *pool, struct tri_pool_job *job)
{
    if (job->job.state != TRI_JOB_ENDED) /* else both are said at once */
        say_or_keep(pool, job);
}

void tri_pool_send_on(struct tri_pool_server *pool)
{
    for (size_t left = pool->unsent_count; left > 0; left--) {
        struct tri_pool_job *job = TAILQ_FIRST(&pool->unsent);
        take_out_of_unsent(pool, job);
        say_or_keep(pool, job);
    }
}

/* ---------------------------------------------------------------- what is told */

static uint64_t to_ms(uint64_t ns) { return (ns + TRI_NS_PER_MS / 2) / TRI_NS_PER_MS; }

/* {[alias | Ref], {Kind, What, Info}}, of which What is put by the caller. */
static void begin_told(struct tri_pool_job *job, const char *kind)
{
    struct tr_out *out = &job->told;
    tr_out_reset(out);
    tr_put_tuple_of(out, 2);
    tr_put(out, "[alias | Ref]", job->result);
    tr_put_tuple_of(out, 3);
    tr_put_atom(out, kind);
}

static void end_told(const struct tri_pool_server *pool, struct tri_pool_job *job)
{
    uint64_t ms = to_ms(pool->crew.now_ns - job->submitted_ns);
    tr_put_map_of(&job->told, 4);
    tr_put_atom(&job->told, "delivery");
    tr_put_atom(&job->told, tri_delivery_words[pool->crew.options.delivery]);
    tr_put_atom(&job->told, "ms");
    tr_put_unsigned(&job->told, ms);
    tr_put_atom(&job->told, "run_ms");
    tr_put_unsigned(&job->told, to_ms(job->run_ns));
    tr_put_atom(&job->told, "tries");
    tr_put_unsigned(&job->told, job->job.tries);
}

void tri_pool_note_answer(struct tri_pool_server *pool, struct tri_pool_job *job, tr_term answer)
{
    job->run_ns = pool->crew.now_ns - job->given_ns;
    tri_figures_done(&pool->figures, job->run_ns);
    begin_told(job, "ok");
    tr_put_term(&job->told, answer);
    end_told(pool, job);
}

void tri_pool_note_death(struct tri_pool_job *job, tr_term reason)
{
    struct tr_out copy = {0};
    struct tr_out *deaths = realloc(job->deaths, (job->death_count + 1) * sizeof *deaths);
    if (deaths)
        job->deaths = deaths;
    if (!deaths || tr_out_copy(&copy, reason))
        return;
    deaths[job->death_count++] = copy;
}

static tr_term last_death(const struct tri_pool_job *job)
{
    return job->death_count > 0 ? tr_out_term(&job->deaths[job->death_count - 1])
                                : TRI_ATOM_TERM("unknown");
}

/* The ids of crash reports in the reasons: {…, #{report => Id}}. */
static void put_reports(struct tr_out *out, const struct tri_pool_job *job)
{
    tr_term info, id;
    for (unsigned i = 0; i < job->death_count; i++) {
        tr_term reason = tr_out_term(&job->deaths[i]);
        if ((tr_match(reason, "{_, _, Info}", &info) == 0 ||
             tr_match(reason, "{_, Info}", &info) == 0) &&
            tr_kind_of(info) == TR_KIND_MAP && tr_map_get_atom(info, "report", &id)) {
            tr_put_list_of(out, 1);
            tr_put_term(out, id);
        }
    }
    tr_put_nil(out);
}

static void put_reasons(struct tr_out *out, const struct tri_pool_job *job)
{
    tr_put_list_of(out, job->death_count);
    for (unsigned i = 0; i < job->death_count; i++)
        tr_put_term(out, tr_out_term(&job->deaths[i]));
    tr_put_nil(out);
}

/* What is kept with a job that is set aside. */
static void put_meta(struct tr_out *out, const struct tri_pool_server *pool,
                     const struct tri_pool_job *job)
{
    char name[TRI_SYS_NAME_BYTES];
    const struct tri_process *process = tri_process_here();
    struct tri_row row;
    const char *image = "";
    if (tri_table_read(&process->table, tr_pid_slot(process->self), &row) && row.image < TRI_IMAGES)
        image = process->table.header->images[row.image];
    tr_put_map_of(out, 8);
    tr_put_atom(out, "pool");
    tr_put_text(out, tri_sys_name(name));
    tr_put_atom(out, "image");
    tr_put_text(out, image);
    tr_put_atom(out, "worker");
    tri_spec_put(out, &pool->spec.worker);
    tr_put_atom(out, "kills");
    tr_put_unsigned(out, job->job.kills);
    tr_put_atom(out, "tries");
    tr_put_unsigned(out, job->job.tries);
    tr_put_atom(out, "reasons");
    put_reasons(out, job);
    tr_put_atom(out, "reports");
    put_reports(out, job);
    tr_put_atom(out, "time");
    tr_put_unsigned(out, tri_clock_wall_ns() / TRI_NS_PER_S);
}

static void put_fault(struct tr_out *out, int r)
{
    if (r == TR_TOO_LARGE)
        tr_put_atom(out, "too_large");
    else
        tri_death_put_errno(out, r == TR_REFUSED ? EPERM : -r);
}

/* {quarantined, Id, Reason}, or {quarantine_failed, Why, Reason} */
static void put_quarantined(struct tri_pool_server *pool, struct tri_pool_job *job)
{
    TRI_AUTO(tr_out_deinit) struct tr_out meta = {0};
    char id[TRI_KEEPSAKE_ID_BYTES];
    put_meta(&meta, pool, job);
    int r =
        meta.fault ? -ENOMEM : tri_quarantine_put(tr_out_term(&job->bytes), tr_out_term(&meta), id);
    if (r)
        tri_error("a job has killed %u workers, and cannot be kept in the quarantine: %s",
                  job->job.kills, tr_strerror(r));
    else
        tri_warn("a job has killed %u workers, and lies in the quarantine as %s", job->job.kills,
                 id);
    if (r == 0) {
        tr_put(&job->told, "{quarantined, Id, Reason}", (const char *)id, last_death(job));
        return;
    }
    tr_put_tuple_of(&job->told, 3);
    tr_put_atom(&job->told, "quarantine_failed");
    put_fault(&job->told, r);
    tr_put_term(&job->told, last_death(job));
}

static void put_reason(struct tri_pool_server *pool, struct tri_pool_job *job)
{
    switch (job->job.end) {
    case TRI_JOB_DONE: /* its answer was too large for the memory */
        tr_put_atom(&job->told, "system_limit");
        break;
    case TRI_JOB_DIED:
    case TRI_JOB_LATE:
        tr_put_term(&job->told, last_death(job));
        break;
    case TRI_JOB_QUARANTINED:
        put_quarantined(pool, job);
        break;
    case TRI_JOB_CANCELLED:
        tr_put_atom(&job->told, "cancelled");
        break;
    case TRI_JOB_DROPPED:
        tr_put_atom(&job->told, "dropped");
        break;
    case TRI_JOB_REFUSED:
        tr_put_atom(&job->told, "refused");
        break;
    case TRI_JOB_UNFIT:
        if (job->is_too_large)
            tr_put_atom(&job->told, "system_limit");
        else
            tr_put(&job->told, "{badarg, job}");
        break;
    case TRI_JOB_ENDS:
        break;
    }
}

void tri_pool_tell(struct tri_pool_server *pool, struct tri_pool_job *job)
{
    if (job->job.end != TRI_JOB_DONE || job->told.fault) {
        begin_told(job, "error");
        put_reason(pool, job);
        end_told(pool, job);
        if (job->told.fault) {
            tr_out_deinit(&job->told);
            tr_put(&job->told, "{[alias | Ref], {error, system_limit, #{}}}", job->result);
        }
    }
    tri_figures_ended(&pool->figures, pool->crew.now_ns);
    take_out_of_unsent(pool, job);
    say_or_keep(pool, job);
}
