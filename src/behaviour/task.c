/* Task: a request that is born with its server. The argument names the monitor that is born with the task, which is the
 * alias for the answer too: so a result costs one message, and no connection from the owner to the task. */
#include "behaviour/task.h"

#include "base/auto.h"
#include "behaviour/report.h"
#include "behaviour/spec.h"
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

const char *tri_task_judge(struct tr_out *result, tr_term *ret_term)
{
    if (result->size_bytes == 0 && result->fault == 0)
        tr_put_atom(result, "ok");
    if (result->fault)
        return "system_limit";
    return tr_check(result->data, result->size_bytes, NULL, ret_term) ? "bad_return_value" : NULL;
}

tr_term tri_task_result(struct tr_out *result)
{
    struct tr_out word = {0};
    tr_term term;
    const char *reason = tri_task_judge(result, &term);
    if (!reason)
        return term;
    tr_put_atom(&word, reason);
    tr_exit_term(tr_out_term(&word));
}

/* A supervised task is told by its owner whom to answer, once the owner watches it. */
static void await_owner(tr_pid pid, struct tr_from *ret_owner)
{
    tr_ref monitor;
    tr_term from, reason;
    bool is_told = false;
    if (tr_monitor(pid, &monitor))
        tr_exit("system_limit");
    while (!is_told)
        tr_receive {
            tr_case("{'$task', From}", &from)
                is_told = tr_from_get(from, ret_owner);
            tr_case("{'DOWN', Ref, process, _, Reason}", monitor, &reason)
                tr_exit("{shutdown, Reason}", reason);
        }
    tr_demonitor(monitor, TR_DEMONITOR_FLUSH, NULL);
}

/* Takes apart what a task was started with. False: nobody waits for its result. */
static bool find_owner(tr_term *argument, struct tr_from *ret_owner)
{
    tr_term whom, inner;
    tr_pid pid;
    if (tr_match(*argument, "{'$task', Owner, Argument}", &whom, &inner))
        return false;
    if (tr_get_pid(whom, &pid))
        await_owner(pid, ret_owner);
    else if (!tr_from_get(whom, ret_owner))
        return false;
    *argument = inner;
    return true;
}

void tri_task_run(const char *entry, tr_task_fn *run, tr_term argument)
{
    struct tr_out result = {0};
    struct tr_from owner;
    struct running running = {entry, argument};
    bool has_owner = find_owner(&running.argument, &owner);
    tri_exit_set_hook(tri_process_here(), before_exit, &running);
    run(running.argument, &result);
    tr_term term = tri_task_result(&result);
    int r = has_owner ? tr_reply_term(&owner, term) : 0;
    if (r)
        tr_exit("system_limit");
    tri_exit_set_hook(tri_process_here(), NULL, NULL);
    tr_out_deinit(&result);
}

/* ---------------------------------------------------------------- starting */

/* Enters what a task is known by, and makes its argument, which names that. After a failure nothing is entered. */
static int begin(tr_term argument, tr_ref *ret_ref, struct tr_out *ret_whole)
{
    struct tri_process *process = tri_process_here();
    uint64_t number;
    int r = tri_monitor_enter(process, tri_to_pid(TR_NO_PID), TR_ALIAS_REPLY, &number);
    if (r)
        return r;
    *ret_ref = tri_process_ref(process, number);
    r = tr_put(ret_whole, "{'$task', {Self, [alias | Ref]}, Argument}", process->self, *ret_ref,
               argument);
    if (r)
        tri_watches_end_monitor(&process->watches, number);
    return r;
}

int tr_task_async_term(const char *entry, tr_term argument, struct tr_task *ret_task)
{
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    struct tr_task task;
    int r = begin(argument, &task.request.ref, &whole);
    if (r == 0)
        r = tri_spawn_watched(entry, tr_out_term(&whole), task.request.ref, &task.pid);
    if (r == 0)
        *ret_task = task;
    return r;
}

int tri_task_request(const char *entry, tr_term argument, tr_ref *ret_ref)
{
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    int r = begin(argument, ret_ref, &whole);
    return r ? r : tri_spawn_request_watched(entry, tr_out_term(&whole), *ret_ref);
}

int tri_task_async(const char *entry, struct tr_task *ret_task, struct tri_pattern **cache,
                   const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    tri_process_here();
    int r = tri_put(&argument, cache, pattern, holes);
    return r ? r : tr_task_async_term(entry, tr_out_term(&argument), ret_task);
}

/* ---------------------------------------------------------------- supervised */

int tri_task_adopt(struct tr_task *task, unsigned flags)
{
    if (flags & TR_SPAWN_LINK)
        tr_link(task->pid);
    int r = tr_monitor_alias(task->pid, TR_ALIAS_REPLY, &task->request.ref);
    if (r)
        return r;
    r = tr_send(task->pid, "{'$task', {Self, [alias | Ref]}}", tr_self(), task->request.ref);
    if (r)
        tr_task_shutdown(task, TR_SHUTDOWN_BRUTAL_KILL, NULL);
    return r;
}

static struct tr_child child_of(const char *entry)
{
    return (struct tr_child){.entry = entry, .restart = TR_TEMPORARY, .is_plain_actor = true};
}

int tri_task_request_supervised(struct tr_to supervisor, const char *entry, tr_term argument,
                                struct tr_request *ret_request)
{
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0}, spec = {0};
    const struct tr_child child = child_of(entry);
    int r = tr_put(&whole, "{'$task', Self, Argument}", tr_self(), argument);
    if (r)
        return r;
    tri_child_put(&spec, &child, tr_out_term(&whole));
    if (spec.fault)
        return spec.fault;
    static struct tri_pattern *cache;
    return tri_send_request(supervisor, ret_request, &cache, "{start_child, Spec}",
                            TRI_HOLES(tr_out_term(&spec)));
}

int tri_task_async_supervised(struct tr_to supervisor, unsigned flags, const char *entry,
                              struct tr_task *ret_task, struct tr_reply *ret_reply,
                              struct tri_pattern **cache, const char *pattern,
                              struct tr_holes holes)
{
    static struct tri_pattern *child_cache;
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    const struct tr_child child = child_of(entry);
    struct tr_task task = {.pid = TR_NO_PID};
    int r = tri_put(&argument, cache, pattern, holes);
    if (r == 0)
        r = tri_supervisor_start_child(supervisor, &child, &task.pid, ret_reply, &child_cache,
                                       "{'$task', Self, Argument}",
                                       TRI_HOLES(tr_self(), tr_out_term(&argument)));
    if (r == 0)
        r = tri_task_adopt(&task, flags);
    if (r == 0)
        *ret_task = task;
    return r;
}
