/* Tasks: a computation in a process of its own, whose result is awaited, Elixir's Task.
 *
 *     #include <troupe.h>
 *
 *     TR_TASK(square)                       `argument` is the term that it was started with; what is put into `result`
 *     {                                     is what its owner gets
 *         long n = 0;
 *         tr_get_integer(argument, &n);
 *         tr_put(result, "N", n * n);
 *     }
 *
 * and its owner says
 *
 *     struct tr_task task;
 *     TR_REPLY reply = {0};
 *     long n;
 *     if (tr_task_async(&task, "square", "N", 7) == 0 && tr_task_await(&task, 5000, &reply) == 0 &&
 *         tr_match(reply.term, "N", &n) == 0) …
 *
 * A task is linked to its owner from birth (12): one that crashes takes its owner along, unless that traps exits, and an
 * owner that fails takes its tasks along. It is also a call under way: its result is the reply, in the shape of OTP's,
 * {[alias | Ref], Result}, and until that comes it is watched (24). Only the owner can await it.
 *
 * Which function a task runs is told by the name of an entry, as tr_spawn is told: of the owner's own binary, or
 * "path:square". To run one for its effect alone, spawn it: tr_spawn and tr_spawn_link take the same entries.
 *
 * Numbers in parentheses are rules of SEMANTICS.md. Like everything of process.h, these functions are for the main
 * thread of an actor or a guest.
 */
#ifndef TROUPE_TASK_H
#define TROUPE_TASK_H

#include "troupe/supervisor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- what a task does */

/* Computes a result: appends one term to it, or nothing, which means the atom ok. */
typedef void tr_task_fn(tr_term argument, struct tr_out *result);

TR_API void tri_task_run(const char *entry, tr_task_fn *run, tr_term argument);

/* Defines a task of this binary, an entry as TR_ACTOR defines one. It fails by tr_exit, or natively; what it ends with is
 * the reason that its owner is told, and one that nobody planned is logged (49). */
