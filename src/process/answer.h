/* Answer: what a call waits for: a message, or the end of the process that should have sent it. */
#ifndef TRI_PROCESS_ANSWER_H
#define TRI_PROCESS_ANSWER_H

#include "process/runtime.h"

/* Watches a process that is about to be asked, until tri_answer_await has returned or tri_answer_forget is called. Before
 * the question is sent: so the node has heard of the monitor before the process can end because of the question. Does not
 * block. 0 or what tri_channel_send says. */
int tri_answer_watch(struct tri_process *process, tr_pid callee);
void tri_answer_forget(struct tri_process *process);

/* Waits while who is watched is still being born: what is sent to it before its mailbox is there goes to nobody, and is
 * repeated ms later, which is longer than most births take. Ends early with deadline_ns, and with the end of who is
 * watched; what is sent then is safe, as ever. */
void tri_answer_await_birth(struct tri_process *process, uint64_t deadline_ns);

/* Waits for the oldest message that select takes, among those that came after a reference was made.
 *   since         the reference's number
 *   deadline_ns   TRI_AT_ONCE: what has come is looked at once
 *   ret_message   taken out of the mailbox, for tri_message_free
 * Outcomes: 0; TR_TIMEOUT; TR_DOWN: who is watched has ended, everything that it sent was looked at, and its reason is in
 * process->wait.reason (empty when there was no memory for it). A guest whose node is gone: -ENOTCONN. */
int tri_answer_await(struct tri_process *process, uint64_t since, tr_select_fn *select,
                     void *context, uint64_t deadline_ns, struct tr_message **ret_message);

#endif
