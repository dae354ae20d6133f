/* Parting: a list in the order of its deadlines, which are all equally long. */
#include "node/parting.h"

#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "node/actor.h"
#include "node/loop.h"
#include "node/notice.h"

bool tri_actor_leaves_keeper(const struct tri_node *node, const struct tri_actor *actor)
{
    return actor->control.fd >= 0 && tri_actor_has_keeper(node, actor);
}

void tri_parting_begin(struct tri_node *node, struct tri_actor *actor, struct tri_body *reason)
{
    if (!actor->reason)
        actor->reason = tri_body_ref(reason);
    actor->parting_ns = tri_deadline_ns(TRI_PARTING_MS);
    TAILQ_INSERT_TAIL(&node->parting, actor, of_list);
    tri_notices_stop_waiting(actor);
    tri_notices_clear(node, actor);
    tri_source_change(node, &actor->control, EPOLLIN);
}

void tri_parting_over(struct tri_node *node, struct tri_actor *actor)
{
    tri_source_close(node, &actor->control);
    TAILQ_REMOVE(&node->parting, actor, of_list);
    actor->parting_ns = 0;
    actor->is_doomed = true;
    TAILQ_INSERT_TAIL(&node->doomed, actor, of_list);
}

void tri_parting_late(struct tri_node *node)
{
    struct tri_actor *actor;
    uint64_t now_ns = TAILQ_EMPTY(&node->parting) ? 0 : tri_clock_ns();
    while ((actor = TAILQ_FIRST(&node->parting)) && actor->parting_ns <= now_ns) {
        tri_warn("<0.%u.%u> %s: the keeper of its program does not end", tr_pid_slot(actor->pid),
                 tr_pid_generation(actor->pid), actor->entry);
        tri_parting_over(node, actor);
    }
}

void tri_parting_give_up(struct tri_node *node)
{
    struct tri_actor *actor;
    while ((actor = TAILQ_FIRST(&node->parting)))
        tri_parting_over(node, actor);
}

uint64_t tri_parting_next_ns(const struct tri_node *node)
{
    const struct tri_actor *first = TAILQ_FIRST(&node->parting);
    return first ? first->parting_ns : 0;
}
