/* Task: a request that is born with its server. The argument names the monitor that is born with the task, which is the
 * alias for the answer too: so a result costs one message, and no connection from the owner to the task. */
#include "troupe/task.h"

#include "base/auto.h"
#include "behaviour/report.h"
#include "process/exit.h"
#include "process/monitor.h"
#include "process/spawn.h"

/* ---------------------------------------------------------------- the task */

struct running {
    const char *entry;
    tr_term argument;
};

/* Before the task ends by its own word, other than by returning. */
static void before_exit(tr_term reason, void *context)
{
    const struct running *running = context;
    tri_report_task(running->entry, reason, running->argument);
}

/* What the function has made: one term; nothing is ok. */
static tr_term take_result(struct tr_out *result)
{
    tr_term term;
    if (result->size_bytes == 0 && result->fault == 0)
        tr_put_atom(result, "ok");
    if (result->fault)
        tr_exit("system_limit");
    if (tr_check(result->data, result->size_bytes, NULL, &term))
        tr_exit("bad_return_value");
    return term;
}

void tri_task_run(const char *entry, tr_task_fn *run, tr_term argument)
{
    struct tr_out result = {0};
    struct tr_from owner;
    tr_term from, inner;
    bool has_owner = tr_match(argument, "{'$task', From, Argument}", &from, &inner) == 0 &&
                     tr_from_get(from, &owner);
    struct running running = {entry, has_owner ? inner : argument};
    tri_exit_set_hook(tri_process_here(), before_exit, &running);
    run(running.argument, &result);
    tr_term term = take_result(&result);
    int r = has_owner ? tr_reply_term(&owner, term) : 0;
    if (r)
        tr_exit("system_limit");
    tri_exit_set_hook(tri_process_here(), NULL, NULL);
    tr_out_deinit(&result);
}

/* ---------------------------------------------------------------- starting */

int tr_task_async_term(const char *entry, tr_term argument, struct tr_task *ret_task)
{
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    struct tri_process *process = tri_process_here();
    struct tr_task task;
    uint64_t number;
    int r = tri_monitor_enter(process, tri_to_pid(TR_NO_PID), TR_ALIAS_REPLY, &number);
    if (r)
        return r;
    task.request.ref = tri_process_ref(process, number);
    r = tr_put(&whole, "{'$task', {Self, [alias | Ref]}, Argument}", process->self,
               task.request.ref, argument);
    if (r)
        tri_watches_end_monitor(&process->watches, number);
    else
        r = tri_spawn_watched(entry, TR_SPAWN_LINK, tr_out_term(&whole), task.request.ref,
                              &task.pid);
    if (r == 0)
        *ret_task = task;
    return r;
}

int tri_task_async(const char *entry, struct tr_task *ret_task, struct tri_pattern **cache,
                   const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    tri_process_here();
    int r = tri_put(&argument, cache, pattern, holes);
    return r ? r : tr_task_async_term(entry, tr_out_term(&argument), ret_task);
}
