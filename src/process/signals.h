/* Signals: what the node's packets mean to this process: EXIT and DOWN become messages, in their order. */
#ifndef TRI_PROCESS_SIGNALS_H
#define TRI_PROCESS_SIGNALS_H

#include "process/runtime.h"

/* Does what one packet says. */
void tri_signals_take(struct tri_process *process, const struct tri_packet *packet);

/* Lets the held signals in whose time has come. */
void tri_signals_release(struct tri_process *process);

/* Puts {'EXIT', From, Reason} into the mailbox. */
void tri_signals_put_exit(struct tri_process *process, tr_pid from, tr_term reason);

/* Puts a term of the runtime's own into the mailbox; waits for memory rather than lose it. */
void tri_signals_put(struct tri_process *process, tr_term term);

/* Answers a spawn that was not waited for: with a message, which comes before any EXIT or DOWN of the child's.
 *   result   0, or why there is no child
 *   reason   a term that tells more than result; NULL: there is none */
void tri_signals_answer_birth(struct tri_process *process, const struct tri_birth *birth,
                              int result, tr_pid pid, const struct tr_out *reason);

/* The node is lost. An actor ends at once; a guest is told of its monitors and links (SEMANTICS 16). */
void tri_signals_node_gone(struct tri_process *process);

#endif
