/* Signals: intake of the control plane. Order is everything here: a message before the EXIT of its sender, an EXIT
 * before the DOWN of the same death, and nothing from the dead after their DOWN. */
#include "process/signals.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/panic.h"
#include "process/exit.h"

/* How long a signal waits for memory before this process gives up, in ms. */
#define MEMORY_PATIENCE_MS 5000

void tri_signals_put(struct tri_process *process, tr_term term)
{
    for (int waited_ms = 0; waited_ms < MEMORY_PATIENCE_MS; waited_ms++) {
        if (tri_mailbox_put(process->mailbox, TR_NO_PID, term) == 0)
            return;
        poll(NULL, 0, 1);
    }
    tri_panic("no memory for a signal, for %d ms", MEMORY_PATIENCE_MS);
}

void tri_signals_put_exit(struct tri_process *process, tr_pid from, tr_term reason)
{
    struct tr_out *out = &process->scratch;
    tr_out_reset(out);
    tr_put(out, "{'EXIT', From, Reason}", from, reason);
    tri_signals_put(process, tr_out_term(out));
}

/* Views the term that came in a packet, checked. A reason that cannot be read is one all the same: the signal that
 * bears it must not be lost. `room` holds it and is the caller's. */
static tr_term reason_of(const struct tri_packet *packet, struct tr_out *room)
{
    tr_term reason;
    if (tri_packet_body(packet, room) == 0 &&
        tr_check(room->data, room->size_bytes, NULL, &reason) == 0)
        return reason;
    tr_out_reset(room);
    tr_put_atom(room, "unknown");
    return tr_out_term(room);
}

static uint64_t last_taken(tr_pid from, void *process)
{
    return tri_mailbox_last_taken(((struct tri_process *)process)->mailbox, from);
}

void tri_signals_release(struct tri_process *process)
{
    struct tri_held_signal *signal;
    while ((signal = tri_held_take(&process->held, last_taken, process))) {
        tri_signals_put_exit(process, signal->from, tr_out_term(&signal->reason));
        tri_held_signal_free(signal);
    }
}

static void take_exit(struct tri_process *process, const struct tri_packet *packet)
{
    TRI_AUTO(tr_out_deinit) struct tr_out room = {0};
    tr_pid from = {packet->head.pid};
    bool is_link = packet->head.flags & TRI_LINK;
    tr_term reason = reason_of(packet, &room);
    if (is_link)
        tri_links_remove(&process->links, from);
    if (tri_held_add(&process->held, from, packet->head.number, is_link, reason))
        tri_signals_put_exit(process, from,
                             reason); /* no memory to hold it: early is better than never */
    tri_signals_release(process);
}

/* Puts {'DOWN', Ref, process, Object, Reason}; Object is a pid, or {Name, Node}. */
static void put_down(struct tri_process *process, uint64_t number, tr_pid pid, const char *name,
                     tr_term reason)
{
    struct tr_out *out = &process->scratch;
    tr_out_reset(out);
    tr_put_tuple_of(out, 5);
    tr_put_atom(out, "DOWN");
    tr_put_ref(out, tri_process_ref(process, number));
    tr_put_atom(out, "process");
    if (name && tri_name_is_valid(name)) {
        tr_put_tuple_of(out, 2);
        tr_put_atom(out, name);
        tr_put_atom(out, process->table.header->node_name);
    } else {
        tr_put_pid(out, pid);
    }
    tr_put_term(out, reason);
    tri_signals_put(process, tr_out_term(out));
}

/* A process that this one calls has ended: nobody hears of it but the call that waits for it now. */
static void end_callee(struct tri_process *process, tr_pid callee, tr_term reason)
{
    struct tri_callee_wait *wait = &process->wait;
    if (!tr_pid_equal(wait->callee, callee))
        return;
    wait->has_ended = true;
    if (tr_out_copy(&wait->reason, reason))
        tr_out_reset(&wait->reason);
}

static void take_down(struct tri_process *process, const struct tri_packet *packet)
{
    TRI_AUTO(tr_out_deinit) struct tr_out room = {0};
    tr_pid dead = {packet->head.pid};
    if (!tr_pid_is_none(dead)) {
        tri_held_stop_waiting(&process->held, dead);
        tri_signals_release(process);
    }
    if (tri_callees_remove(&process->callees, packet->head.ref_number))
        end_callee(process, dead, reason_of(packet, &room));
    else if (tri_watches_end_monitor(&process->watches, packet->head.ref_number))
        put_down(process, packet->head.ref_number, dead, packet->name, reason_of(packet, &room));
    if (!tr_pid_is_none(dead))
        tri_mailbox_forget(process->mailbox, dead);
}

/* Last words of a dead sender, or a timer's message. Nobody repeats them: a passing want of memory or descriptors is waited
 * for. */
static void take_record(struct tri_process *process, const struct tri_packet *packet)
{
    TRI_AUTO(tr_out_deinit) struct tr_out room = {0};
    int r = tri_packet_body(packet, &room);
    for (int waited_ms = 0; r == 0 && waited_ms < MEMORY_PATIENCE_MS; waited_ms++) {
        if (tri_mailbox_deliver(process->mailbox, (tr_pid){packet->head.pid}, room.data,
                                room.size_bytes) >= 0)
            break;
        poll(NULL, 0, 1);
    }
    tri_signals_release(process);
}

