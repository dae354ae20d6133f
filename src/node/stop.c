/* Stop: phases with deadlines. Each phase is entered by doing what it is for, and left when nobody is left in it. */
#include "node/stop.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "node/actor.h"
#include "node/death.h"
#include "node/inquest.h"
#include "node/links.h"
#include "node/parting.h"

static const char *const phase_names[] = {"running", "stopping the root", "stopping the others",
                                          "killing", "done"};

static void enter(struct tri_node *node, enum tri_stop_phase phase, int64_t time_ms)
{
    tri_debug("stop: %s", phase_names[phase]);
    node->stop_phase = phase;
    node->stop_deadline_ns = tri_deadline_ns(time_ms);
}

/* Calls `each` for every living actor that is no guest, the youngest slot first. */
static void for_each_child(struct tri_node *node,
                           void (*each)(struct tri_node *, struct tri_actor *, struct tri_body *),
                           struct tri_body *reason)
{
    for (uint32_t slot = node->fresh_slot; slot-- > 1;) {
        struct tri_actor *actor = node->actors[slot];
        if (actor && !actor->is_guest && tri_actor_is_living(actor))
            each(node, actor, reason);
    }
}

static void ask_to_end(struct tri_node *node, struct tri_actor *actor, struct tri_body *reason)
{
    tri_exit_signal(node, tr_pid_make(0, 1), actor, TRI_EXIT_BY_OTHER, reason, 0);
}

static void enter_others(struct tri_node *node)
{
    struct tri_body *shutdown = tri_body_of_atom("shutdown");
    enter(node, TRI_STOP_OTHERS, TRI_STOP_OTHERS_MS);
    for_each_child(node, ask_to_end, shutdown);
    tri_body_unref(shutdown);
}

static void enter_kill(struct tri_node *node)
{
    struct tri_body *killed = tri_body_of_atom("killed");
    enter(node, TRI_STOP_KILL, TRI_STOP_KILL_MS);
    for_each_child(node, tri_kill, killed);
    tri_body_unref(killed);
    tri_inquests_give_up(node);
    tri_parting_give_up(node);
}

void tri_stop(struct tri_node *node, bool is_now)
{
    node->table.header->state = TRI_NODE_STOPPING;
    if (is_now && node->stop_phase < TRI_STOP_KILL) {
        enter_kill(node);
    } else if (node->stop_phase == TRI_STOP_NONE) {
        struct tri_actor *root = tri_actor_find_living(node, node->root);
        struct tri_body *shutdown = tri_body_of_atom("shutdown");
        enter(node, TRI_STOP_ROOT, node->root_has_no_deadline ? -1 : TRI_STOP_ROOT_MS);
        if (root)
            ask_to_end(node, root, shutdown);
        tri_body_unref(shutdown);
    }
}

void tri_stop_failed(struct tri_node *node, const char *why)
{
    if (!node->failure[0])
        snprintf(node->failure, sizeof node->failure, "%s", why);
    tri_stop(node, true);
}

/* One step. Tells whether the phase has changed: then the next one may be over, too. */
static bool step(struct tri_node *node)
{
    enum tri_stop_phase before = node->stop_phase;
    bool is_over = tri_clock_ns() >= node->stop_deadline_ns;
    bool is_empty = node->living == node->living_guests;
    switch (node->stop_phase) {
    case TRI_STOP_ROOT:
        if (!tri_actor_find_living(node, node->root))
            enter_others(node);
        else if (is_over)
            enter_kill(node);
        break;
    case TRI_STOP_OTHERS:
        if (is_empty)
            enter(node, TRI_STOP_DONE, 0);
        else if (is_over)
            enter_kill(node);
        break;
    case TRI_STOP_KILL:
        if (is_empty || is_over)
            enter(node, TRI_STOP_DONE, 0);
        break;
    case TRI_STOP_NONE:
    case TRI_STOP_DONE:
        break;
    }
    return node->stop_phase != before;
}

void tri_stop_step(struct tri_node *node)
{
    while (step(node))
        ;
}

static void tell_guardian(struct tri_node *node, struct tri_parcel *parcel, const char *text)
{
    parcel->name = text;
    parcel->name_bytes = strlen(text);
    if (node->has_guardian && tri_control_send(node->guardian.fd, parcel))
        tri_debug("the guardian does not listen");
}

void tri_stop_tell_up(struct tri_node *node)
{
    struct tri_parcel parcel = tri_parcel_of(TRI_NODE_UP);
    parcel.head.pid = node->root.id;
    node->root_was_up = true;
    node->table.header->state = TRI_NODE_RUNNING;
    tell_guardian(node, &parcel, "");
}

void tri_stop_tell_end(struct tri_node *node)
{
    char text[512] = "";
    if (node->failure[0]) {
        struct tri_parcel parcel = tri_parcel_of(TRI_NODE_FAIL);
        tell_guardian(node, &parcel, node->failure);
        return;
    }
    struct tri_parcel parcel = tri_parcel_of(TRI_ROOT_END);
    parcel.head.pid = node->root.id;
    if (node->root_reason) {
        parcel.head.number = (uint64_t)tri_body_exit_status(node->root_reason);
        tri_body_text(node->root_reason, text, sizeof text);
    }
    tell_guardian(node, &parcel, text);
}
