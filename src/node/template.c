/* Template: a loop of one request, one fork, one answer. It never touches nanomsg, has one thread, and allocates
 * nothing after its start. What it writes between two forks is a page more for each actor, which keeps the page as it
 * was: so it writes to its stack, where its actors write too, and to memory that they do not get. */
#include "node/template.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/title.h"
#include "node/fork.h"
#include "wire/control.h"

/* Room for a packet, in memory that no actor gets. */
static void *packet_buffer_new(void)
{
    void *at = mmap(NULL, TRI_PACKET_BUFFER_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || madvise(at, TRI_PACKET_BUFFER_BYTES, MADV_DONTFORK) < 0)
        _exit(1);
    return at;
}

/* Answers one request; in the forked actor it does not return. */
static void serve(int channel_fd, const struct tri_packet *request, int node_os_pid,
                  void (*live)(int control_fd))
{
    int os_pid = request->passed_fd < 0 ? -EPROTO : tri_fork_actor(request->passed_fd, node_os_pid);
    if (os_pid == 0) {
        live(3);
        _exit(0);
    }
    struct tri_parcel answer = tri_parcel_of(TRI_FORKED);
    answer.head.pid = request->head.pid;
    answer.head.number = os_pid > 0 ? (uint64_t)os_pid : 0;
    answer.head.result = os_pid > 0 ? 0 : os_pid;
    if (tri_control_send(channel_fd, &answer))
        _exit(1);
}

TR_NORETURN void tri_template_run(int channel_fd, const char *entries, size_t entries_bytes,
                                  void (*live)(int control_fd))
{
    int node_os_pid = getppid();
    void *packet_buffer = packet_buffer_new();
    tri_title_set(TRI_TEMPLATE_NAME, "%s: template", program_invocation_short_name);
    struct tri_parcel hello = tri_parcel_of(TRI_TEMPLATE);
    hello.head.number = TRI_CONTROL_VERSION;
    hello.name = entries;
    hello.name_bytes = entries_bytes;
    if (tri_control_send(channel_fd, &hello))
        _exit(1);
    for (;;) {
        struct tri_packet request;
        int r = tri_control_receive(channel_fd, packet_buffer, &request);
        if (r == -ENOMEM || r == -ENOBUFS || r == -EAGAIN) {
            poll(NULL, 0, 1);
            continue;
        }
        if (r)
            _exit(r == -EPIPE ? 0 : 1);
        if (request.head.kind == TRI_FORK)
            serve(channel_fd, &request, node_os_pid, live);
        tri_packet_deinit(&request);
    }
}
