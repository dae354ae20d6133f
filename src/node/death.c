/* Death: the kernel's word comes with SIGCHLD and waitid; the children are the node's own, so that an os_pid stays theirs
 * until it is reaped here, and kill(2) reaches no stranger. */
#include "node/death.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/osproc.h"
#include "node/actor.h"
#include "node/coroner.h"
#include "node/group.h"
#include "node/guest.h"
#include "node/image.h"
#include "node/inquest.h"
#include "node/links.h"
#include "node/loop.h"
#include "node/notice.h"
#include "node/parting.h"
#include "node/request.h"
#include "node/spawn.h"
#include "node/stop.h"
#include "node/timer.h"
#include "node/words.h"
#include "wire/crash.h"
#include "wire/death.h"

/* How long a child whom nobody knows may hold back the others. */
#define UNKNOWN_PATIENCE_MS 10

void tri_kill(struct tri_node *node, struct tri_actor *actor, struct tri_body *reason)
{
    if (!tri_actor_is_living(actor))
        return;
    if (!actor->reason)
        actor->reason = tri_body_ref(reason);
    if (actor->os_pid && !actor->is_guest)
        kill(actor->os_pid, SIGKILL);
    /* One that waits to be forked is ended at once: its image may hang, and nothing of it exists that could die. */
    if (actor->is_doomed || !(actor->is_guest || tri_image_withdraw(actor)))
        return;
    actor->is_doomed = true;
    TAILQ_INSERT_TAIL(&node->doomed, actor, of_list);
    struct tri_control head = {.kind = TRI_KILLED};
    if (actor->is_guest)
        tri_tell(node, actor, &head, NULL, 0, actor->reason);
}

void tri_kill_for(struct tri_node *node, struct tri_actor *actor, const char *reason_atom)
{
    struct tri_body *reason = tri_body_of_atom(reason_atom);
    tri_kill(node, actor, reason);
    tri_body_unref(reason);
}

void tri_end_doomed(struct tri_node *node)
{
    struct tri_actor *actor;
    if (!TAILQ_EMPTY(&node->doomed))
        tri_loop_settle(node); /* who has asked to watch it before it went, watches it */
    while ((actor = TAILQ_FIRST(&node->doomed))) {
        TAILQ_REMOVE(&node->doomed, actor, of_list);
        tri_actor_ended(node, actor, actor->reason);
    }
}

/* Writes the end into the row, for ps. */
static void show_end(struct tri_node *node, const struct tri_actor *actor)
{
    char text[TRI_REASON_BYTES];
    tri_body_text(actor->reason, text, sizeof text);
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(actor->pid));
    row->ended_ns = tri_clock_ns();
    memcpy(row->last_exit, text, sizeof text);
    tri_table_end(row);
    node->table.header->actors = node->living;
}

static void remember_root(struct tri_node *node, const struct tri_actor *actor)
{
    if (!actor->is_root)
        return;
    node->root_reason = tri_body_ref(actor->reason);
    tri_stop(node, false);
}

void tri_actor_ended(struct tri_node *node, struct tri_actor *actor, struct tri_body *reason)
{
    tri_actor_forget_os_pid(node, actor);
    if (actor->control.fd >= 0)
        tri_request_drain(node, actor);
    tri_group_end(node, actor);
    if (!actor->reason)
        actor->reason = tri_body_ref(reason);
    if (!actor->is_doomed || !tri_guest_see_off(node, actor))
        tri_source_close(node, &actor->control);
    tri_actor_move(node, actor, TRI_STATE_ENDED);
    node->living--;
    node->living_guests -= actor->is_guest;
    tri_notices_stop_waiting(actor);
    actor->words_left++; /* ours, until everybody has been told */
    tri_timers_forget(node, actor);
    tri_actor_release_name(node, actor);
    show_end(node, actor);
    tri_rundir_forget(&node->dir, actor->pid);
    tri_spawn_answer(node, actor, 0, NULL);
    tri_words_collect(node, actor);
    tri_links_end(node, actor);
    tri_notices_clear(node, actor);
    remember_root(node, actor);
    tri_words_told(node, actor);
}

/* What a death is called that nobody gave a reason for. */
static struct tri_body *reason_of_death(struct tri_node *node, const struct tri_actor *actor,
                                        const struct tri_end *end)
{
    if (actor->has_lost_channel && end->status == SIGKILL)
        return tri_body_of_atom("channel_closed");
    if (end->code == CLD_EXITED && end->status == TRI_FATE_STATUS &&
        tri_actor_fate(node, actor) == TRI_FATE_MAILBOX)
        return tri_body_of_limit("mailbox");
    /* What it executes now does not know what it was asked. */
    if (actor->hang_asked_ns && end->code != CLD_EXITED && end->status == TRI_HANG_SIGNAL)
        return tri_body_of_hang(actor->hang_ns / TRI_NS_PER_MS);
    return tri_body_of_end(end);
}

/* Can the coroner find out where it was? Only of the end that the crash tells of. */
static bool has_place(const struct tri_actor *actor, const struct tri_end *end)
{
    if (actor->is_hung)
        return end->crash && end->crash->cause == TRI_CRASH_HANG &&
               tri_crash_has_frames(end->crash);
    return !actor->has_lost_channel && tri_death_has_place(end);
}

/* A process that ended before its mailbox was bound, and not because somebody killed it, was never born: there was no
 * room for it (its library aborts when it gets no thread). Its spawner gets the error, and nobody hears of a death. */
