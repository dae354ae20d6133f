/* Channel: this process's end of its control channel, which it shares with nobody but the node. */
#ifndef TRI_PROCESS_CHANNEL_H
#define TRI_PROCESS_CHANNEL_H

#include "process/runtime.h"

/* Sends one packet; when the channel is full, waits for room and takes in what the node says meanwhile.
 * 0; -ENOTCONN for a guest whose node is gone (an actor ends); TR_TOO_LARGE, -EMFILE, -ENOMEM, -ENOSPC. */
int tri_channel_send(struct tri_process *process, const struct tri_parcel *parcel);

/* Takes in at most `limit` packets, without waiting. Tells whether nothing is left. */
bool tri_channel_take_in(struct tri_process *process, unsigned limit);

/* Waits for one packet until deadline_ns: for births, before there is a mailbox.
 * 0; TR_TIMEOUT; -EPIPE; -EPROTO. */
int tri_channel_await(struct tri_process *process, uint64_t deadline_ns,
                      struct tri_packet *ret_packet);

#endif
