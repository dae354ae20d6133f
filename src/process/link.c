/* Link: asked of the node, which keeps them all. */
#include "process/request.h"

int tr_link(tr_pid pid)
{
    struct tri_process *process = tri_process_here();
    if (tr_pid_equal(pid, process->self))
        return 0;
    if (process->is_guest) {
        int r = tri_links_add(&process->links, pid);
        if (r)
            return r;
    }
    struct tri_parcel parcel = tri_parcel_of(TRI_LINK_TO);
    parcel.head.pid = pid.id;
    return tri_request(process, &parcel, NULL);
}

int tr_unlink(tr_pid pid)
{
    struct tri_process *process = tri_process_here();
    struct tri_parcel parcel = tri_parcel_of(TRI_UNLINK);
    parcel.head.pid = pid.id;
    int r = tri_request(process, &parcel, NULL);
    tri_links_remove(&process->links, pid);
    tri_held_drop_links(&process->held, pid);
    return r;
}
