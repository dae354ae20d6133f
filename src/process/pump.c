/* Pump: intake and waiting. Nothing here but tri_pump_let_signals_in may be entered from within the intake itself. */
#include "process/pump.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/panic.h"
#include "process/channel.h"
#include "process/signals.h"

/* Every how many pumps the control channel is looked at, when nothing says that there is something in it. */
#define CONTROL_EVERY 16
#define CONTROL_AT_ONCE 64
/* Every how many pumps a full drain ends though there is more: a flood must not starve the program. */
#define DRAIN_ROUNDS 1000
/* How many times in a row the mailbox may fail, a ms apart, before this process gives up. */
#define MAILBOX_PATIENCE 5000

static void fire_timers(struct tri_process *process)
{
    struct tri_timer *timer;
    if (process->timers.count == 0)
        return;
    uint64_t now = tri_clock_ns();
    while ((timer = tri_timers_take_due(&process->timers, now))) {
        bool ends_monitor = false;
        if (!timer->alias || tri_watches_accept(&process->watches, timer->alias, &ends_monitor))
            tri_signals_put(process, tr_out_term(&timer->message));
        if (ends_monitor)
            tri_pump_tell_end_of_monitor(process, timer->alias);
        tri_timer_free(timer);
    }
}

void tri_pump_tell_end_of_monitor(struct tri_process *process, uint64_t number)
{
    if (process->ended_monitor_count == process->ended_monitor_capacity) {
        size_t capacity = process->ended_monitor_capacity ? 2 * process->ended_monitor_capacity : 8;
        uint64_t *at = realloc(process->ended_monitors, capacity * sizeof *at);
        if (!at)
            return; /* the node goes on watching in vain, and its DOWN is dropped here */
        process->ended_monitors = at;
        process->ended_monitor_capacity = capacity;
    }
    process->ended_monitors[process->ended_monitor_count++] = number;
}

static void tell_ended_monitors(struct tri_process *process)
{
    while (process->ended_monitor_count > 0) {
        struct tri_parcel parcel = tri_parcel_of(TRI_DEMONITOR);
        parcel.head.ref_owner = process->self.id;
        parcel.head.ref_number = process->ended_monitors[--process->ended_monitor_count];
        tri_channel_send(process, &parcel);
    }
}

/* Takes in mail. Returns how many messages came. A fault (no memory, no descriptors) leaves mail where it is, with its
 * senders, who repeat it: so it is waited for, but not for ever. */
static int take_in_mail(struct tri_process *process)
{
    for (int tries = 0; tries < MAILBOX_PATIENCE; tries++) {
        int taken = tri_mailbox_take_in(process->mailbox);
        if (taken >= 0)
            return taken;
        poll(NULL, 0, 1);
    }
    tri_panic("the mailbox of this actor cannot take in mail any more");
}

static bool is_dead(tr_pid pid, void *process)
{
    enum tri_state state = tri_table_state(&((struct tri_process *)process)->table, pid);
    return state == TRI_STATE_DEAD || state == TRI_STATE_FREE;
}

/* Takes in control packets, and lets held signals in that the mail or these packets have set free. Tells whether
 * nothing is left. */
static bool take_in_control(struct tri_process *process)
{
    bool has_held = !tri_held_is_empty(&process->held);
    if (has_held)
        tri_held_mark_orphans(&process->held, is_dead, process);
    bool is_drained = tri_channel_take_in(process, CONTROL_AT_ONCE);
    if (has_held && is_drained)
        tri_held_stop_waiting_orphans(&process->held);
    if (!tri_held_is_empty(&process->held))
        tri_signals_release(process);
    return is_drained;
}

void tri_pump_let_signals_in(void *context)
{
    struct tri_process *process = context;
    /* Last words come through the channel themselves, behind the signal. */
    for (int round = 0; !process->is_taking_in && round < DRAIN_ROUNDS; round++)
        if (tri_channel_take_in(process, CONTROL_AT_ONCE))
            break;
    tri_signals_release(process);
}

static void pump(struct tri_process *process, bool looks_at_control)
{
    take_in_mail(process);
    if (looks_at_control || !tri_held_is_empty(&process->held) ||
        ++process->pumps % CONTROL_EVERY == 0)
        take_in_control(process);
    fire_timers(process);
    if (process->ended_monitor_count > 0)
        tell_ended_monitors(process);
}

void tri_pump(struct tri_process *process) { pump(process, false); }

void tri_pump_all(struct tri_process *process)
{
    for (int round = 0; round < DRAIN_ROUNDS; round++) {
        bool has_more = take_in_mail(process) > 0;
        has_more |= !take_in_control(process);
        if (!has_more)
            break;
    }
    fire_timers(process);
    tell_ended_monitors(process);
}

void tri_pump_wait_beside(struct tri_process *process, int fd, uint64_t deadline_ns)
{
    bool is_ready = false;
    uint64_t timer_ns = tri_timers_next_ns(&process->timers);
    if (timer_ns < deadline_ns)
        deadline_ns = timer_ns;
    tri_mailbox_wait(process->mailbox, fd, deadline_ns, &is_ready);
    pump(process, is_ready);
}

void tri_pump_wait(struct tri_process *process, uint64_t deadline_ns)
{
    tri_pump_wait_beside(process, process->control_fd, deadline_ns);
}
