/* Notice: a short queue of notices beside each control channel, and the brake on those who make it long. */
#include "node/notice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "node/actor.h"
#include "node/death.h"
#include "node/loop.h"
#include "node/words.h"
#include "wire/box.h"

/* How long nothing is sent that has waited for want of memory or descriptors. */
#define PAUSE_MS 10

static bool is_full(int r)
{
    return r == -EAGAIN || r == -ENOBUFS || r == -ETOOMANYREFS || r == -ENOMEM || r == -EMFILE;
}

int tri_tell_first(const struct tri_actor *actor, const struct tri_control *head, const char *name,
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
    bool has_to_write = !TAILQ_EMPTY(&actor->outbox) && !node->notices_pause_ns;
    uint32_t events = (actor->waits_for ? EPOLLRDHUP : EPOLLIN) | (has_to_write ? EPOLLOUT : 0);
    tri_source_change(node, &actor->control, events);
}

/* The channel is writable, but the system lacks something else: epoll would go on to say that it is writable. */
static void pause_for(struct tri_node *node, int r)
{
    if (is_full(r) && r != -EAGAIN && !node->notices_pause_ns)
        node->notices_pause_ns = tri_deadline_ns(PAUSE_MS);
}

void tri_notices_resume(struct tri_node *node)
{
    if (!node->notices_pause_ns || tri_clock_ns() < node->notices_pause_ns)
        return;
    node->notices_pause_ns = 0;
    for (uint32_t slot = 1; slot < node->fresh_slot; slot++)
        if (node->actors[slot] && !TAILQ_EMPTY(&node->actors[slot]->outbox))
            want_writable(node, node->actors[slot]);
}

/* What a notice counts for: one, and one for each 4 KiB of a body that the node holds in memory for it. */
static uint32_t weight_of(const struct tri_body *body)
{
    return 1 + (body && body->fd < 0 ? (uint32_t)(body->size_bytes / 4096) : 0);
}

static struct tri_notice *keep(struct tri_actor *actor, size_t name_bytes, struct tri_body *body)
{
    struct tri_notice *notice = calloc(1, sizeof *notice + name_bytes);
    if (!notice)
        return NULL;
    notice->name_bytes = name_bytes;
    TAILQ_INSERT_TAIL(&actor->outbox, notice, entry);
    notice->body = body ? tri_body_ref(body) : NULL;
    actor->outbox_length += weight_of(body);
    return notice;
}

static void drop_first(struct tri_node *node, struct tri_actor *actor)
{
    struct tri_notice *notice = TAILQ_FIRST(&actor->outbox);
    TAILQ_REMOVE(&actor->outbox, notice, entry);
    actor->outbox_length -= weight_of(notice->body);
    tri_body_unref(notice->body);
    if (notice->dead)
        tri_words_told(node, notice->dead);
    struct tri_actor *asker = tri_actor_find_living(node, notice->asker);
    if (asker && notice->request)
        tri_reply(node, asker, notice->request, 0);
    free(notice);
}

static void say_untold(const struct tri_actor *actor, unsigned kind, int r)
{
    tri_warn("cannot tell <0.%u.%u> (%s): %s", tr_pid_slot(actor->pid),
             tr_pid_generation(actor->pid), tri_control_kind_name(kind), tr_strerror(r));
}

void tri_tell(struct tri_node *node, struct tri_actor *actor, const struct tri_control *head,
              const char *name, size_t name_bytes, struct tri_body *body)
{
    bool has_channel = actor->control.fd >= 0;
    if (!tri_actor_is_living(actor) || (!has_channel && actor->os_pid) || actor->parting_ns)
        return;
    if (has_channel && TAILQ_EMPTY(&actor->outbox)) {
        int r = tri_tell_first(actor, head, name, name_bytes, body);
        if (r && r != -EPIPE && !is_full(r))
            say_untold(actor, head->kind, r);
        if (!is_full(r))
            return;
        pause_for(node, r);
    }
    struct tri_notice *notice = keep(actor, name_bytes, body);
    if (!notice) {
        tri_kill_for(node, actor, "system_limit");
        return;
    }
    notice->head = *head;
    if (name_bytes > 0)
        memcpy(notice->name, name, name_bytes);
    want_writable(node, actor);
}

void tri_reply(struct tri_node *node, struct tri_actor *actor, uint32_t request, int result)
{
    struct tri_control head = {.kind = TRI_REPLY, .request = request, .result = result};
    tri_tell(node, actor, &head, NULL, 0, NULL);
}

void tri_tell_record(struct tri_node *node, struct tri_actor *actor, tr_pid from,
                     struct tri_body *record)
{
    struct tri_control head = {.kind = TRI_MESSAGE, .pid = from.id};
    struct tri_record record_head;
    memcpy(&record_head, record->data, sizeof record_head);
    record_head.receiver = actor->pid.id;
    record_head.checksum = tri_record_checksum(&record_head, record->data + sizeof record_head);
    memcpy(record->data, &record_head, sizeof record_head);
    tri_tell(node, actor, &head, NULL, 0, record);
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
    struct tri_notice *notice = keep(actor, 0, NULL);
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
        int r = first->dead ? tri_words_send(node, actor, first)
                            : tri_tell_first(actor, &first->head, first->name, first->name_bytes,
                                             first->body);
        pause_for(node, r);
        if (is_full(r))
            break;
        if (r && r != -EPIPE)
            say_untold(actor, first->head.kind, r);
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

void tri_notices_stop_waiting(struct tri_actor *sender)
{
    if (sender->waits_for)
        sender->waits_for->waiters--;
    sender->waits_for = NULL;
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
        tri_notices_stop_waiting(each);
        want_writable(node, each);
    }
}
