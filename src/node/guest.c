/* Guest: a connection is a newcomer until it says TRI_HELLO, then an actor. The kernel says who it is (SO_PEERCRED). */
#include "node/guest.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "node/actor.h"
#include "node/confine.h"
#include "node/death.h"
#include "node/loop.h"
#include "node/notice.h"
#include "node/request.h"
#include "node/words.h"

/* Connections that have not said TRI_HELLO yet; one more and the oldest goes. */
#define NEWCOMERS 64
/* How long no guest is let in when descriptors have run out. */
#define PAUSE_MS 100

struct newcomer {
    struct tri_source source; /* first: the source is the newcomer */
    int os_pid;
    uint64_t since;
};

static struct newcomer newcomers[NEWCOMERS];
static uint64_t newcomer_count;

/* Answers a HELLO that cannot be granted. */
static void refuse(int fd, int result)
{
    struct tri_parcel parcel = tri_parcel_of(TRI_BIRTH);
    parcel.head.result = result;
    tri_control_send(fd, &parcel);
}

static int become_actor(struct tri_node *node, struct newcomer *newcomer, const char *what)
{
    struct tri_actor *actor;
    if (node->stop_phase != TRI_STOP_NONE)
        return TR_REFUSED;
    int r = tri_actor_new(node, what, TR_NO_PID, TR_NO_PID, &actor);
    if (r)
        return r;
    actor->is_guest = true;
    node->living_guests++;
    tri_source_change(node, &newcomer->source, 0);
    actor->control = (struct tri_source){.fd = newcomer->source.fd, .ready = tri_actor_ready};
    newcomer->source.fd = -1;
    tri_actor_set_os_pid(node, actor, newcomer->os_pid);
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(actor->pid));
    row->flags |= TRI_ROW_GUEST;
    tri_table_end(row);
    r = tri_source_add(node, &actor->control, EPOLLIN);
    if (r == 0)
        r = tri_actor_tell_birth(node, actor);
    if (r)
        tri_guest_gone(node, actor);
    return 0;
}

static void newcomer_ready(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct newcomer *newcomer = (struct newcomer *)source;
    struct tri_packet packet;
    (void)events;
    int r = tri_control_receive(source->fd, node->packet, &packet);
    if (r == -EAGAIN)
        return;
    if (r == 0) {
        r = packet.head.kind == TRI_HELLO ? become_actor(node, newcomer, packet.name) : TR_REFUSED;
        tri_packet_deinit(&packet);
        if (r)
            refuse(source->fd, r);
    }
    if (source->fd >= 0)
        tri_source_close(node, source);
}

/* A place for a new connection: a free one, else the oldest one's. */
static struct newcomer *newcomer_place(struct tri_node *node)
{
    struct newcomer *oldest = &newcomers[0];
    for (size_t i = 0; i < NEWCOMERS; i++) {
        if (newcomers[i].since == 0 || newcomers[i].source.fd < 0)
            return &newcomers[i];
        if (newcomers[i].since < oldest->since)
            oldest = &newcomers[i];
    }
    tri_source_close(node, &oldest->source);
    return oldest;
}

static void listener_ready(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    (void)events;
    int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            /* The connection stays in the queue, and epoll would go on to say so. */
            node->listener_pause_ns = tri_deadline_ns(PAUSE_MS);
            tri_source_change(node, source, 0);
        }
        return;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
        (peer.uid != geteuid() && peer.uid != 0) || tri_confine_is_sandboxed(peer.pid)) {
        close(fd);
        return;
    }
    struct newcomer *newcomer = newcomer_place(node);
    *newcomer = (struct newcomer){{.fd = fd, .ready = newcomer_ready}, peer.pid, ++newcomer_count};
    if (tri_source_add(node, &newcomer->source, EPOLLIN))
        tri_fd_close(&newcomer->source.fd);
}

void tri_guest_listen_again(struct tri_node *node)
{
    if (!node->listener_pause_ns || tri_clock_ns() < node->listener_pause_ns)
        return;
    node->listener_pause_ns = 0;
    tri_source_change(node, &node->listener, EPOLLIN);
}

int tri_guest_listen(struct tri_node *node)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[TRI_PATH_BYTES];
    tri_rundir_file(&node->dir, "node", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    node->listener = (struct tri_source){.fd = fd, .ready = listener_ready};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 256) < 0)
        return -errno;
    return tri_source_add(node, &node->listener, EPOLLIN);
}

void tri_guest_gone(struct tri_node *node, struct tri_actor *actor)
{
    tri_source_close(node, &actor->control);
    if (actor->is_doomed)
        return;
    if (!actor->reason)
        actor->reason = tri_body_of_atom("noconnection");
    actor->is_doomed = true;
    TAILQ_INSERT_TAIL(&node->doomed, actor, of_list);
}

static void farewell_ready(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct tri_actor *actor = (struct tri_actor *)source;
    struct tri_packet packet;
    (void)events;
    int r = tri_control_receive(source->fd, node->packet, &packet);
    if (r == 0)
        tri_packet_deinit(&packet);
    if (r != -EPIPE)
        return;
    tri_source_close(node, source);
    tri_words_told(node, actor);
}

bool tri_guest_see_off(struct tri_node *node, struct tri_actor *actor)
{
    if (actor->control.fd < 0)
        return false;
    shutdown(actor->control.fd, SHUT_WR);
    actor->control.ready = farewell_ready;
    tri_source_change(node, &actor->control, EPOLLIN);
    actor->words_left++;
    return true;
}

void tri_guest_close(struct tri_node *node)
{
    tri_source_close(node, &node->listener);
    for (size_t i = 0; i < NEWCOMERS; i++)
        if (newcomers[i].since)
            tri_source_close(node, &newcomers[i].source);
}
