/* Exit: exit/1 and exit/2.
 *
 * An actor flushes its streams and goes with _exit: handlers of atexit(3) belong to the program from which it was
 * forked, not to it. What it sent is safe in its ring; it lingers only to spare the node the delivery. */
#include "process/exit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "process/channel.h"
#include "process/pump.h"
#include "process/request.h"
#include "process/signals.h"
#include "term/out.h"

#define LINGER_MS 20

void tri_exit_leave(struct tri_process *process, tr_term reason)
{
    TRI_AUTO(tr_out_deinit) struct tr_out instead = {0}, whole = {0};
    struct tri_parcel parcel = tri_parcel_of(TRI_LEAVE);
    process->is_leaving = true;
    tri_process_set_activity(process, TRI_ACTIVITY_EXITING);
    int r = tri_term_whole(&reason, &whole);
    parcel.body = reason.data;
    parcel.body_bytes = reason.size_bytes;
    if (r == 0)
        r = tri_channel_send(process, &parcel);
    if (r && !process->node_is_gone) {
        tr_put(&instead, "{exit_reason_lost, Fault}", r);
        parcel.body = instead.data;
        parcel.body_bytes = instead.size_bytes;
        tri_channel_send(process, &parcel);
    }
    tri_mailbox_linger(process->mailbox, tri_deadline_ns(LINGER_MS));
}

void tri_exit_set_hook(struct tri_process *process, tri_before_exit_fn *before_exit, void *context)
{
    process->before_exit = before_exit;
    process->before_exit_context = context;
}

/* Runs the hook, with a reason of its own: what the program handed in may lie where the hook writes. */
static tr_term run_hook(struct tri_process *process, tr_term reason, struct tr_out *room)
{
    tri_before_exit_fn *before_exit = process->before_exit;
    process->before_exit = NULL;
    if (tr_out_copy(room, reason)) {
        tr_out_reset(room);
        tr_put_atom(room, "exit_reason_lost");
    }
    before_exit(tr_out_term(room), process->before_exit_context);
    return tr_out_term(room);
}

TR_NORETURN void tr_exit_term(tr_term reason)
{
    struct tri_process *process = tri_process_here();
    struct tr_out room = {0};
    if (process->before_exit)
        reason = run_hook(process, reason, &room);
    fflush(NULL);
    tri_exit_leave(process, reason);
    if (!process->is_guest)
        _exit(0);
    tri_process_free(process);
    exit(0);
}

TR_NORETURN void tri_exit(struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    struct tr_out reason = {0};
    tri_process_here();
    if (tri_put(&reason, cache, pattern, holes)) {
        tr_out_reset(&reason);
        tr_put_atom(&reason, "exit_reason_lost");
    }
    tr_exit_term(tr_out_term(&reason));
}

TR_NORETURN void tri_exit_killed(tr_term reason)
{
    char *text = tr_print_new(reason);
    fflush(NULL);
    fprintf(stderr, "killed: %s\n", text ? text : "?");
    tri_process_free(tri_process_here());
    exit(1);
}

void tri_exit_overflowed(void *process)
{
    if (tri_process_or_null() == process)
        fflush(NULL);
}

/* exit/2 to oneself is at once: it does not go through the node. */
static void exit_self(struct tri_process *process, tr_term reason)
{
    bool is_kill = tr_is_atom(reason, "kill");
    if (!is_kill && atomic_load(&process->box->traps_exits))
        tri_signals_put_exit(process, process->self, reason);
    else if (is_kill) {
        tri_exit_set_hook(process, NULL, NULL);
        tr_exit("killed");
    } else
        tr_exit_term(reason);
}

/* One signal at a time is under way to a receiver, so that a stopped one cannot make the node keep many. `kill`, which
 * nobody can be too slow for, waits for nothing. */
static int tell_exit(struct tri_process *process, struct tri_parcel *parcel, bool is_kill)
{
    struct tri_underway *underway = &process->underway;
    tr_pid to = {parcel->head.pid};
    while (!is_kill && !process->node_is_gone &&
           (tri_underway_has(underway, to) || tri_underway_is_full(underway)))
        tri_pump_wait(process, TRI_NEVER);
    bool is_noted = !tri_underway_has(underway, to) && !tri_underway_is_full(underway);
    if (is_noted)
        parcel->head.request = tri_request_number(process);
    int r = tri_channel_send(process, parcel);
    if (r == 0 && is_noted)
        tri_underway_add(underway, to, parcel->head.request);
    return r;
}

int tr_exit_process_term(tr_pid pid, tr_term reason)
{
    struct tri_process *process = tri_process_here();
    if (tr_pid_equal(pid, process->self)) {
        exit_self(process, reason);
        return 0;
    }
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    int r = tri_term_whole(&reason, &whole);
    if (r)
        return r;
    struct tri_parcel parcel = tri_parcel_of(TRI_EXIT);
    parcel.head.pid = pid.id;
    parcel.head.number = tri_mailbox_last_sent(process->mailbox, pid);
    parcel.body = reason.data;
    parcel.body_bytes = reason.size_bytes;
    r = tell_exit(process, &parcel, tr_is_atom(reason, "kill"));
    return r ? r : tri_mailbox_signalled(process->mailbox, pid);
}

int tri_exit_process(tr_pid pid, struct tri_pattern **cache, const char *pattern,
                     struct tr_holes holes)
{
    struct tri_process *process = tri_process_here();
    tr_out_reset(&process->out);
    int r = tri_put(&process->out, cache, pattern, holes);
    return r ? r : tr_exit_process_term(pid, tr_out_term(&process->out));
}

bool tr_trap_exit(bool traps_exits)
{
    return atomic_exchange(&tri_process_here()->box->traps_exits, traps_exits ? 1 : 0) != 0;
}
