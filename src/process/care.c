/* Care: one packet, and perhaps a pipe. The node holds its read end, too, so that nobody gets SIGPIPE when a coroner dies. */
#include "process/care.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "process/channel.h"

int tri_care_ask(struct tri_process *process, int64_t hang_ms, bool keeps_stderr)
{
    struct tri_parcel parcel = tri_parcel_of(TRI_CARE);
    TRI_AUTO(tri_fd_close) int read_end = -1;
    TRI_AUTO(tri_fd_close) int write_end = -1;
    int ends[2];
    if (keeps_stderr) {
        if (pipe2(ends, O_CLOEXEC) < 0)
            return -errno;
        read_end = ends[0];
        write_end = ends[1];
        if (dup2(write_end, STDERR_FILENO) < 0)
            return -errno;
    }
    parcel.head.number = hang_ms > 0 ? (uint64_t)hang_ms : 0;
    parcel.passed_fd = read_end;
    return tri_channel_send(process, &parcel);
}

void tr_heartbeat(void)
{
    struct tri_box *box = tri_process_here()->box;
    atomic_store_explicit(&box->heartbeat_ns, tri_clock_ns(), memory_order_relaxed);
}
