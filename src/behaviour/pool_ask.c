/* Asking a pool. Submitting is two things at once: a call, which is answered when the pool has taken the job, and a request,
 * whose response is the job's result; the request's monitor is made first, so that whoever dies between them is heard of. */
#include <errno.h>

#include "base/auto.h"
#include "base/panic.h"
#include "behaviour/question.h"
#include "process/runtime.h"
#include "troupe/pool.h"

int tr_pool_start(const struct tr_pool_options *options, unsigned flags,
                  const struct tr_start_options *start, tr_pid *ret_pid, tr_ref *ret_monitor)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    tri_process_here();
    tr_pool_put(&argument, options);
    if (argument.fault)
        return argument.fault;
    return tr_server_start_term(TR_POOL_ENTRY, flags, start, tr_out_term(&argument), ret_pid,
                                ret_monitor);
}

int tri_pool_stop(struct tr_to pool, int64_t timeout_ms)
{
    static struct tri_pattern *cache;
    return tri_server_stop(pool, timeout_ms, NULL, &cache, "normal", TRI_HOLES());
}

/* ---------------------------------------------------------------- jobs */

/* {Priority, DeadlineMs, Retries} */
static void put_how(struct tr_out *out, const struct tr_job_options *options)
{
    static const struct tr_job_options none;
    options = options ? options : &none;
    if (options->priority < -TR_PRIORITY_MAX || options->priority > TR_PRIORITY_MAX)
        tri_panic("a job has priority %d", options->priority);
    tr_put(out, "{Priority, Deadline, Retries}", options->priority, options->deadline_ms,
           options->retries);
}

/* What an answer other than a result means. */
static int judge(tr_term answer)
{
    if (tr_is_atom(answer, "ok"))
        return 0;
    return tr_match(answer, "{error, system_limit}") == 0 ? -ENOMEM : TR_NO_MATCH;
}

static int submit(tr_pid pool, const struct tr_job_options *options, tr_ref result, tr_term job)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    struct tri_question question = tri_question_begin("$gen_call", tr_alias(TR_ALIAS_REPLY));
    tr_put_tuple_of(question.out, 4);
    tr_put_atom(question.out, "submit");
    tr_put_ref(question.out, result);
    put_how(question.out, options);
    tr_put_term(question.out, job);
    int r = tri_question_ask(&question, tri_to_pid(pool), -1, &reply);
    return r ? r : judge(reply.term);
}

int tri_pool_submit(struct tr_to pool, const struct tr_job_options *options,
                    struct tr_request *ret_request, struct tri_pattern **cache, const char *pattern,
                    struct tr_holes holes)
{
    TRI_AUTO(tr_out_deinit) struct tr_out job = {0};
    tr_pid pid = tri_to_whom(tri_process_here(), pool);
    struct tr_request request;
    int r = tri_put(&job, cache, pattern, holes);
    if (r)
        return r;
    if (tr_pid_is_none(pid))
        return TR_NOPROC;
    r = tr_monitor_alias(pid, TR_ALIAS_REPLY, &request.ref);
    if (r)
        return r;
    r = submit(pid, options, request.ref, tr_out_term(&job));
    if (r)
        tr_abandon_request(&request);
    else
        *ret_request = request;
    return r;
}

int tri_pool_run(struct tr_to pool, int64_t timeout_ms, const struct tr_job_options *options,
                 struct tr_reply *ret_reply, struct tri_pattern **cache, const char *pattern,
                 struct tr_holes holes)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply unwanted = {.message = NULL};
    struct tr_reply *reply = ret_reply ? ret_reply : &unwanted;
    pool = tri_to_pid(tri_to_whom(tri_process_here(), pool));
    tr_ref ref = tr_alias(TR_ALIAS_REPLY);
    struct tri_question question = tri_question_begin("$gen_call", ref);
    tr_put_tuple_of(question.out, 3);
    tr_put_atom(question.out, "run");
    put_how(question.out, options);
    int r = tri_put(question.out, cache, pattern, holes);
    if (r == 0)
        r = tri_question_ask(&question, pool, timeout_ms, reply);
    else
        tr_unalias(ref);
    if (r == TR_TIMEOUT) {
        static struct tri_pattern *cancel;
        tri_cast(pool, &cancel, "{cancel, Ref}", TRI_HOLES(ref));
    }
    if (r || tr_match(reply->term, "{_, _, _}") == 0)
        return r;
    return judge(reply->term);
}

/* ---------------------------------------------------------------- looking and steering */

int tri_pool_cancel(struct tr_to pool, const struct tr_request *request, bool kills)
{
    static struct tri_pattern *cache;
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    int answer;
    if (request->ref.number == 0)
        return TR_FIRED;
    int r =
        tri_call(pool, -1, &reply, &cache, "{cancel, Ref, Kills}", TRI_HOLES(request->ref, kills));
    if (r)
        return r;
    return tr_match(reply.term, "R", &answer) ? TR_NO_MATCH : answer;
}

int tri_pool_resize(struct tr_to pool, unsigned size, unsigned max_size)
{
    static struct tri_pattern *cache;
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    int r = tri_call(pool, -1, &reply, &cache, "{resize, Size, Max}",
                     TRI_HOLES(size, max_size ? max_size : size));
    if (r == 0 && tr_match(reply.term, "{error, badarg}") == 0)
        return TR_REFUSED;
    return r ? r : judge(reply.term);
}

int tri_pool_drain(struct tr_to pool, int64_t timeout_ms)
{
    static struct tri_pattern *cache;
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    int r = tri_call(pool, timeout_ms, &reply, &cache, "drain", TRI_HOLES());
    return r ? r : judge(reply.term);
}

static bool read_statistics(tr_term map, struct tr_pool_statistics *statistics)
{
    struct tr_pool_statistics *s = statistics;
    const struct {
        const char *key;
        uint64_t *value;
    } numbers[] = {
        {"submitted", &s->submitted},
        {"done", &s->done},
        {"failed", &s->failed},
        {"quarantined", &s->quarantined},
        {"dropped", &s->dropped},
        {"refused", &s->refused},
        {"cancelled", &s->cancelled},
        {"retried", &s->retried},
        {"deaths", &s->deaths},
        {"recycled", &s->recycled},
        {"queued", &s->queued},
        {"running", &s->running},
        {"size", &s->size},
        {"starting", &s->starting},
        {"idle", &s->idle},
        {"busy", &s->busy},
        {"stopping", &s->stopping},
        {"run_us", &s->run_us},
        {"run_p50_us", &s->run_p50_us},
        {"run_p99_us", &s->run_p99_us},
        {"wait_us", &s->wait_us},
    };
    tr_term term;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(numbers); i++)
        if (!tr_map_get_atom(map, numbers[i].key, &term) ||
            !tr_get_unsigned(term, numbers[i].value))
            return false;
    return tr_map_get_atom(map, "rate", &term) && tr_get_float(term, &s->rate) &&
           tr_map_get_atom(map, "is_draining", &term) && tr_get_bool(term, &s->is_draining);
}

int tri_pool_statistics(struct tr_to pool, struct tr_pool_statistics *ret_statistics)
{
    static struct tri_pattern *cache;
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    struct tr_pool_statistics statistics;
    int r = tri_call(pool, -1, &reply, &cache, "statistics", TRI_HOLES());
    if (r)
        return r;
    if (tr_kind_of(reply.term) != TR_KIND_MAP || !read_statistics(reply.term, &statistics))
        return TR_NO_MATCH;
    *ret_statistics = statistics;
    return 0;
}
