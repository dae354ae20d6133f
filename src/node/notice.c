/* Notice: a short queue of notices beside each control channel, and the brake on those who make it long. */
#include "node/notice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "node/actor.h"
#include "node/death.h"
#include "node/loop.h"
#include "node/words.h"

static bool is_full(int r)
{
    return r == -EAGAIN || r == -ENOBUFS || r == -ETOOMANYREFS || r == -ENOMEM || r == -EMFILE;
}

static int send_now(const struct tri_actor *actor, const struct tri_control *head, const char *name,
                    size_t name_bytes, const struct tri_body *body)
{
    struct tri_parcel parcel = {
        .head = *head, .name = name, .name_bytes = name_bytes, .passed_fd = -1};
    if (body) {
        parcel.body = body->data;
        parcel.body_bytes = body->size_bytes;
        parcel.passed_fd = body->fd;
        parcel.head.flags |= body->fd >= 0 ? TRI_BODY_IN_FILE : 0;
    }
    return tri_control_send(actor->control.fd, &parcel);
}

static void want_writable(struct tri_node *node, struct tri_actor *actor)
{
    uint32_t events =
        (actor->waits_for ? 0 : EPOLLIN) | (TAILQ_EMPTY(&actor->outbox) ? 0 : EPOLLOUT);
    tri_source_change(node, &actor->control, events);
}

static struct tri_notice *keep(struct tri_actor *actor, size_t name_bytes)
{
    struct tri_notice *notice = calloc(1, sizeof *notice + name_bytes);
    if (!notice)
        return NULL;
    notice->name_bytes = name_bytes;
    TAILQ_INSERT_TAIL(&actor->outbox, notice, entry);
    actor->outbox_length++;
    return notice;
}

static void drop_first(struct tri_node *node, struct tri_actor *actor)
{
    struct tri_notice *notice = TAILQ_FIRST(&actor->outbox);
    TAILQ_REMOVE(&actor->outbox, notice, entry);
    actor->outbox_length--;
    tri_body_unref(notice->body);
    if (notice->dead)
        tri_words_told(node, notice->dead);
    struct tri_actor *asker = tri_actor_find_living(node, notice->asker);
    if (asker && notice->request)
        tri_reply(node, asker, notice->request, 0);
    free(notice);
}

void tri_tell(struct tri_node *node, struct tri_actor *actor, const struct tri_control *head,
              const char *name, size_t name_bytes, struct tri_body *body)
{
    if (actor->control.fd < 0)
        return;
    if (TAILQ_EMPTY(&actor->outbox)) {
        int r = send_now(actor, head, name, name_bytes, body);
        if (!is_full(r)) {
            if (r && r != -EPIPE)
                tri_warn("cannot tell %u.%u (%s): %s", tr_pid_slot(actor->pid),
                         tr_pid_generation(actor->pid), tri_control_kind_name(head->kind),
                         tr_strerror(r));
            return;
        }
    }
    struct tri_notice *notice = keep(actor, name_bytes);
    if (!notice) {
        tri_kill_for(node, actor, "system_limit");
        return;
    }
    notice->head = *head;
    notice->body = body ? tri_body_ref(body) : NULL;
    if (name_bytes > 0)
        memcpy(notice->name, name, name_bytes);
    want_writable(node, actor);
}

void tri_reply(struct tri_node *node, struct tri_actor *actor, uint32_t request, int result)
{
    struct tri_control head = {.kind = TRI_REPLY, .request = request, .result = result};
    tri_tell(node, actor, &head, NULL, 0, NULL);
}

void tri_reply_after(struct tri_node *node, struct tri_actor *actor, const struct tri_actor *asker,
                     uint32_t request)
{
    struct tri_actor *living = tri_actor_find_living(node, asker->pid);
    struct tri_notice *last = TAILQ_LAST(&actor->outbox, tri_notices);
    if (!last || last->request || actor == asker) {
        if (living)
            tri_reply(node, living, request, 0);
        return;
    }
    last->asker = asker->pid;
    last->request = request;
}

int tri_tell_words(struct tri_node *node, struct tri_actor *actor, struct tri_actor *dead)
{
    struct tri_notice *notice = keep(actor, 0);
    if (!notice)
        return -ENOMEM;
    notice->dead = dead;
    dead->words_left++;
    want_writable(node, actor);
    return 0;
}

void tri_notices_drain(struct tri_node *node, struct tri_actor *actor)
{
    while (!TAILQ_EMPTY(&actor->outbox) && actor->control.fd >= 0) {
        struct tri_notice *first = TAILQ_FIRST(&actor->outbox);
        int r = first->dead
                    ? tri_words_send(node, actor, first)
                    : send_now(actor, &first->head, first->name, first->name_bytes, first->body);
        if (is_full(r))
            break;
        drop_first(node, actor);
    }
    want_writable(node, actor);
    if (actor->outbox_length < TRI_NOTICES_LIMIT / 2)
        tri_notices_release(node, actor);
}

void tri_notices_clear(struct tri_node *node, struct tri_actor *actor)
{
    while (!TAILQ_EMPTY(&actor->outbox))
        drop_first(node, actor);
    tri_notices_release(node, actor);
}

void tri_notices_brake(struct tri_node *node, struct tri_actor *sender, struct tri_actor *receiver)
{
    if (receiver->outbox_length < TRI_NOTICES_LIMIT || sender->waits_for || sender->control.fd < 0)
        return;
    sender->waits_for = receiver;
    receiver->waiters++;
    want_writable(node, sender);
}

void tri_notices_release(struct tri_node *node, struct tri_actor *receiver)
{
    if (receiver->waiters == 0)
        return;
    for (uint32_t slot = 1; slot < node->slots && receiver->waiters > 0; slot++) {
        struct tri_actor *each = node->actors[slot];
        if (!each || each->waits_for != receiver)
            continue;
        each->waits_for = NULL;
        receiver->waiters--;
        want_writable(node, each);
    }
}
