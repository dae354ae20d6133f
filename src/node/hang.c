/* Hang: each watched actor has a time at which it is looked at next, and the node the least of these. */
#include "node/hang.h"

#include <signal.h>

#include "base/clock.h"
#include "base/osproc.h"
#include "node/death.h"
#include "wire/crash.h"

/* How often one that was asked is looked at. */
#define ASK_AGAIN_NS TRI_NS_PER_MS

/* How much later it may be found that somebody hangs who may have waited for a processor: so much of hang_ms, and that much. */
#define SURE_PART 16
#define SURE_MAX_NS (100 * TRI_NS_PER_MS)
/* A node that comes so much later than it wanted was stopped, and most likely its actors with it. */
#define LATE_NS (500 * TRI_NS_PER_MS)

static void look_later(struct tri_node *node, struct tri_actor *actor, uint64_t at_ns)
{
    actor->hang_look_ns = at_ns;
    if (!node->hang_next_ns || at_ns < node->hang_next_ns)
        node->hang_next_ns = at_ns;
}

void tri_hang_watch(struct tri_node *node, struct tri_actor *actor, uint64_t ms)
{
    if (actor->hang_ns)
        LIST_REMOVE(actor, of_watched);
    actor->hang_ns = ms < UINT64_MAX / 4 / TRI_NS_PER_MS ? ms * TRI_NS_PER_MS : 0;
    if (!actor->hang_ns)
        return;
    LIST_INSERT_HEAD(&node->watched, actor, of_watched);
    uint64_t now_ns = tri_clock_ns(), ran_ns = 0, waited_ns = 0;
    tri_osproc_turns(actor->os_pid, &ran_ns, &waited_ns);
    actor->hang_since_ns = now_ns;
    actor->stint = (struct tri_stint){0};
    tri_stint_look(&actor->stint, now_ns, now_ns, ran_ns, waited_ns);
    look_later(node, actor, now_ns + actor->hang_ns / 2 + 1);
}

/* When it last did what one that hangs does not; `now` when it does not compute. */
static uint64_t last_sign_ns(const struct tri_node *node, const struct tri_actor *actor,
                             uint64_t now_ns)
{
    struct tri_box box;
    if (tri_box_read(node->boxes_fd, node->slots, tr_pid_slot(actor->pid), &box) ||
        atomic_load(&box.activity) != TRI_ACTIVITY_RUNNING)
        return now_ns;
    uint64_t heartbeat_ns = atomic_load(&box.heartbeat_ns);
    uint64_t last_ns = heartbeat_ns > box.in_hand_since_ns ? heartbeat_ns : box.in_hand_since_ns;
    uint64_t seen_since_ns = node->hang_blind_until_ns > actor->hang_since_ns
                                 ? node->hang_blind_until_ns
                                 : actor->hang_since_ns;
    if (last_ns < seen_since_ns)
        last_ns = seen_since_ns;
    return last_ns < now_ns ? last_ns : now_ns;
}

static void kill_hung(struct tri_node *node, struct tri_actor *actor, uint64_t now_ns)
{
    uint64_t last_ns = last_sign_ns(node, actor, now_ns);
    if (last_ns == now_ns)
        last_ns = actor->hang_asked_ns - actor->hang_ns;
    struct tri_body *reason = tri_body_of_hang((now_ns - last_ns) / TRI_NS_PER_MS);
    actor->is_hung = !actor->reason;
    LIST_REMOVE(actor, of_watched);
    actor->hang_ns = 0;
    tri_kill(node, actor, reason);
    tri_body_unref(reason);
}

/* Has it written down where it is? */
static bool has_answered(const struct tri_node *node, const struct tri_actor *actor)
{
    struct tri_crash crash;
    return tri_crash_read(node->boxes_fd, node->slots, actor->pid.id, &crash) == 0 &&
           crash.cause == TRI_CRASH_HANG && crash.stage == TRI_CRASH_HAS_MAPS;
}

/* Does it wait for nothing that a processor would mend? It is asleep, stopped, or not told of. */
static bool is_off(int os_pid)
{
    struct tri_osproc process;
    return !tri_osproc_look(os_pid, &process) || process.state != 'R';
}

/* Looks whether it hangs. If not, ret_next_ns is how much later it may. */
static bool hangs(const struct tri_node *node, struct tri_actor *actor, uint64_t now_ns,
                  uint64_t *ret_next_ns)
{
    uint64_t sign_ns = last_sign_ns(node, actor, now_ns), ran_ns = 0, waited_ns = 0;
    bool is_known = tri_osproc_turns(actor->os_pid, &ran_ns, &waited_ns);
    struct tri_stint_length is = tri_stint_look(&actor->stint, now_ns, sign_ns, ran_ns, waited_ns);
    if (sign_ns == now_ns) /* it may begin to compute at any time */
        *ret_next_ns = actor->hang_ns / 2 + 1;
    else if (is.apparent_ns < actor->hang_ns)
        *ret_next_ns = actor->hang_ns - is.apparent_ns;
    else if (is.certain_ns >= actor->hang_ns || !is_known || is_off(actor->os_pid))
        return true;
    else
        *ret_next_ns =
            actor->hang_ns / SURE_PART < SURE_MAX_NS ? actor->hang_ns / SURE_PART + 1 : SURE_MAX_NS;
    return false;
}

static void look_at(struct tri_node *node, struct tri_actor *actor, uint64_t now_ns)
{
    if (!actor->os_pid || actor->reason || actor->state != TRI_STATE_RUNNING) {
        look_later(node, actor, now_ns + actor->hang_ns); /* it ends, for another reason */
    } else if (actor->hang_asked_ns) {
        if (has_answered(node, actor) ||
            now_ns >= actor->hang_asked_ns + TRI_HANG_ANSWER_MS * TRI_NS_PER_MS)
            kill_hung(node, actor, now_ns);
        else
            look_later(node, actor, now_ns + ASK_AGAIN_NS);
    } else {
        uint64_t next_ns;
        if (hangs(node, actor, now_ns, &next_ns)) {
            actor->hang_asked_ns = now_ns;
            sigqueue(actor->os_pid, TRI_HANG_SIGNAL, (union sigval){0});
            next_ns = ASK_AGAIN_NS;
        }
        look_later(node, actor, now_ns + next_ns);
    }
}

void tri_hang_look(struct tri_node *node)
{
    struct tri_actor *actor, *next;
    uint64_t now_ns = node->hang_next_ns ? tri_clock_ns() : 0;
    if (!node->hang_next_ns || now_ns < node->hang_next_ns)
        return;
    if (now_ns >= node->hang_next_ns + LATE_NS)
        node->hang_blind_until_ns = now_ns;
    node->hang_next_ns = 0;
    for (actor = LIST_FIRST(&node->watched); actor; actor = next) {
        next = LIST_NEXT(actor, of_watched);
        if (actor->hang_look_ns <= now_ns)
            look_at(node, actor, now_ns);
        else
            look_later(node, actor, actor->hang_look_ns);
    }
}
