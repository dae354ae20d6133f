/* Send: what tr_send_term does, for those who have a deadline. */
#ifndef TRI_PROCESS_SEND_H
#define TRI_PROCESS_SEND_H

#include "troupe/process.h"

/* As tr_send_term, but TR_TIMEOUT, and nothing has been sent, when the receiver has had no room by deadline_ns. */
int tri_send_until(struct tr_to to, tr_term term, uint64_t deadline_ns);

#endif
