/* Task: how one is started, for those who do not wait for its birth: a stream; and what functions make, for workers. */
#ifndef TRI_BEHAVIOUR_TASK_H
#define TRI_BEHAVIOUR_TASK_H

#include "troupe/task.h"

/* Asks the node for a task, as tr_task_async_term does, and goes on. What comes is {spawn_reply, Ref, …} (process/spawn.h),
 * and what an owner hears of its task, by the same reference. 0, or what tr_spawn_request_term says. */
int tri_task_request(const char *entry, tr_term argument, tr_ref *ret_ref);

/* Asks a supervisor for one. What comes is the response to a request, which tri_supervisor_judge understands; then
 * tri_task_adopt makes it a task. 0, or what tri_send_request says. */
int tri_task_request_supervised(struct tr_to supervisor, const char *entry, tr_term argument,
                                struct tr_request *ret_request);

/* The owner watches what its supervisor has started, and then it may begin.
 *   task    its pid; its request is written
 *   flags   TR_SPAWN_LINK or 0 */
int tri_task_adopt(struct tr_task *task, unsigned flags);

/* What a function has made that was to append one term: that, or ok for nothing; NULL. For anything else, the reason with
 * which its process ends: bad_return_value, or system_limit when there was no memory for it. */
const char *tri_task_judge(struct tr_out *result, tr_term *ret_term);

/* The same; a process that has made anything else ends. */
tr_term tri_task_result(struct tr_out *result);

/* What a supervisor's answer to start_child means: 0 and the child's pid, or TR_REFUSED; reply's term is what is told. */
int tri_supervisor_judge(struct tr_reply *reply, tr_pid *ret_pid);

#endif
