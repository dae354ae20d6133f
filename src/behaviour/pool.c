/* Pool: a server that tells the policy what has happened, and does what the policy wants. Nothing in it waits for a worker or
 * a client: what has no room is tried again, and the time until something is due is the server's time-out. */
#include "behaviour/pool.h"

#include <stdlib.h>

#include "base/auto.h"
#include "base/clock.h"
#include "behaviour/server.h"
#include "behaviour/step.h"
#include "behaviour/sys.h"
#include "term/tags.h"

enum { RETRY_MS = 10 }; /* of what had no room, when nothing wakes us up before */

static struct tri_pool_server here; /* a process runs one behaviour */

/* ---------------------------------------------------------------- doing what the policy wants */

static void tell_drained(struct tri_pool_server *pool)
{
    while (pool->drainers) {
        struct tri_pool_waiter *waiter = pool->drainers;
        pool->drainers = waiter->next;
        tri_pool_answer(pool, &waiter->from, TRI_ATOM_TERM("ok"));
        free(waiter);
    }
}

static void act(struct tri_pool_server *pool, const struct tri_crew_action *action)
{
    struct tri_pool_job *job = (struct tri_pool_job *)action->job;
    struct tri_pool_being *being = (struct tri_pool_being *)action->worker;
    switch (action->what) {
    case TRI_CREW_START:
        tri_pool_begin_worker(pool);
        break;
    case TRI_CREW_GIVE:
        tri_pool_give(pool, being, job);
        break;
    case TRI_CREW_STOP:
        tri_pool_stop_worker(pool, being);
        break;
    case TRI_CREW_KILL:
        tri_pool_kill_worker(being);
        break;
    case TRI_CREW_ADMIT:
        tri_pool_admit(pool, job);
        break;
    case TRI_CREW_TELL:
        tri_pool_tell(pool, job);
        break;
    case TRI_CREW_REPORT:
        tri_pool_report(pool);
        break;
    case TRI_CREW_DRAINED:
        tell_drained(pool);
        break;
    case TRI_CREW_ENDED:
        break;
    }
}

void tri_pool_act(struct tri_pool_server *pool)
{
    struct tri_crew_action action;
    pool->acts++;
    tri_pool_send_letters(pool);
    tri_pool_send_on(pool);
    while (tri_crew_next(&pool->crew, &action))
        act(pool, &action);
}

static int64_t time_left_ms(const struct tri_pool_server *pool)
{
    uint64_t due_ns = tri_crew_due_ns(&pool->crew);
    int left_ms = tri_poll_timeout_ms(due_ns);
    if (pool->unsent_count + pool->letter_count > 0 && (left_ms < 0 || left_ms > RETRY_MS))
        left_ms = RETRY_MS;
    return left_ms;
}

/* After a message: does what follows from it, and waits no longer than may be. */
static struct tr_step and_go_on(struct tri_pool_server *pool, struct tr_step step)
{
    tri_pool_act(pool);
    return tr_with_timeout(step, time_left_ms(pool));
}

/* ---------------------------------------------------------------- beginning */

struct news {
    const struct tri_pool_server *pool;
    tr_term reason; /* with which the parent ends it */
};

/* What a pool takes in that has no worker yet. */
static bool is_news(tr_term message, void *context)
{
    struct news *news = context;
    return tri_pool_is_of_life(news->pool, message) ||
           tri_sys_is_exit_of(tr_parent(), message, &news->reason);
}

/* Waits for one message about workers. False: the parent ends it. */
static bool await_news(struct tri_pool_server *pool)
{
    struct news news = {.pool = pool};
    struct tr_message *message;
    int r = tr_receive_select(is_news, &news, time_left_ms(pool), &message);
    if (r < 0)
        tr_exit("noconnection");
    tri_crew_time(&pool->crew, tri_clock_ns());
    bool goes_on = r || tri_pool_hear_of_life(pool, tr_message_term(message));
    if (r == 0)
        tr_message_free(message);
    tri_pool_act(pool);
    return goes_on;
}

/* Until the first worker runs. False: it ends before. */
static bool await_first(struct tri_pool_server *pool)
{
    const struct tri_crew *crew = &pool->crew;
    while (crew->counts_of[TRI_WORKER_IDLE] == 0) {
        if (crew->failures > 0 && !pool->lacks_room)
            return false;
        if (!await_news(pool))
            return false;
    }
    return true;
}

static void end(struct tri_pool_server *pool)
{
    tri_crew_time(&pool->crew, tri_clock_ns());
    tri_crew_end(&pool->crew);
    tri_pool_act(pool);
    while (!pool->crew.has_ended)
        await_news(pool);
}

