/* Request: a table of handlers. Each packet has been checked for form; here its meaning is checked, and whatever the
 * speaker asks for is done in its own name only, for the channel says who it is. */
#include "node/request.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/osproc.h"
#include "node/actor.h"
#include "node/confine.h"
#include "node/coroner.h"
#include "node/death.h"
#include "node/guest.h"
#include "node/hang.h"
#include "node/links.h"
#include "node/loop.h"
#include "node/notice.h"
#include "node/parting.h"
#include "node/spawn.h"
#include "node/stop.h"
#include "node/timer.h"

/* Packets served before others get their turn. */
#define PACKETS_PER_TURN 16
/* A dead actor's channel holds fewer packets than this; a grandchild that holds it open shall not keep us. */
#define DRAIN_LIMIT 4096

/* How many monitors one actor may have: they cost the node memory. */
#define MONITORS_MAX 131072

typedef void handler_fn(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet);

/* ---------------------------------------------------------------- life and death */

static void handle_spawn(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    struct tri_body *reason;
    struct tri_control head = {.kind = TRI_REPLY, .request = packet->head.request};
    head.result = tri_spawn_for(node, actor, packet, &reason);
    if (head.result)
        tri_tell(node, actor, &head, NULL, 0, reason);
    tri_body_unref(reason);
}

static void handle_ready(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    if (actor->state != TRI_STATE_STARTING)
        return;
    actor->was_ready = true;
    tri_confine_told(actor, packet);
    tri_actor_move(node, actor, TRI_STATE_RUNNING);
    tri_spawn_answer(node, actor, 0, NULL);
    if (actor->is_root)
        tri_stop_tell_up(node);
}

static void handle_leave(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    bool is_own = !actor->reason;
    if (is_own)
        actor->reason = tri_body_of_packet(packet);
    if (actor->state == TRI_STATE_STARTING) {
        actor->birth_result = packet->head.result; /* it could not be born, and says why */
        actor->birth_tells_more = is_own && packet->head.flags & TRI_TELLS_MORE;
    }
    if (actor->state < TRI_STATE_EXITING)
        tri_actor_move(node, actor, TRI_STATE_EXITING);
}

static void handle_exit(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    struct tri_actor *to = tri_actor_find_living(node, (tr_pid){packet->head.pid});
    struct tri_body *reason = tri_body_of_packet(packet);
    if (to && reason) {
        tri_exit_signal(node, actor->pid, to, to == actor ? TRI_EXIT_BY_SELF : TRI_EXIT_BY_OTHER,
                        reason, packet->head.number);
    }
    tri_body_unref(reason);
    if (!packet->head.request || actor->reason)
        return;
    if (to)
        tri_reply_after(node, to, actor, packet->head.request);
    else
        tri_reply(node, actor, packet->head.request, 0);
}

/* The spawner, or a tool, ends it with a reason of theirs. */
static void handle_kill(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    struct tri_actor *to = tri_actor_find_living(node, (tr_pid){packet->head.pid});
    bool may = to && (actor->is_guest || tr_pid_equal(to->parent, actor->pid));
    struct tri_body *reason = may ? tri_body_of_packet(packet) : NULL;
    int r = !to ? TR_NOPROC : !may ? TR_REFUSED : reason ? 0 : -ENOMEM;
    if (r == 0)
        tri_kill(node, to, reason);
    tri_body_unref(reason);
    tri_reply(node, actor, packet->head.request, r);
}

/* It asks to be watched, and to have its standard error kept. */
static void handle_care(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    if (actor->is_guest)
        return;
    tri_confine_told(actor, packet);
    tri_hang_watch(node, actor, packet->head.number);
    if (packet->passed_fd < 0 || actor->keeps_stderr)
        return;
    actor->stderr_fd = packet->passed_fd;
    packet->passed_fd = -1;
    actor->keeps_stderr = true;
    tri_coroner_give_stderr(node, actor);
}

/* ---------------------------------------------------------------- links and monitors */

static void handle_link(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    tr_pid pid = {packet->head.pid};
    struct tri_actor *other = tri_actor_find_living(node, pid);
    int r = other ? tri_link_add(node, actor, other) : 0;
    if (other)
        tri_notices_brake(node, actor, other);
    tri_reply(node, actor, packet->head.request, r);
    if (other)
        return;
    struct tri_body *noproc = tri_body_of_atom("noproc");
    tri_exit_signal(node, pid, actor, TRI_EXIT_BY_LINK, noproc, 0);
    tri_body_unref(noproc);
}

