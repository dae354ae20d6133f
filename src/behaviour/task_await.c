/* Awaiting a task, several, or the end of one: all of it is waiting for the responses to requests. */
#include <errno.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/panic.h"
#include "behaviour/question.h"
#include "behaviour/requests.h"
#include "troupe/task.h"

/* ---------------------------------------------------------------- awaiting one */

/* Only the owner hears of a task: anybody else would wait for ever. */
static void assert_owned(const struct tr_task *task)
{
    tr_pid owner = task->request.ref.owner;
    if (task->request.ref.number && !tr_pid_equal(owner, tr_self()))
        tri_panic("a task is awaited by another process than its owner");
}

/* A task has lived; so that there is no such process can only be what it says itself. */
static int outcome_of(int r) { return r == TR_NOPROC ? TR_DOWN : r; }

/* deadline_ns as in tri_wait_responses. */
static int yield(struct tr_task *task, uint64_t deadline_ns, struct tr_reply *ret_reply)
{
    assert_owned(task);
    int r = outcome_of(tri_wait_responses(&task->request, 1, deadline_ns, NULL, ret_reply));
    if (r == 0 || r == TR_DOWN)
        task->pid = TR_NO_PID;
    else if (ret_reply)
        tri_reply_atom(ret_reply, r == TR_TIMEOUT ? "timeout" : "noproc");
    return r;
}

static void give_up(struct tr_task *task)
{
    tr_abandon_request(&task->request);
    task->pid = TR_NO_PID;
}

int tr_task_yield(struct tr_task *task, int64_t timeout_ms, struct tr_reply *ret_reply)
{
    return yield(task, tri_wait_deadline_ns(timeout_ms), ret_reply);
}

int tr_task_await(struct tr_task *task, int64_t timeout_ms, struct tr_reply *ret_reply)
{
    int r = tr_task_yield(task, timeout_ms, ret_reply);
    if (r == TR_TIMEOUT)
        give_up(task);
    return r;
}

void tr_task_await_or_exit(struct tr_task *task, int64_t timeout_ms, struct tr_reply *ret_reply)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply unwanted = {.message = NULL};
    struct tr_reply *reply = ret_reply ? ret_reply : &unwanted;
    tr_pid pid = task->pid;
    if (tr_task_await(task, timeout_ms, reply) == 0)
        return;
    if (timeout_ms < 0)
        tr_exit("{Why, {task, await, [Pid, infinity]}}", reply->term, pid);
    tr_exit("{Why, {task, await, [Pid, Timeout]}}", reply->term, pid, timeout_ms);
}

int tr_task_check(tr_term message, struct tr_task *task, struct tr_reply *ret_reply)
{
    assert_owned(task);
    int r = outcome_of(tr_check_response(message, &task->request, ret_reply));
    if (r == 0 || r == TR_DOWN)
        task->pid = TR_NO_PID;
    return r;
}

/* ---------------------------------------------------------------- ending one */

void tr_task_ignore(struct tr_task *task)
{
    assert_owned(task);
    if (!tr_pid_is_none(task->pid))
        tr_unlink(task->pid);
    give_up(task);
}

/* Did it end by the signal that it was sent? */
static bool is_by_shutdown(tr_term reason, bool is_kill)
{
    return tr_is_atom(reason, is_kill ? "killed" : "shutdown");
}

/* A monitor of its own tells that the task is dead: the task's may have ended with its result. */
static void end(tr_pid pid, bool is_kill, uint64_t deadline_ns)
{
    tr_ref monitor;
    bool is_over = false, was_killed = is_kill;
    tr_unlink(pid);
    if (is_kill)
        tr_exit_process(pid, "kill");
    else
        tr_exit_process(pid, "shutdown");
    if (tr_monitor(pid, &monitor))
        return;
    while (!is_over)
        tr_receive_since(monitor)
        {
            tr_case("{'DOWN', Ref, process, _, _}", monitor)
                is_over = true;
            tr_after(was_killed ? -1 : tri_poll_timeout_ms(deadline_ns)) {
                if (tri_clock_ns() < deadline_ns)
                    continue;
                tr_exit_process(pid, "kill");
                was_killed = true;
            }
        }
}

