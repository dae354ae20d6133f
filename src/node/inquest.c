/* Inquest: a list in the order of its deadlines, which are all equally long. What is in it is either an end that waits to be
 * told, or one that has been told and whose box is still to be read: then it counts as one more who has words to hear. */
#include "node/inquest.h"

#include <string.h>

#include "base/clock.h"
#include "node/actor.h"
#include "node/coroner.h"
#include "node/death.h"
#include "node/facts.h"
#include "node/notice.h"
#include "node/parting.h"
#include "node/words.h"
#include "wire/inquest.h"

bool tri_inquest_read_crash(const struct tri_node *node, const struct tri_actor *actor,
                            struct tri_crash *ret_crash)
{
    return tri_crash_read(node->boxes_fd, node->slots, actor->pid.id, ret_crash) == 0;
}

static bool is_normal(const struct tri_body *reason)
{
    tr_term term = {reason->data, reason->size_bytes};
    return reason->fd < 0 && (tr_is_atom(term, "normal") || tr_is_atom(term, "shutdown") ||
                              tr_match(term, "{shutdown, _}") == 0);
}

/* A node that ends its actors knows why. */
static bool is_worth_it(const struct tri_node *node, const struct tri_body *reason)
{
    return !is_normal(reason) && node->inquest_count < TRI_INQUESTS &&
           node->stop_phase < TRI_STOP_KILL;
}

/* Can the reason tell the name of its report, and the coroner that name soon? */
static bool may_be_named(const struct tri_node *node, const struct tri_body *reason)
{
    return reason->fd < 0 && node->inquest_count < TRI_INQUESTS_FOR_NAMES &&
           tri_death_has_info((tr_term){reason->data, reason->size_bytes});
}

static void open_inquest(struct tri_node *node, struct tri_actor *actor, bool is_awaited)
{
    actor->inquest_serial = ++node->inquest_serial;
    actor->inquest_ns = tri_deadline_ns(TRI_INQUEST_MS);
    actor->awaits_inquest = is_awaited;
    TAILQ_INSERT_TAIL(&node->inquests, actor, of_inquest);
    node->inquest_count++;
}

static void close_inquest(struct tri_node *node, struct tri_actor *actor)
{
    TAILQ_REMOVE(&node->inquests, actor, of_inquest);
    node->inquest_count--;
    actor->inquest_serial = 0;
    if (!actor->awaits_inquest) {
        tri_words_told(node, actor);
        return;
    }
    actor->awaits_inquest = false;
    actor->is_doomed = true;
    TAILQ_INSERT_TAIL(&node->doomed, actor, of_list);
}

void tri_inquest_end(struct tri_node *node, struct tri_actor *actor, const struct tri_ended *ended,
                     struct tri_body *reason, bool has_place)
{
    struct tr_out facts = {0};
    bool is_given = actor->reason && !actor->is_hung;
    bool leaves_keeper = tri_actor_leaves_keeper(node, actor);
    bool is_awaited = (has_place || may_be_named(node, reason)) && !is_given && !leaves_keeper;
    if (!actor->reason)
        actor->reason = tri_body_ref(reason);
    bool is_worth = is_worth_it(node, actor->reason);
    if (is_worth)
        tri_facts_put(&facts, node, actor, ended, is_given);
    if (is_worth && is_awaited && tri_coroner_ask(node, actor, &facts, true)) {
        open_inquest(node, actor, true);
        tri_notices_stop_waiting(actor);
        tri_notices_clear(node, actor);
    } else if (leaves_keeper) { /* as long as that is there, the box is */
        tri_parting_begin(node, actor, reason);
        if (is_worth)
            tri_coroner_ask(node, actor, &facts, false);
    } else {
        actor->words_left++; /* the coroner's, if it is to read the box */
        tri_actor_ended(node, actor, reason);
        if (is_worth && !is_awaited && tri_coroner_ask(node, actor, &facts, false))
            open_inquest(node, actor, false);
        else
            tri_words_told(node, actor);
    }
    tr_out_deinit(&facts);
}

static struct tri_actor *find(const struct tri_node *node, uint64_t serial, tr_pid pid)
{
    struct tri_actor *actor = tri_actor_find(node, pid);
    return actor && serial && actor->inquest_serial == serial ? actor : NULL;
}

void tri_inquest_answered(struct tri_node *node, uint64_t serial, tr_pid pid,
                          struct tri_body *reason)
{
    struct tri_actor *actor = find(node, serial, pid);
    if (!actor)
        return;
    if (actor->awaits_inquest && reason) {
        tri_body_unref(actor->reason);
        actor->reason = tri_body_ref(reason);
    }
    close_inquest(node, actor);
}

void tri_inquests_late(struct tri_node *node)
{
    struct tri_actor *actor;
    uint64_t now_ns = TAILQ_EMPTY(&node->inquests) ? 0 : tri_clock_ns();
    while ((actor = TAILQ_FIRST(&node->inquests)) && actor->inquest_ns <= now_ns)
        close_inquest(node, actor);
}

void tri_inquests_give_up(struct tri_node *node)
{
    struct tri_actor *actor;
    while ((actor = TAILQ_FIRST(&node->inquests)))
        close_inquest(node, actor);
}

uint64_t tri_inquests_next_ns(const struct tri_node *node)
{
    const struct tri_actor *first = TAILQ_FIRST(&node->inquests);
    return first ? first->inquest_ns : 0;
}
