/* Request: synchronous, because the caller wants to go on with the answer; deaf it is not. */
#include "process/request.h"

#include "base/clock.h"
#include "base/panic.h"
#include "process/channel.h"
#include "process/pump.h"

uint32_t tri_request_number(struct tri_process *process)
{
    if (++process->requests == 0)
        process->requests = 1;
    return process->requests;
}

int tri_request(struct tri_process *process, struct tri_parcel *parcel,
                const struct tri_reply **ret_reply)
{
    TRI_ASSERT(process->awaited == 0);
    parcel->head.request = tri_request_number(process);
    process->awaited = parcel->head.request;
    int r = tri_channel_send(process, parcel);
    if (r) {
        process->awaited = 0;
        return r;
    }
    while (process->awaited)
        tri_pump_wait(process, TRI_NEVER);
    if (ret_reply)
        *ret_reply = &process->reply;
    return process->reply.result;
}
