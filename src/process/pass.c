/* Pass: the message is to its receiver what an exit signal is: the next one to the same receiver waits until the node has
 * it on its way, and is let in after it. */
#include "process/pass.h"

#include "process/channel.h"
#include "process/request.h"
#include "wire/box.h"

static int pass(struct tri_process *process, tr_ref alias, tr_term term)
{
    struct tri_parcel parcel = tri_parcel_of(TRI_PASS);
    parcel.head.request = tri_request_number(process);
    parcel.head.pid = alias.owner.id;
    parcel.head.other = alias.number;
    parcel.body = term.data;
    parcel.body_bytes = term.size_bytes;
    int r = tri_channel_send(process, &parcel);
    if (r)
        return r;
    tri_underway_add(&process->underway, alias.owner, parcel.head.request);
    return tri_mailbox_signalled(process->mailbox, alias.owner);
}

int tri_pass_with(tr_ref alias, struct tri_pattern **cache, const char *pattern,
                  struct tr_holes holes)
{
    struct tri_process *process = tri_process_here();
    tr_out_reset(&process->out);
    int r = tri_put(&process->out, cache, pattern, holes);
    tr_term term = tr_out_term(&process->out);
    if (r)
        return r;
    if (tr_pid_equal(alias.owner, process->self) || term.size_bytes > TRI_RECORD_BODY_BYTES ||
        tri_mailbox_last_sent(process->mailbox, alias.owner) > 0 ||
        tri_underway_has(&process->underway, alias.owner) ||
        tri_underway_is_full(&process->underway))
        return tr_send_term((struct tr_to){.pid = alias.owner, .alias = alias.number}, term, 0);
    return pass(process, alias, term);
}
