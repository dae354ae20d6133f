/* Kill: asked of the node, whose child it is. */
#include "base/auto.h"
#include "process/request.h"
#include "term/out.h"

int tr_kill_term(tr_pid pid, tr_term reason)
{
    struct tri_process *process = tri_process_here();
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    struct tri_parcel parcel = tri_parcel_of(TRI_KILL);
    int r = tri_term_whole(&reason, &whole);
    if (r)
        return r;
    parcel.head.pid = pid.id;
    parcel.body = reason.data;
    parcel.body_bytes = reason.size_bytes;
    return tri_request(process, &parcel, NULL);
}

int tri_kill_process(tr_pid pid, struct tri_pattern **cache, const char *pattern,
                     struct tr_holes holes)
{
    struct tri_process *process = tri_process_here();
    tr_out_reset(&process->out);
    int r = tri_put(&process->out, cache, pattern, holes);
    return r ? r : tr_kill_term(pid, tr_out_term(&process->out));
}