#define TR_TASK(task)                                                                              \
    static void tr_task_##task(tr_term argument, struct tr_out *result);                           \
    TR_ACTOR(task) { tri_task_run(#task, tr_task_##task, argument); }                              \
    static void tr_task_##task(__attribute__((unused)) tr_term argument,                           \
                               __attribute__((unused)) struct tr_out *result)

/* ---------------------------------------------------------------- starting and awaiting */

/* A task under way. A zeroed one is none; one whose result has been got, or which was given up, becomes none. */
struct tr_task {
    tr_pid pid;
    struct tr_request request;
};

/* Starts a task, linked to this actor. Returns when it can be sent to, or has died. Asks the node.
 *   entry      as in tr_spawn_term
 *   argument   copied
 * Outcomes and faults: those of tr_spawn_term. */
TR_API int tr_task_async_term(const char *entry, tr_term argument, struct tr_task *ret_task);
TR_API int tri_task_async(const char *entry, struct tr_task *ret_task, struct tri_pattern **cache,
                          const char *pattern, struct tr_holes holes);
#define tr_task_async(ret_task, entry, pattern, ...)                                               \
    tri_task_async((entry), (ret_task), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* Waits for a task's result.
 *   timeout_ms   negative waits for ever; Elixir's default is TR_CALL_TIMEOUT_MS
 *   ret_reply    NULL when the result is not of interest; else always written, so that term tells why
 * Outcomes: 0; TR_DOWN: it ended without a result, and term is its reason; TR_TIMEOUT: it is given up, which leaves it
 * linked and running, and drops its late result; TR_FIRED: there is no task. Faults: as tr_call_term. */
TR_API int tr_task_await(struct tr_task *task, int64_t timeout_ms, struct tr_reply *ret_reply);

/* The same as Elixir does it: returns only with a result; otherwise this actor ends with
 * {Why, {task, await, [Pid, Timeout]}}, and its tasks with it. */
TR_API void tr_task_await_or_exit(struct tr_task *task, int64_t timeout_ms,
                                  struct tr_reply *ret_reply);

/* Waits for the results of several tasks, all within one time.
 *   ret_replies   NULL, or count of them: results in the order of the tasks
 *   ret_which     NULL, or gets the task to which the outcome belongs, unless that is 0
 * Outcomes: 0: all have been got, and those that are none were passed over; TR_DOWN: one ended without a result, and its
 * reply's term is the reason; TR_TIMEOUT. After either the others are given up, as by tr_task_await; those whose results
 * had come have them in their replies. */
TR_API int tr_task_await_many(struct tr_task *tasks, size_t count, int64_t timeout_ms,
                              struct tr_reply *ret_replies, size_t *ret_which);

/* As tr_task_await, but TR_TIMEOUT leaves the task as it is: it can be yielded to or awaited again. */
TR_API int tr_task_yield(struct tr_task *task, int64_t timeout_ms, struct tr_reply *ret_reply);

/* The same with several, all within one time; it ends when the last has answered.
 *   ret_results   count of them: the outcome of each, as tr_task_yield gives it
 *   ret_replies   NULL, or count of them
 * Outcomes: 0: all have answered; TR_TIMEOUT. */
TR_API int tr_task_yield_many(struct tr_task *tasks, size_t count, int64_t timeout_ms,
                              int *ret_results, struct tr_reply *ret_replies);

/* Ends a task: unlinks it, sends it the exit signal shutdown, and kill after the time. When this returns it is dead.
 *   timeout_ms   negative waits for ever; TR_SHUTDOWN_BRUTAL_KILL sends kill at once
 * Outcomes, as Elixir's: 0: its result had come first; TR_TIMEOUT: it ended by this, Elixir's nil; TR_DOWN: it ended by
 * itself, with the reason in term, or with killed because the time was over; TR_FIRED: there is no task.
 *
 *     if (tr_task_yield(&task, 1000, &reply) == TR_TIMEOUT && tr_task_shutdown(&task, 100, &reply) != 0)
 *         …   it took too long                                                                              */
TR_API int tr_task_shutdown(struct tr_task *task, int64_t timeout_ms, struct tr_reply *ret_reply);

/* Gives a task up: unlinked, it goes on by itself; its result, if it still comes, is dropped. */
TR_API void tr_task_ignore(struct tr_task *task);

/* Is this message, which the owner has received, the task's result or its end? ret_reply->term is then a part of it, and
 * lives as long. Outcomes: 0, TR_DOWN; TR_NO_MATCH: it is something else. */
TR_API int tr_task_check(tr_term message, struct tr_task *task, struct tr_reply *ret_reply);

/* ---------------------------------------------------------------- supervised
 *
 * A task may be the child of a supervisor with the strategy TR_DYNAMIC (supervisor.h), Elixir's Task.Supervisor: it ends
 * with it, is listed by it, counts for its max_children, and is never started again:
 *
 *     static void tasks(tr_term argument, struct tr_tree *tree)
 *     {
 *         tr_tree_set(tree, &(struct tr_supervision){.strategy = TR_DYNAMIC, .max_children = 100});
 *     }
 *     TR_SUPERVISOR(tasks, tasks)
 *
 *     tr_task_async_nolink("tasks", &task, &reply, "square", "N", 7)
 *
 * A task for its effect alone is an ordinary child: tr_supervisor_start_child with is_plain_actor and TR_TEMPORARY. */

/* Starts a task there. It begins when its owner watches it, so that the owner is told the right reason however soon it
 * fails, and ends with {shutdown, Reason} when the owner dies before that.
 *   supervisor   a pid or a name
 *   ret_reply    NULL, or gets why not
 *   entry        as the supervisor is to find it: of its own binary, or "path:square"
 * Outcomes: those of tr_supervisor_start_child, of which TR_REFUSED with max_children; a name that is no entry is
 * TR_REFUSED, too. */
#define tr_task_async_supervised(supervisor, ret_task, ret_reply, entry, pattern, ...)             \
    tri_task_async_supervised(TRI_TO(supervisor), TR_SPAWN_LINK, (entry), (ret_task), (ret_reply), \
                              TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))
/* The same without a link between task and owner: each outlives the other's failure. */
#define tr_task_async_nolink(supervisor, ret_task, ret_reply, entry, pattern, ...)                 \
    tri_task_async_supervised(TRI_TO(supervisor), 0, (entry), (ret_task), (ret_reply),             \
                              TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))
