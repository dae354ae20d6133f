/* Waiting: first with open eyes, when that was worth it lately, then asleep.
 *
 * A process that is woken from poll(2) starts again some 30 µs later than one that has only yielded, so two actors that
 * talk to each other yield. It is the kernel's scheduler that decides whether there is anything better to do; and who
 * yields in vain a few times stops it, so that idle actors burn nothing. */
#include <errno.h>
#include <poll.h>
#include <sched.h>

#include "base/clock.h"
#include "mailbox/care.h"
#include "mailbox/door.h"
#include "mailbox/inside.h"
#include "mailbox/room.h"

/* How long to yield before going to sleep, and how often in vain. */
#define YIELD_NS 50000ull
#define YIELDS_IN_VAIN 4
/* A receiver that does nothing but take in mail empties a sender's share in this time. Who slept meanwhile would wake up when
 * it has had nothing to do for long, and it in turn would sleep: so the sender yields for so long, while its waits for room
 * are short. */
#define YIELD_FOR_ROOM_NS 200000ull
#define SHORT_ROOM_WAIT_NS 500000ull
/* A yield that takes longer than this gave the processor to somebody who computes: who yields on a busy machine is late when
 * its mail comes, because the kernel prefers those who slept. So it sleeps for some waits, and for twice as many each time
 * that this happens again before a yield has been worth it. */
#define LONG_YIELD_NS 100000ull
#define WAITS_ASLEEP 4
#define WAITS_ASLEEP_MOST 64
/* Whether yielding or sleeping brings an answer sooner depends on who shares which processor, and on what waking one up
 * costs: so it is tried. After so many waits in the better way come so many in the other. */
#define SETTLED_WAITS 240
#define TRIAL_WAITS 16
/* No sleep is shorter than this: who waits less while yielding need not try. */
#define SHORTEST_SLEEP_NS 15000ull
/* Longer waits say nothing about it, and one that took so many times as long as usual not more than that. */
#define LONG_WAIT_NS TRI_NS_PER_MS
#define OUTLIER 4
/* A sleep shorter than this would have been better spent yielding. */
#define SHORT_SLEEP_NS 150000ull
/* Nobody tells a sender that its receiver has published: it looks again after half as long as its last wait for room took,
 * then after twice as long …, at last, when the receiver seems to be stopped, only a few times a second. */
#define FIRST_LOOK_NS 100000ull
#define FIRST_LOOK_MOST_NS (20 * TRI_NS_PER_MS)
#define LATER_LOOK_NS (5 * TRI_NS_PER_MS)
#define LAST_LOOK_NS (200 * TRI_NS_PER_MS)
/* How many full sockets are waited for by poll; when there are more, or when peers want for sockets, they are looked at
 * this often. */
#define POLLED_SOCKETS 62
/* Who waits for room in his share goes on when there is much of it; having waited for long he takes less. A receiver of many
 * senders comes round to each of them in some tens of ms, and none of them should wake up for a few messages before. */
#define MUCH_ROOM_BYTES (128u * 1024u)
#define LITTLE_ROOM_BYTES (16u * 1024u)
#define LONG_FOR_ROOM_NS (50 * TRI_NS_PER_MS)
#define LOOK_NS (5 * TRI_NS_PER_MS)

static bool has_mail(struct tri_mailbox *mailbox)
{
    return mailbox->found || (!tri_intake_is_pending(&mailbox->intake) &&
                              tri_mailbox_find(mailbox, &mailbox->found) == 0);
}

/* Is something left that would be taken in now? */
static bool is_about_to_go_on(const struct tri_intake *intake)
{
    return tri_intake_is_pending(intake) && !tri_intake_is_stuck(intake);
}

static bool is_readable(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&one, 1, 0) > 0;
}

static bool has_room_again(struct tri_mailbox *mailbox, uint64_t waited_ns)
{
    return tri_room_is_back(&mailbox->outbox,
                            waited_ns < LONG_FOR_ROOM_NS ? MUCH_ROOM_BYTES : LITTLE_ROOM_BYTES);
}