static void handle_unlink(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    struct tri_actor *other = tri_actor_find(node, (tr_pid){packet->head.pid});
    if (other)
        tri_link_remove(node, actor, other);
    tri_reply(node, actor, packet->head.request, 0);
}

static void handle_monitor(struct tri_node *node, struct tri_actor *actor,
                           struct tri_packet *packet)
{
    struct tri_monitor_key key = {actor->pid.id, packet->head.ref_number};
    tr_pid pid = {packet->head.pid};
    if (packet->name[0])
        pid = tri_name_is_valid(packet->name) ? tri_table_whereis(&node->table, packet->name)
                                              : TR_NO_PID;
    struct tri_actor *target = tri_actor_find_living(node, pid);
    if (actor->watching_count >= MONITORS_MAX)
        target = NULL;
    int r = target ? tri_monitor_add(node, actor, target, key, packet->name) : 0;
    if (r == 0 && target)
        return;
    bool has_too_many = actor->watching_count >= MONITORS_MAX;
    struct tri_body *reason = tri_body_of_atom(r || has_too_many ? "system_limit" : "noproc");
    tri_tell_down(node, actor, key, pid, packet->name, reason);
    tri_body_unref(reason);
}

static void handle_demonitor(struct tri_node *node, struct tri_actor *actor,
                             struct tri_packet *packet)
{
    struct tri_monitor_key key = {actor->pid.id, packet->head.ref_number};
    struct tri_control head = {.kind = TRI_REPLY, .request = packet->head.request};
    head.number = tri_monitor_remove(node, actor, key);
    if (packet->head.request)
        tri_tell(node, actor, &head, NULL, 0, NULL);
}

/* ---------------------------------------------------------------- names */

static void handle_register(struct tri_node *node, struct tri_actor *actor,
                            struct tri_packet *packet)
{
    struct tri_actor *owner = tri_actor_find_living(node, (tr_pid){packet->head.pid});
    int r = packet->name[0] ? tri_actor_check_name(node, packet->name) : TR_BAD_NAME;
    if (r == 0 && !owner)
        r = TR_NOPROC;
    if (r == 0 && node->table.rows[tr_pid_slot(owner->pid)].has_name)
        r = TR_TAKEN;
    if (r == 0)
        tri_table_add_name(&node->table, owner->pid, packet->name);
    tri_reply(node, actor, packet->head.request, r);
}

static void handle_unregister(struct tri_node *node, struct tri_actor *actor,
                              struct tri_packet *packet)
{
    tr_pid owner =
        tri_name_is_valid(packet->name) ? tri_table_whereis(&node->table, packet->name) : TR_NO_PID;
    if (!tr_pid_is_none(owner))
        tri_table_remove_name(&node->table, owner);
    tri_reply(node, actor, packet->head.request, tr_pid_is_none(owner) ? TR_NOPROC : 0);
}

/* ---------------------------------------------------------------- the rest */

static void handle_send_after(struct tri_node *node, struct tri_actor *actor,
                              struct tri_packet *packet)
{
    tri_reply(node, actor, packet->head.request, tri_timer_start(node, actor, packet));
}

static void handle_pass(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    struct tri_actor *to = tri_actor_find_living(node, (tr_pid){packet->head.pid});
    struct tri_body *record = NULL;
    if (to && tri_body_fits_record(packet))
        record = tri_body_of_record(packet->body, packet->head.body_bytes, packet->head.other);
    if (!record) {
        tri_reply(node, actor, packet->head.request, 0);
        if (to) /* it has no room for what somebody may wait for; its end tells that, too */
            tri_kill_for(node, actor, "system_limit");
        return;
    }
    tri_tell_record(node, to, actor->pid, record);
    tri_body_unref(record);
    tri_reply_after(node, to, actor, packet->head.request);
    tri_notices_brake(node, actor, to);
}

static void handle_open_blobs(struct tri_node *node, struct tri_actor *actor,
                              struct tri_packet *packet)
{
    const struct tri_actor *to = tri_actor_find_living(node, (tr_pid){packet->head.pid});
    int r = !actor->user ? TR_REFUSED
            : !to        ? TR_NOPROC
                         : tri_rundir_open_blobs(&node->dir, to->pid);
    tri_reply(node, actor, packet->head.request, r);
}

static void handle_cancel(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    tr_ref ref = {actor->pid, packet->head.ref_number};
    struct tri_control head = {.kind = TRI_REPLY, .request = packet->head.request};
    head.result = tri_timer_cancel(node, ref, &head.number);
    tri_tell(node, actor, &head, NULL, 0, NULL);
}