static void bury_actor(struct tri_node *node, struct tri_actor *actor,
                       const struct tri_ended *ended)
{
    struct tri_crash crash;
    struct tri_end end = {.code = ended->code,
                          .status = ended->is_of_cpu ? SIGXCPU : ended->status,
                          .by_oom_killer = ended->by_oom_killer,
                          .group_limit_bytes = ended->group_limit_bytes};
    tri_actor_forget_os_pid(node, actor);
    tri_request_drain(node, actor);
    /* A keeper is in its actor's group: it goes last, by itself. */
    if (!tri_actor_leaves_keeper(node, actor))
        tri_group_end(node, actor);
    if (!actor->was_ready && (actor->birth_result || !actor->reason)) {
        int r = actor->birth_result ? actor->birth_result : -EAGAIN;
        tri_actor_unborn(node, actor, r, actor->birth_tells_more ? actor->reason : NULL, "");
        return;
    }
    if (tri_inquest_read_crash(node, actor, &crash))
        end.crash = &crash;
    else if (end.status == SIGKILL && !end.by_oom_killer && end.code != CLD_EXITED &&
             !actor->reason)
        end.by_oom_killer = tri_oom_explains(&node->oom);
    else
        tri_oom_look(&node->oom);
    struct tri_body *reason = reason_of_death(node, actor, &end);
    tri_inquest_end(node, actor, ended, reason, has_place(actor, &end));
    tri_body_unref(reason);
}

/* An orphan of an actor's, not reaped yet, so that its group is its own. The leader of a program's group is killed by the
 * kernel with its keeper (behaviour/program_keeper.h); when the actor was killed, too, nobody else ends the others. */
static void end_group_of(const siginfo_t *info)
{
    if (info->si_code == CLD_KILLED && info->si_status == SIGKILL)
        kill(-info->si_pid, SIGKILL);
}

/* Reaps a child that has ended, and learns what it has used, which only the system call itself tells. */
static void reap(int os_pid, struct tri_ended *ended)
{
    siginfo_t reaped;
    syscall(SYS_waitid, P_PID, os_pid, &reaped, WEXITED | WNOHANG, &ended->usage);
}

/* Nobody killed this actor but the kernel, for its CPU time? It is still a zombie, of which that can be asked. */
static bool is_of_cpu(const struct tri_actor *actor, const siginfo_t *info)
{
    const struct tri_body *told = actor ? actor->confinement : NULL;
    struct tri_osproc process;
    uint64_t limit_s = 0;
    tr_term limits, cpu;
    return told && !actor->reason && info->si_code == CLD_KILLED && info->si_status == SIGKILL &&
           tr_map_get_atom((tr_term){told->data, told->size_bytes}, "limits", &limits) &&
           tr_map_get_atom(limits, "cpu", &cpu) && tr_get_unsigned(cpu, &limit_s) &&
           tri_osproc_withstands(info->si_pid, SIGXCPU) &&
           tri_osproc_look(info->si_pid, &process) &&
           tri_death_is_of_cpu(process.cpu_ticks, limit_s);
}

/* Nobody killed it but the kernel, for the memory of its group? */
static void see_oom(const struct tri_actor *actor, struct tri_ended *ended)
{
    ended->by_oom_killer = actor && !actor->reason && ended->code == CLD_KILLED &&
                           ended->status == SIGKILL &&
                           tri_group_tells_of_oom(actor, &ended->group_limit_bytes);
}

/* One child that the kernel calls ended: still a zombie, so its os_pid is its own. Returns whether it was dealt with. */
static bool bury_child(struct tri_node *node, const siginfo_t *info)
{
    struct tri_actor *actor = tri_actor_of_os_pid(node, info->si_pid);
    if (!actor && !tri_image_of_os_pid(node, info->si_pid) && tri_image_collect_forked(node))
        actor = tri_actor_of_os_pid(node, info->si_pid);
    struct tri_image *image = actor ? NULL : tri_image_of_os_pid(node, info->si_pid);
    bool is_coroner = info->si_pid == node->coroner_os_pid;
    if (!actor && !image && !is_coroner && tri_image_may_have_forked(node, info->si_pid))
        return false;
    if (!actor && !image && !is_coroner)
        end_group_of(info);
    struct tri_ended ended = {
        .code = info->si_code, .status = info->si_status, .is_of_cpu = is_of_cpu(actor, info)};
    see_oom(actor, &ended);
    reap(info->si_pid, &ended);
    if (tri_coroner_ended(node, info->si_pid))
        return true;
    if (actor) {
        bury_actor(node, actor, &ended);
    } else if (image) {
        tri_image_ended(node, image, info->si_code, info->si_status);
    }
    return true;
}

void tri_reap(struct tri_node *node)
{
    node->is_reaping_due = false;
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == EINTR)
            continue;
        if (info.si_pid == 0)
            return;
        tri_loop_settle(node);
        if (!bury_child(node, &info)) {
            if (!node->reap_each_ns)
                node->reap_each_ns = tri_deadline_ns(UNKNOWN_PATIENCE_MS);
            return;
        }
    }
}

static void reap_one(struct tri_node *node, int os_pid)
{
    siginfo_t info = {.si_pid = 0};
    if (os_pid && waitid(P_PID, (id_t)os_pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid) {
        tri_loop_settle(node);
        bury_child(node, &info);
    }
}

void tri_reap_each(struct tri_node *node)
{
    struct tri_actor *actor, *next;
    if (!node->reap_each_ns || tri_clock_ns() < node->reap_each_ns)
        return;
    node->reap_each_ns = 0;
    if (!node->unknown_os_pid)
        return;
    HASH_ITER(hh, node->by_os_pid, actor, next)
        reap_one(node, actor->os_pid);
    for (struct tri_image *image = node->images; image; image = image->next)
        reap_one(node, image->os_pid);
}
