/* Worker: the loop around a function that does jobs. What its pool says and hears:
 *
 *     {'$job', Pool, Serial, Turn, Tries, Job}     to the worker; Serial and Turn are the pool's numbers
 *     {'$done', Serial, Turn, Answer}              to the pool
 *
 * A worker answers system messages between its jobs, and dies of its pool's exit signal whatever it does. */
#include <setjmp.h>

#include "base/panic.h"
#include "behaviour/replay.h"
#include "behaviour/report.h"
#include "behaviour/start.h"
#include "behaviour/sys.h"
#include "behaviour/task.h"
#include "process/exit.h"

enum { KEPT_BYTES = 1 << 20 }; /* of memory for answers, from one job to the next */

static struct worker {
    const char *entry;
    tr_worker_fn *run;
    struct tri_sys sys;
    tr_term argument;
    tr_term last; /* the message in hand; no bytes: none */
    unsigned tries;
    uint64_t jobs;
    struct tr_out result;
    const tr_term *only_job; /* of one that does just that, without a pool */
} here;                      /* a process runs one behaviour */

static struct worker *this_worker(void)
{
    if (!here.run)
        tri_panic("this process is no worker of a pool");
    return &here;
}

tr_term tr_worker_argument(void) { return this_worker()->argument; }

unsigned tr_worker_tries(void) { return this_worker()->tries; }

/* ---------------------------------------------------------------- for system messages */

static void put_state(struct tr_out *out, void *context)
{
    const struct worker *worker = context;
    tr_put(out, "#{jobs => N}", worker->jobs);
}

static void terminate(tr_term reason, void *context)
{
    (void)context;
    tr_exit_term(reason);
}

static const struct tri_sys_callbacks sys_callbacks = {.put_state = put_state,
                                                       .terminate = terminate};

static void before_exit(tr_term reason, void *context)
{
    struct worker *worker = context;
    tri_report_end(&worker->sys, reason, worker->last);
}

/* ---------------------------------------------------------------- jobs */

static void answer(struct worker *worker, tr_pid pool, uint64_t serial, uint64_t turn)
{
    tr_term term = tri_task_result(&worker->result);
    if (tr_send(pool, "{'$done', Serial, Turn, Answer}", serial, turn, term))
        tr_exit("system_limit");
    if (worker->result.capacity_bytes > KEPT_BYTES)
        tr_out_deinit(&worker->result);
}

static void handle(struct worker *worker, tr_term message)
{
    uint64_t serial, turn;
    tr_pid pool;
    tr_term job;
    if (tr_match(message, "{'$job', Pool, Serial, Turn, Tries, Job}", &pool, &serial, &turn,
                 &worker->tries, &job))
        return;
    tri_sys_got(&worker->sys, job);
    tr_out_reset(&worker->result);
    worker->run(job, &worker->result);
    worker->jobs++;
    answer(worker, pool, serial, turn);
}

/* ---------------------------------------------------------------- without a pool */

static jmp_buf has_done;

void tri_worker_do(const char *entry, tr_actor_fn *worker, tr_term argument, tr_term job,
                   struct tr_out *result)
{
    here.only_job = &job;
    if (setjmp(has_done) == 0)
        worker(argument); /* an entry does not return */
    *result = here.result;
    here = (struct worker){.entry = entry};
}

TR_NORETURN static void do_only_job(tr_worker_fn *run, tr_term argument)
{
    here.run = run;
    here.argument = argument;
    here.tries = 1;
    run(*here.only_job, &here.result);
    longjmp(has_done, 1);
}

/* ---------------------------------------------------------------- the entry */

TR_NORETURN void tri_worker_run(const char *entry, tr_worker_fn *run, tr_term argument)
{
    if (here.only_job)
        do_only_job(run, argument);
    struct tri_started started = tri_start_take(argument);
    struct worker *worker = &here;
    *worker = (struct worker){.entry = entry,
                              .run = run,
                              .argument = started.argument,
                              .sys = {.callbacks = &sys_callbacks,
                                      .context = &here,
                                      .kind = "worker",
                                      .module = entry,
                                      .parent = started.parent}};
    tri_exit_set_hook(tri_process_here(), before_exit, worker);
    tri_start_ack(&started);
    for (;;) {
        struct tr_message *message;
        if (tr_receive_select(NULL, NULL, -1, &message))
            tr_exit("noconnection");
        worker->last = tr_message_term(message);
        if (!tri_sys_take(&worker->sys, worker->last))
            handle(worker, worker->last);
        worker->last = (tr_term){.data = NULL};
        tr_message_free(message);
    }
}