void tri_signals_answer_birth(struct tri_process *process, const struct tri_birth *birth,
                              int result, tr_pid pid, const struct tr_out *reason)
{
    struct tr_out *out = &process->scratch;
    tr_ref ref = tri_process_ref(process, birth->ref);
    tr_out_reset(out);
    if (reason && !birth->is_terse)
        tr_put(out, "{spawn_reply, Ref, error, Reason}", ref, tr_out_term(reason));
    else if (result)
        tr_put(out, "{spawn_reply, Ref, error, R}", ref, result);
    else
        tr_put(out, "{spawn_reply, Ref, ok, Pid}", ref, pid);
    if (birth->flags & TR_SPAWN_MONITOR && result)
        tri_watches_end_monitor(&process->watches, birth->ref);
    else if (birth->flags & TR_SPAWN_MONITOR)
        tri_watches_set_pid(&process->watches, birth->ref, pid);
    if (birth->flags & TR_SPAWN_LINK && process->is_guest && result == 0)
        tri_links_add(&process->links, pid);
    tri_signals_put(process, tr_out_term(out));
}

static void take_birth(struct tri_process *process, const struct tri_birth *birth,
                       const struct tri_packet *packet)
{
    TRI_AUTO(tr_out_deinit) struct tr_out reason = {0};
    tr_term term;
    bool has_reason = packet->head.body_bytes > 0 && tri_packet_body(packet, &reason) == 0 &&
                      tr_check(reason.data, reason.size_bytes, NULL, &term) == 0;
    tri_signals_answer_birth(process, birth, packet->head.result, (tr_pid){packet->head.pid},
                             has_reason ? &reason : NULL);
}

static void take_reply(struct tri_process *process, const struct tri_packet *packet)
{
    struct tri_reply *reply = &process->reply;
    struct tri_birth birth;
    if (tri_births_take(&process->births, packet->head.request, &birth)) {
        take_birth(process, &birth, packet);
        return;
    }
    if (process->awaited == 0 || packet->head.request != process->awaited) {
        tri_underway_answer(&process->underway, packet->head.request);
        return; /* nobody waits for other answers */
    }
    tr_out_reset(&reply->body);
    int r = tri_packet_body(packet, &reply->body);
    reply->result = r ? r : packet->head.result;
    reply->pid = packet->head.pid;
    reply->number = packet->head.number;
    process->awaited = 0;
}

static void take_killed(const struct tri_packet *packet)
{
    struct tr_out room = {0};
    tri_exit_killed(reason_of(packet, &room));
}

void tri_signals_take(struct tri_process *process, const struct tri_packet *packet)
{
    switch (packet->head.kind) {
    case TRI_SIGNAL_EXIT:
        take_exit(process, packet);
        break;
    case TRI_SIGNAL_DOWN:
        take_down(process, packet);
        break;
    case TRI_MESSAGE:
        take_record(process, packet);
        break;
    case TRI_REPLY:
        take_reply(process, packet);
        break;
    case TRI_KILLED:
        take_killed(packet);
        break;
    default:
        tri_warn("the node sent a packet that no actor expects: %s",
                 tri_control_kind_name(packet->head.kind));
    }
}

/* Every monitor that is left says DOWN. */
static void lose_monitors(struct tri_process *process, tr_term reason)
{
    struct tri_watch watch;
    while (tri_watches_take_monitor(&process->watches, &watch)) {
        put_down(process, watch.number, watch.pid, watch.name, reason);
        free(watch.name);
    }
}

/* Every link whose peer the node has left alive says EXIT. */
static void lose_links(struct tri_process *process, tr_term reason)
{
    tr_pid peer;
    while (tri_links_take(&process->links, &peer)) {
        if (!tri_table_is_alive(&process->table, peer))
            continue;
        if (!atomic_load(&process->box->traps_exits))
            tri_exit_killed(reason);
        tri_signals_put_exit(process, peer, reason);
    }
}

/* With the node everyone has ended. */
static bool has_ended(tr_pid pid, void *context)
{
    (void)pid;
    (void)context;
    return true;
}

void tri_signals_node_gone(struct tri_process *process)
{
    struct tr_out room = {0};
    struct tri_birth birth;
    if (!process->is_guest)
        _exit(1);
    if (process->node_is_gone)
        return;
    process->node_is_gone = true;
    tri_fd_close(&process->control_fd);
    if (process->awaited) {
        process->awaited = 0;
        process->reply.result = -ENOTCONN;
    }
    if (!process->mailbox || process->is_leaving)
        return;
    tr_put_atom(&room, "noconnection");
    tri_held_mark_orphans(&process->held, has_ended, NULL);
    tri_held_stop_waiting_orphans(&process->held);
    tri_signals_release(process);
    while (tri_births_take_first(&process->births, &birth))
        tri_signals_answer_birth(process, &birth, -ENOTCONN, TR_NO_PID, NULL);
    lose_links(process, tr_out_term(&room));
    lose_monitors(process, tr_out_term(&room));
    tr_out_deinit(&room);
}
