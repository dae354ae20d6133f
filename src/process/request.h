/* Request: one question to the node and its answer. */
#ifndef TRI_PROCESS_REQUEST_H
#define TRI_PROCESS_REQUEST_H

#include "process/runtime.h"

/* Asks, and waits for the answer; mail and signals come in meanwhile. The parcel's request number is set here.
 *   ret_reply   may be NULL; written when the node has answered, whatever its result; its body lives in the process
 *               until the next request
 * The reply's result; or what tri_channel_send says, -ENOTCONN too when the node goes before it answers. */
int tri_request(struct tri_process *process, struct tri_parcel *parcel,
                const struct tri_reply **ret_reply);

/* A number for a request that is not waited for; its answer goes to process->underway. */
uint32_t tri_request_number(struct tri_process *process);

#endif