int tr_task_shutdown(struct tr_task *task, int64_t timeout_ms, struct tr_reply *ret_reply)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply unwanted = {.message = NULL};
    struct tr_reply *reply = ret_reply ? ret_reply : &unwanted;
    bool is_kill = timeout_ms == TR_SHUTDOWN_BRUTAL_KILL;
    assert_owned(task);
    if (!tr_pid_is_none(task->pid))
        end(task->pid, is_kill, tri_deadline_ns(timeout_ms));
    int r = yield(task, TRI_NEVER, reply);
    return r == TR_DOWN && is_by_shutdown(reply->term, is_kill) ? TR_TIMEOUT : r;
}

/* ---------------------------------------------------------------- many */

/* Waits for several. Ends at the first that has failed, if told so.
 *   requests   a copy of the tasks' requests, of which those become none that are answered
 *   ret_which  the task that has answered last */
static int yield_to_all(struct tr_task *tasks, struct tr_request *requests, size_t count,
                        uint64_t deadline_ns, bool ends_at_failure, int *results,
                        struct tr_reply *ret_replies, size_t *ret_which)
{
    for (;;) {
        TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
        size_t which;
        int r = outcome_of(tri_wait_responses(requests, count, deadline_ns, &which, &reply));
        if (r == TR_FIRED) /* there is none left */
            return 0;
        if (r != 0 && r != TR_DOWN)
            return r;
        tasks[which] = (struct tr_task){.pid = TR_NO_PID};
        if (results)
            results[which] = r;
        if (ret_replies) {
            tr_reply_deinit(&ret_replies[which]);
            ret_replies[which] = reply;
            reply = (struct tr_reply){.message = NULL};
        }
        if (r == TR_DOWN && ends_at_failure) {
            *ret_which = which;
            return r;
        }
    }
}

/* A copy of the tasks' requests. The caller frees it. NULL: no memory. */
static struct tr_request *requests_of(const struct tr_task *tasks, size_t count)
{
    struct tr_request *requests = calloc(count + 1, sizeof *requests);
    for (size_t i = 0; requests && i < count; i++) {
        assert_owned(&tasks[i]);
        requests[i] = tasks[i].request;
    }
    return requests;
}

/* The first that has not answered. */
static size_t first_of(const struct tr_task *tasks, size_t count)
{
    size_t first = 0;
    while (first < count && tasks[first].request.ref.number == 0)
        first++;
    return first;
}

int tr_task_await_many(struct tr_task *tasks, size_t count, int64_t timeout_ms,
                       struct tr_reply *ret_replies, size_t *ret_which)
{
    TRI_AUTO(tri_freep) struct tr_request *requests = requests_of(tasks, count);
    size_t which = 0;
    if (!requests)
        return -ENOMEM;
    int r = yield_to_all(tasks, requests, count, tri_wait_deadline_ns(timeout_ms), true, NULL,
                         ret_replies, &which);
    if (r == 0)
        return 0;
    if (r != TR_DOWN)
        which = first_of(tasks, count);
    if (r == TR_TIMEOUT && ret_replies)
        tri_reply_atom(&ret_replies[which], "timeout");
    for (size_t i = 0; i < count; i++)
        give_up(&tasks[i]);
    if (ret_which)
        *ret_which = which;
    return r;
}

int tr_task_yield_many(struct tr_task *tasks, size_t count, int64_t timeout_ms, int *ret_results,
                       struct tr_reply *ret_replies)
{
    TRI_AUTO(tri_freep) struct tr_request *requests = requests_of(tasks, count);
    size_t which;
    if (!requests)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        ret_results[i] = tasks[i].request.ref.number ? TR_TIMEOUT : TR_FIRED;
    return yield_to_all(tasks, requests, count, tri_wait_deadline_ns(timeout_ms), false,
                        ret_results, ret_replies, &which);
}
