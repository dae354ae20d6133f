/* Send: resolve, encode, record; wait when the receiver has no room, and listen while waiting. */
#include <errno.h>

#include "base/auto.h"
#include "base/clock.h"
#include "process/pump.h"
#include "process/runtime.h"
#include "term/out.h"

/* Every how many sends the own mail is taken in, by one who only sends. */
#define PUMP_EVERY 64
/* What is kept of the encoding buffer from one send to the next. */
#define KEPT_BYTES ((size_t)1 << 20)

/* Waits until there is room and the message is recorded. */
static int send_patiently(struct tri_process *process, tr_pid to, uint64_t alias, tr_term term)
{
    int r = TR_BUSY;
    tri_process_set_activity(process, TRI_ACTIVITY_SENDING);
    while (r == TR_BUSY && !process->node_is_gone) {
        tri_pump_wait(process, TRI_NEVER);
        r = tri_mailbox_send(process->mailbox, to, alias, term);
    }
    tri_process_set_activity(process, TRI_ACTIVITY_RUNNING);
    return r == TR_BUSY ? -ENOTCONN : r;
}

/* A message does not overtake an exit signal to the same process: it waits until the node has passed that on. */
static int wait_for_signals(struct tri_process *process, tr_pid to, unsigned flags)
{
    tri_pump_all(process);
    while (tri_underway_has(&process->underway, to) && !process->node_is_gone) {
        if (flags & TR_SEND_NOWAIT)
            return TR_BUSY;
        tri_pump_wait(process, TRI_NEVER);
    }
    return 0;
}

/* Sends a term that is whole. */
static int send_whole(struct tri_process *process, struct tr_to to, tr_term term, unsigned flags)
{
    if (process->node_is_gone)
        return -ENOTCONN;
    if (to.name) {
        to.pid = tri_table_whereis(&process->table, to.name);
        if (tr_pid_is_none(to.pid))
            return TR_NOPROC;
    }
    if (++process->sends % PUMP_EVERY == 0)
        tri_pump(process);
    int r = 0;
    if (process->underway.count > 0 && tri_underway_has(&process->underway, to.pid))
        r = wait_for_signals(process, to.pid, flags);
    if (r)
        return r;
    r = tri_mailbox_send(process->mailbox, to.pid, to.alias, term);
    if (r == TR_BUSY && !(flags & TR_SEND_NOWAIT))
        r = send_patiently(process, to.pid, to.alias, term);
    return r;
}

int tr_send_term(struct tr_to to, tr_term term, unsigned flags)
{
    struct tri_process *process = tri_process_here();
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    int r = tri_term_whole(&term, &whole);
    return r ? r : send_whole(process, to, term, flags);
}

int tri_send(struct tr_to to, unsigned flags, struct tri_pattern **cache, const char *pattern,
             struct tr_holes holes)
{
    struct tri_process *process = tri_process_here();
    struct tr_out *out = &process->out;
    tr_out_reset(out);
    int r = tri_put(out, cache, pattern, holes);
    if (r == 0)
        r = send_whole(process, to, tr_out_term(out), flags);
    if (out->capacity_bytes > KEPT_BYTES) {
        tr_out_deinit(out);
        *out = (struct tr_out){0};
    }
    return r;
}