static bool is_busy(const struct tri_mailbox *mailbox)
{
    return !tr_pid_is_none(mailbox->outbox.busy_with);
}

/* One long wait, in which the receiver had no processor, says little about the next. */
static void note_room_wait(struct tri_mailbox *mailbox, uint64_t waited_ns)
{
    mailbox->room_wait_ns = tri_sooner_ns(waited_ns, 2 * mailbox->room_wait_ns + FIRST_LOOK_NS);
}

static uint64_t yield_time_ns(const struct tri_mailbox *mailbox)
{
    bool is_worth_it = is_busy(mailbox) && mailbox->room_wait_ns < SHORT_ROOM_WAIT_NS;
    return is_worth_it ? YIELD_FOR_ROOM_NS : YIELD_NS;
}

static void be_careful(struct tri_mailbox *mailbox)
{
    unsigned waits = 2 * mailbox->last_waits_asleep;
    if (waits < WAITS_ASLEEP)
        waits = WAITS_ASLEEP;
    mailbox->waits_asleep = mailbox->last_waits_asleep =
        waits < WAITS_ASLEEP_MOST ? waits : WAITS_ASLEEP_MOST;
}

/* Yields until something has come. False when that was in vain. */
static bool yield_for_mail(struct tri_mailbox *mailbox, int other_fd, uint64_t until_ns,
                           bool *ret_other_ready)
{
    uint64_t now_ns = tri_clock_ns();
    for (unsigned i = 1;; i++) {
        if (has_mail(mailbox) || (is_busy(mailbox) && has_room_again(mailbox, 0)))
            return true;
        if (i % 8 == 0 && is_readable(other_fd)) {
            *ret_other_ready = true;
            return true;
        }
        if (now_ns >= until_ns)
            return false;
        uint64_t before_ns = now_ns;
        sched_yield();
        now_ns = tri_clock_ns();
        if (now_ns - before_ns > LONG_YIELD_NS)
            be_careful(mailbox);
    }
}

static int sleep_on(struct pollfd *list, size_t count, uint64_t now_ns, uint64_t wake_ns)
{
    struct timespec left = {0};
    if (wake_ns > now_ns)
        left = (struct timespec){(time_t)((wake_ns - now_ns) / TRI_NS_PER_S),
                                 (long)((wake_ns - now_ns) % TRI_NS_PER_S)};
    int n = ppoll(list, count, wake_ns == TRI_NEVER ? NULL : &left, NULL);
    return n < 0 ? -errno : n;
}

/* How long to sleep before the first look for room. */
static uint64_t first_look_ns(const struct tri_mailbox *mailbox)
{
    uint64_t look_ns = mailbox->room_wait_ns / 2;
    return look_ns < FIRST_LOOK_NS ? FIRST_LOOK_NS : tri_sooner_ns(look_ns, FIRST_LOOK_MOST_NS);
}

/* How long to sleep before the next look for room, after waiting for so long. */
static uint64_t next_look_ns(uint64_t look_ns, uint64_t waited_ns)
{
    if (look_ns < LATER_LOOK_NS)
        return 2 * look_ns;
    return tri_sooner_ns(waited_ns / 16 + LATER_LOOK_NS, LAST_LOOK_NS);
}