static struct tr_step init(tr_term argument, void **ret_state)
{
    TRI_AUTO(tr_out_deinit) struct tr_out error = {0};
    struct tri_pool_server *pool = &here;
    tr_trap_exit(true);
    int r = tri_pool_spec_read(argument, &pool->spec, &error);
    if (r == TR_REFUSED)
        return tr_stop("Error", tr_out_term(&error));
    if (r)
        return tr_stop("system_limit");
    pool->crew.options = pool->spec.crew;
    TAILQ_INIT(&pool->unsent);
    TAILQ_INIT(&pool->letters);
    tri_crew_init(&pool->crew, tri_clock_ns());
    tri_figures_begin(&pool->figures, pool->crew.now_ns);
    tri_pool_act(pool);
    if (!await_first(pool)) {
        end(pool);
        if (pool->last_failure.size_bytes == 0)
            return tr_stop("shutdown");
        return tr_stop("{failed_to_start_worker, Why}", tr_out_term(&pool->last_failure));
    }
    *ret_state = pool;
    return tr_with_timeout(tr_ok(), time_left_ms(pool));
}

/* ---------------------------------------------------------------- callbacks */

static struct tr_step drain(struct tri_pool_server *pool, const struct tr_from *from)
{
    struct tri_pool_waiter *waiter = malloc(sizeof *waiter);
    if (!waiter)
        return tr_answer("{error, system_limit}");
    *waiter = (struct tri_pool_waiter){pool->drainers, *from};
    pool->drainers = waiter;
    tri_crew_drain(&pool->crew);
    if (pool->crew.has_told_drained)
        tell_drained(pool);
    return tr_noreply();
}

static struct tr_step figures(struct tri_pool_server *pool)
{
    TRI_AUTO(tr_out_deinit) struct tr_out out = {0};
    tri_pool_put_figures(&out, pool);
    return out.fault ? tr_answer("{error, system_limit}") : tr_answer("M", tr_out_term(&out));
}

static struct tr_step answer(struct tri_pool_server *pool, tr_term request,
                             const struct tr_from *from)
{
    tr_term how, job;
    tr_ref result;
    bool kills;
    unsigned size, max_size;
    if (tr_match(request, "{submit, Ref, How, Job}", &result, &how, &job) == 0)
        return tri_pool_submit_call(pool, from, &result, how, job);
    if (tr_match(request, "{run, How, Job}", &how, &job) == 0)
        return tri_pool_submit_call(pool, from, NULL, how, job);
    if (tr_match(request, "{cancel, Ref, Kills}", &result, &kills) == 0)
        return tr_answer("R", tri_pool_cancel_job(pool, result, kills));
    if (tr_match(request, "{resize, Size, Max}", &size, &max_size) == 0)
        return tri_crew_resize(&pool->crew, size, max_size) ? tr_answer("ok")
                                                            : tr_answer("{error, badarg}");
    if (tr_is_atom(request, "drain"))
        return drain(pool, from);
    if (tr_is_atom(request, "statistics"))
        return figures(pool);
    return tr_answer("{error, {unknown_request, R}}", request);
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    struct tri_pool_server *pool = state;
    tri_crew_time(&pool->crew, tri_clock_ns());
    struct tr_step step = answer(pool, request, from);
    if (step.has_reply)
        tri_pool_answer(pool, from, tri_step_reply_term());
    return and_go_on(pool, tr_noreply());
}

/* Who waited for a result waits no longer. */
static struct tr_step handle_cast(tr_term message, void *state)
{
    struct tri_pool_server *pool = state;
    tr_ref result;
    tri_crew_time(&pool->crew, tri_clock_ns());
    if (tr_match(message, "{cancel, Ref}", &result) == 0)
        tri_pool_cancel_job(pool, result, true);
    return and_go_on(pool, tr_noreply());
}

/* What is nobody's, such as the EXIT of a worker, whose DOWN counts, is dropped. */
static struct tr_step handle_info(tr_term message, void *state)
{
    struct tri_pool_server *pool = state;
    tr_ref ref;
    tr_pid pid;
    tri_crew_time(&pool->crew, tri_clock_ns());
    if (!tri_pool_hear_answer(pool, message) && !tri_pool_hear_of_life(pool, message) &&
        tr_match(message, "{'DOWN', Ref, process, Pid, _}", &ref, &pid) == 0)
        tri_pool_client_died(pool, pid, ref);
    return and_go_on(pool, tr_noreply());
}

static void terminate(tr_term reason, void *state)
{
    (void)reason;
    end(state);
}

static void put_state(struct tr_out *out, const void *state)
{
    (void)state;
    tri_pool_put_figures(out, &here);
}

static const struct tr_server_callbacks callbacks = {
    .init = init,
    .handle_call = handle_call,
    .handle_cast = handle_cast,
    .handle_info = handle_info,
    .terminate = terminate,
    .put_state = put_state,
};

void tri_pool_of_term(tr_term argument) { tri_server_run(TR_POOL_ENTRY, &callbacks, argument); }