TR_API int tri_task_async_supervised(struct tr_to supervisor, unsigned flags, const char *entry,
                                     struct tr_task *ret_task, struct tr_reply *ret_reply,
                                     struct tri_pattern **cache, const char *pattern,
                                     struct tr_holes holes);

/* ---------------------------------------------------------------- many, a few at a time */

struct tr_stream_options {
    unsigned max_concurrency; /* how many tasks run at once; 0: as many as there are CPUs        */
    int64_t timeout_ms;       /* for each; 0: TR_CALL_TIMEOUT_MS; negative: as long as it takes  */
    bool is_unordered; /* results come as they are ready, not in the order of the arguments */
};

/* Gives the next argument: appends it, and true; or false when there is none any more. */
typedef bool tr_stream_source_fn(struct tr_out *argument, void *context);

/* A task for each of many arguments, Elixir's Task.async_stream. Tasks are started when results are asked for, as many at once
 * as may run, none waiting for another's birth: the source is read no faster than that. Where results are ordered, those that
 * are ready before their turn are held back, at most TR_STREAM_HELD of them for each task that may run; then no more tasks
 * are started until the slow one has ended.
 *
 *     struct tr_stream *stream;
 *     TR_REPLY reply = {0};
 *     int r = tr_stream_open_list("square", NULL, list, &stream);
 *     while (r == 0 && (r = tr_stream_next(stream, &reply)) == 0)
 *         …
 *     tr_stream_close(stream);                                                                              */
struct tr_stream;

enum { TR_STREAM_HELD = 16 };

/* Opens a stream. Starts nothing yet.
 *   entry    of the tasks; copied
 *   options  NULL for the defaults
 *   source   called by tr_stream_next only
 * 0 or -ENOMEM. */
TR_API int tr_stream_open(const char *entry, const struct tr_stream_options *options,
                          tr_stream_source_fn *source, void *context,
                          struct tr_stream **ret_stream);
/* The same with the elements of a list, which is copied. TR_NO_MATCH: it is none. */
TR_API int tr_stream_open_list(const char *entry, const struct tr_stream_options *options,
                               tr_term list, struct tr_stream **ret_stream);

/* Runs the stream's tasks under a supervisor, Elixir's Task.Supervisor.async_stream: each as by tr_task_async_supervised, or,
 * with flags 0, as by tr_task_async_nolink. Before the first tr_stream_next.
 *   supervisor   a pid or a name; copied
 *   flags        TR_SPAWN_LINK or 0
 * 0 or -ENOMEM. */
#define tr_stream_supervise(stream, supervisor, flags)                                             \
    tri_stream_supervise((stream), TRI_TO(supervisor), (flags))
TR_API int tri_stream_supervise(struct tr_stream *stream, struct tr_to supervisor, unsigned flags);

/* Gives the next result, and waits for it.
 * Outcomes: 0; TR_DOWN: that task ended without a result, and term is its reason (where tasks are linked, only an owner that
 * traps exits lives to see it: its EXIT is not left in the mailbox); TR_TIMEOUT: it took too long and was killed; TR_FIRED:
 * that was all; what tr_spawn_term says, or tr_supervisor_start_child: that task could not be started. The stream goes on
 * after each of them but TR_FIRED. */
TR_API int tr_stream_next(struct tr_stream *stream, struct tr_reply *ret_reply);

/* Kills the tasks that still run, and frees the stream. NULL is fine. */
TR_API void tr_stream_close(struct tr_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