static void handle_info(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    struct tri_actor *about = tri_actor_find_living(node, (tr_pid){packet->head.pid});
    struct tri_control head = {
        .kind = TRI_REPLY, .request = packet->head.request, .result = TR_NOPROC};
    struct tri_body *body = NULL;
    if (about) {
        struct tr_out out = {0};
        tri_links_describe(about, &out);
        body = tri_body_of_out(&out);
        tr_out_deinit(&out);
        head.result = body ? 0 : -ENOMEM;
    }
    tri_tell(node, actor, &head, NULL, 0, body);
    tri_body_unref(body);
}

static handler_fn *const handlers[TRI_CONTROL_KINDS] = {
    [TRI_READY] = handle_ready,
    [TRI_SPAWN] = handle_spawn,
    [TRI_LEAVE] = handle_leave,
    [TRI_EXIT] = handle_exit,
    [TRI_LINK_TO] = handle_link,
    [TRI_UNLINK] = handle_unlink,
    [TRI_MONITOR_OF] = handle_monitor,
    [TRI_DEMONITOR] = handle_demonitor,
    [TRI_REGISTER] = handle_register,
    [TRI_UNREGISTER] = handle_unregister,
    [TRI_SEND_AFTER] = handle_send_after,
    [TRI_PASS] = handle_pass,
    [TRI_CANCEL] = handle_cancel,
    [TRI_INFO] = handle_info,
    [TRI_KILL] = handle_kill,
    [TRI_CARE] = handle_care,
    [TRI_OPEN_BLOBS] = handle_open_blobs,
};

static void serve(struct tri_node *node, struct tri_actor *actor, struct tri_packet *packet)
{
    handler_fn *handler = handlers[packet->head.kind];
    if (handler)
        handler(node, actor, packet);
    else
        tri_warn("<0.%u.%u> sent a %s packet, which is not for the node", tr_pid_slot(actor->pid),
                 tr_pid_generation(actor->pid), tri_control_kind_name(packet->head.kind));
    tri_packet_deinit(packet);
    tri_notices_brake(node, actor, actor);
}

/* Serves packets until there are none, the turn is over, or the actor is not to be read from.
 * -EAGAIN: no more now; -EPIPE: end of file; 0: there may be more. */
static int serve_some(struct tri_node *node, struct tri_actor *actor, int limit)
{
    for (int i = 0; i < limit; i++) {
        struct tri_packet packet;
        if (actor->control.fd < 0 || actor->waits_for)
            return -EAGAIN;
        int r = tri_control_receive(actor->control.fd, node->packet, &packet);
        if (r == -EPROTO)
            continue;
        if (r)
            return r;
        serve(node, actor, &packet);
    }
    return 0;
}

static bool is_exiting(int os_pid)
{
    struct tri_osproc process;
    return !tri_osproc_look(os_pid, &process) || process.is_exiting;
}

/* The other side has closed its end. Mostly it is just dying, and waitid will say how; but what lives on without its
 * channel is not an actor any more. */
static void lost_channel(struct tri_node *node, struct tri_actor *actor)
{
    if (actor->is_guest) {
        tri_guest_gone(node, actor);
        return;
    }
    if (actor->parting_ns) {
        tri_parting_over(node, actor);
        return;
    }
    tri_notices_clear(node, actor);
    tri_source_close(node, &actor->control);
    if (!actor->os_pid || is_exiting(actor->os_pid))
        return;
    tri_warn("<0.%u.%u> %s has closed descriptor 3, its channel to the node: killed",
             tr_pid_slot(actor->pid), tr_pid_generation(actor->pid), actor->entry);
    actor->has_lost_channel = true;
    kill(actor->os_pid, SIGKILL);
}

void tri_actor_ready(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct tri_actor *actor = (struct tri_actor *)source;
    if (events & EPOLLOUT)
        tri_notices_drain(node, actor);
    if (events & EPOLLRDHUP)
        tri_notices_stop_waiting(actor); /* it is gone: what it said is served, whoever is slow */
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP | EPOLLERR)))
        return;
    if (serve_some(node, actor, PACKETS_PER_TURN) == -EPIPE)
        lost_channel(node, actor);
}

void tri_request_drain(struct tri_node *node, struct tri_actor *actor)
{
    int r = 0;
    for (int i = 0; r == 0 && i < DRAIN_LIMIT; i++) {
        tri_notices_stop_waiting(actor);
        r = serve_some(node, actor, 1);
    }
    if (r == -EPIPE)
        tri_source_close(node, &actor->control);
}