/* Sleeps until something has come or wants care. 1 when it was a short sleep that ended with mail. */
static int sleep_for_mail(struct tri_mailbox *mailbox, int other_fd, uint64_t deadline_ns,
                          bool *ret_other_ready)
{
    struct tri_outbox *outbox = &mailbox->outbox;
    struct pollfd list[3 + POLLED_SOCKETS];
    uint64_t look_ns = first_look_ns(mailbox), begin_ns = tri_clock_ns(), now_ns = begin_ns;
    for (;;) {
        bool is_whole;
        list[0] = (struct pollfd){.fd = mailbox->doorbell_fd, .events = POLLIN};
        list[1] = (struct pollfd){.fd = mailbox->socket.fd, .events = POLLIN};
        if (tri_intake_is_pending(&mailbox->intake))
            list[0].fd = list[1].fd =
                -1; /* nothing more is taken in until the program has received something */
        list[2] = (struct pollfd){.fd = other_fd, .events = POLLIN};
        size_t count = 3 + tri_outbox_poll_list(outbox, list + 3, POLLED_SOCKETS, &is_whole);
        uint64_t wake_ns =
            tri_sooner_ns(deadline_ns, tri_sooner_ns(outbox->care_ns, mailbox->tidy.when_ns));
        if (!is_whole)
            wake_ns = tri_sooner_ns(wake_ns, now_ns + LOOK_NS);
        if (is_busy(mailbox))
            wake_ns = tri_sooner_ns(wake_ns, now_ns + look_ns);
        look_ns = next_look_ns(look_ns, now_ns - begin_ns);
        int n = sleep_on(list, count, now_ns, wake_ns);
        if (n < 0)
            return n == -EINTR ? 0 : n;
        *ret_other_ready = list[2].revents != 0;
        mailbox->is_knocked |= list[0].revents != 0;
        bool has_mail = list[0].revents || list[1].revents;
        now_ns = tri_clock_ns();
        if (has_mail || *ret_other_ready)
            return has_mail && now_ns - begin_ns < SHORT_SLEEP_NS;
        if (outbox->unsent)
            tri_outbox_flush(outbox);
        tri_care(outbox, now_ns);
        tri_tidy(&mailbox->tidy, &mailbox->pool, now_ns);
        if (is_busy(mailbox) && has_room_again(mailbox, now_ns - begin_ns)) {
            note_room_wait(mailbox, now_ns - begin_ns);
            return 0;
        }
        if (now_ns >= deadline_ns)
            return 0;
    }
}

/* Notes how long a wait for mail took, and chooses the way of the next. */
static void learn(struct tri_ways *ways, uint64_t waited_ns)
{
    uint64_t *usual_ns = &ways->usual_ns[ways->sleeps];
    if (waited_ns > LONG_WAIT_NS)
        return;
    if (*usual_ns && waited_ns > OUTLIER * *usual_ns)
        waited_ns = OUTLIER * *usual_ns;
    *usual_ns = *usual_ns ? (7 * *usual_ns + waited_ns) / 8 : waited_ns;
    if (++ways->waits < (ways->is_trial ? TRIAL_WAITS : SETTLED_WAITS))
        return;
    if (!ways->sleeps && *usual_ns < SHORTEST_SLEEP_NS)
        return;
    ways->waits = 0;
    ways->is_trial = !ways->is_trial;
    ways->sleeps = ways->is_trial ? !ways->sleeps : ways->usual_ns[true] < ways->usual_ns[false];
    if (ways->is_trial)
        ways->usual_ns[ways->sleeps] = 0;
}

/* Before it sleeps, it tells those to whom it attends that it does no more, and looks a last time. True: there is mail, or
 * may be where it could not look. What waits for room keeps everything else where it is, so then that may wait, too. */
static bool leave_senders(struct tri_mailbox *mailbox)
{
    tri_door_end_crowd(mailbox);
    if (tri_intake_is_pending(&mailbox->intake) || mailbox->intake.fetch.count == 0)
        return false;
    tri_fetch_leave_all(&mailbox->intake.fetch);
    return has_mail(mailbox) || mailbox->intake.fetch.count > 0;
}

static int wait_for_mail(struct tri_mailbox *mailbox, int other_fd, uint64_t deadline_ns,
                         uint64_t now_ns, bool *ret_other_ready)
{
    bool may_yield = mailbox->waits_asleep == 0 && (mailbox->yields > 0 || is_busy(mailbox));
    bool learns = may_yield && !is_busy(mailbox);
    mailbox->waits_asleep -= mailbox->waits_asleep > 0;
    if (may_yield && !(learns && mailbox->ways.sleeps)) {
        uint64_t until_ns = tri_sooner_ns(deadline_ns, now_ns + yield_time_ns(mailbox));
        if (yield_for_mail(mailbox, other_fd, until_ns, ret_other_ready)) {
            mailbox->yields = YIELDS_IN_VAIN;
            if (mailbox->waits_asleep == 0)
                mailbox->last_waits_asleep = 0;
            uint64_t waited_ns = tri_clock_ns() - now_ns;
            if (learns)
                learn(&mailbox->ways, waited_ns);
            else
                note_room_wait(mailbox, waited_ns);
            return 0;
        }
        if (mailbox->yields > 0)
            mailbox->yields--;
    }
    if (leave_senders(mailbox))
        return 0;
    int r = sleep_for_mail(mailbox, other_fd, deadline_ns, ret_other_ready);
    if (r > 0)
        mailbox->yields = YIELDS_IN_VAIN;
    if (r > 0 && learns)
        learn(&mailbox->ways, tri_clock_ns() - now_ns);
    return r < 0 ? r : 0;
}

/* The owner sends what is held and looks after everything itself; its helper may sleep. */
static void begin_wait(struct tri_mailbox *mailbox)
{
    atomic_store_explicit(&mailbox->is_waiting, true, memory_order_relaxed);
    mailbox->left_ns = 0;
    mailbox->outbox.batch++;
    if (mailbox->outbox.unsent)
        tri_outbox_flush(&mailbox->outbox);
}

static void end_wait(struct tri_mailbox *mailbox)
{
    atomic_store_explicit(&mailbox->is_waiting, false, memory_order_relaxed);
    tri_helper_unpark(&mailbox->helper);
}

int tri_mailbox_wait(struct tri_mailbox *mailbox, int other_fd, uint64_t deadline_ns,
                     bool *ret_other_ready)
{
    TRI_IN_TURN(mailbox);
    /* The owner has looked for mail before it came here, but the helper may have been the last. */
    bool was_helped = mailbox->was_helped;
    mailbox->was_helped = false;
    *ret_other_ready = false;
    if (was_helped || mailbox->found || is_about_to_go_on(&mailbox->intake))
        return 0;
    uint64_t now_ns = tri_clock_ns();
    begin_wait(mailbox);
    tri_care(&mailbox->outbox, now_ns);
    tri_tidy(&mailbox->tidy, &mailbox->pool, now_ns);
    int r = wait_for_mail(mailbox, other_fd, deadline_ns, now_ns, ret_other_ready);
    mailbox->outbox.busy_with = TR_NO_PID; /* who still has no room says so again */
    end_wait(mailbox);
    return r;
}

void tri_mailbox_linger(struct tri_mailbox *mailbox, uint64_t deadline_ns)
{
    TRI_IN_TURN(mailbox);
    struct tri_outbox *outbox = &mailbox->outbox;
    struct pollfd list[POLLED_SOCKETS];
    uint64_t look_ns = FIRST_LOOK_NS, begin_ns = tri_clock_ns(), now_ns = begin_ns;
    tri_pool_trim(&mailbox->pool);
    for (; now_ns < deadline_ns; now_ns = tri_clock_ns()) {
        bool is_whole;
        tri_outbox_flush(outbox);
        tri_outbox_drop_dead(outbox);
        tri_outbox_refresh_all(outbox);
        if (!outbox->watched)
            return;
        tri_care(outbox, now_ns);
        if (now_ns - begin_ns < 2 * YIELD_NS) {
            sched_yield();
            continue;
        }
        size_t count = tri_outbox_poll_list(outbox, list, POLLED_SOCKETS, &is_whole);
        if (sleep_on(list, count, now_ns, tri_sooner_ns(deadline_ns, now_ns + look_ns)) < 0)
            continue;
        look_ns = next_look_ns(look_ns, now_ns - begin_ns);
    }
}
