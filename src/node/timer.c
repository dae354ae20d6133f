/* Timer: a binary heap by deadline, and a hash by reference for cancelling. */
#include "node/timer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "node/actor.h"
#include "node/notice.h"
#include "troupe/process.h"

static void put(struct tri_node *node, size_t place, struct tri_timer *timer)
{
    node->timer_heap[place] = timer;
    timer->place = place;
}

static void sift_up(struct tri_node *node, struct tri_timer *timer)
{
    size_t place = timer->place;
    while (place > 0 && node->timer_heap[(place - 1) / 2]->deadline_ns > timer->deadline_ns) {
        put(node, place, node->timer_heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(node, place, timer);
}

static void sift_down(struct tri_node *node, struct tri_timer *timer)
{
    size_t place = timer->place;
    for (;;) {
        size_t child = 2 * place + 1;
        if (child + 1 < node->timer_count &&
            node->timer_heap[child + 1]->deadline_ns < node->timer_heap[child]->deadline_ns)
            child++;
        if (child >= node->timer_count ||
            node->timer_heap[child]->deadline_ns >= timer->deadline_ns)
            break;
        put(node, place, node->timer_heap[child]);
        place = child;
    }
    put(node, place, timer);
}

static void free_timer(struct tri_timer *timer)
{
    tri_body_unref(timer->record);
    free(timer);
}

/* Nobody can find it any more, nor does it count. */
static void disown(struct tri_node *node, struct tri_timer *timer)
{
    HASH_DEL(node->timers_by_ref, timer);
    struct tri_actor *maker = tri_actor_find(node, timer->ref.owner);
    struct tri_actor *to = timer->name[0] ? NULL : tri_actor_find(node, timer->to);
    if (maker)
        maker->timer_count--;
    if (to)
        to->timers_to_it--;
}

static void take_out(struct tri_node *node, struct tri_timer *timer)
{
    struct tri_timer *last = node->timer_heap[--node->timer_count];
    if (last != timer) {
        put(node, timer->place, last);
        sift_up(node, last);
        sift_down(node, last);
    }
    disown(node, timer);
}

static int grow(struct tri_node *node)
{
    if (node->timer_count < node->timer_capacity)
        return 0;
    size_t capacity = node->timer_capacity ? 2 * node->timer_capacity : 64;
    struct tri_timer **heap = realloc(node->timer_heap, capacity * sizeof *heap);
    if (!heap)
        return -ENOMEM;
    node->timer_heap = heap;
    node->timer_capacity = capacity;
    return 0;
}

int tri_timer_start(struct tri_node *node, struct tri_actor *maker, const struct tri_packet *packet)
{
    tr_ref ref = {maker->pid, packet->head.ref_number};
    struct tri_timer *same;
    HASH_FIND(hh, node->timers_by_ref, &ref, sizeof ref, same);
    if (same)
        return TR_TAKEN;
    if (!tri_body_fits_record(packet))
        return TR_TOO_LARGE;
    if (maker->timer_count >= TR_TIMERS_MAX || node->timer_count >= TRI_NODE_TIMERS_MAX)
        return -EAGAIN;
    struct tri_timer *timer = calloc(1, sizeof *timer + strlen(packet->name) + 1);
    if (!timer)
        return -ENOMEM;
    timer->record = tri_body_of_record(packet->body, packet->head.body_bytes, packet->head.other);
    if (!timer->record || grow(node)) {
        free_timer(timer);
        return -ENOMEM;
    }
    timer->ref = ref;
    timer->to = (tr_pid){packet->head.pid};
    timer->deadline_ns =
        tri_deadline_ns(packet->head.number > INT64_MAX ? -1 : (int64_t)packet->head.number);
    memcpy(timer->name, packet->name, strlen(packet->name) + 1);
    HASH_ADD(hh, node->timers_by_ref, ref, sizeof timer->ref, timer);
    if (!timer->hh.tbl) {
        free_timer(timer);
        return -ENOMEM;
    }
    struct tri_actor *to = timer->name[0] ? NULL : tri_actor_find(node, timer->to);
    if (to)
        to->timers_to_it++;
    maker->timer_count++;
    timer->place = node->timer_count++;
    sift_up(node, timer);
    return 0;
}

int tri_timer_cancel(struct tri_node *node, tr_ref ref, uint64_t *ret_left_ms)
{
    struct tri_timer *timer;
    HASH_FIND(hh, node->timers_by_ref, &ref, sizeof ref, timer);
    if (!timer)
        return TR_FIRED;
    uint64_t now = tri_clock_ns();
    *ret_left_ms = timer->deadline_ns > now ? (timer->deadline_ns - now) / TRI_NS_PER_MS : 0;
    take_out(node, timer);
    free_timer(timer);
    return 0;
}

uint64_t tri_timer_next_ns(const struct tri_node *node)
{
    return node->timer_count > 0 ? node->timer_heap[0]->deadline_ns : TRI_NEVER;
}

static void deliver(struct tri_node *node, struct tri_timer *timer)
{
    tr_pid to = timer->name[0] ? tri_table_whereis(&node->table, timer->name) : timer->to;
    struct tri_actor *receiver = tri_actor_find_living(node, to);
    if (!receiver)
        return;
    tri_tell_record(node, receiver, timer->ref.owner, timer->record);
    struct tri_actor *maker = tri_actor_find_living(node, timer->ref.owner);
    if (maker)
        tri_notices_brake(node, maker, receiver);
}

void tri_timer_fire(struct tri_node *node)
{
    while (node->timer_count > 0 && node->timer_heap[0]->deadline_ns <= tri_clock_ns()) {
        struct tri_timer *timer = node->timer_heap[0];
        take_out(node, timer);
        deliver(node, timer);
        free_timer(timer);
    }
}

/* In one pass, however many there are: what is left is made a heap anew. */
void tri_timers_forget(struct tri_node *node, struct tri_actor *dead)
{
    size_t kept = 0;
    if (dead->timers_to_it == 0)
        return;
    for (size_t place = 0; place < node->timer_count; place++) {
        struct tri_timer *timer = node->timer_heap[place];
        if (timer->name[0] || !tr_pid_equal(timer->to, dead->pid)) {
            put(node, kept++, timer);
            continue;
        }
        disown(node, timer);
        free_timer(timer);
    }
    node->timer_count = kept;
    for (size_t place = kept / 2; place-- > 0;)
        sift_down(node, node->timer_heap[place]);
}

void tri_timers_free(struct tri_node *node)
{
    while (node->timer_count > 0) {
        struct tri_timer *timer = node->timer_heap[0];
        take_out(node, timer);
        free_timer(timer);
    }
    free(node->timer_heap);
    node->timer_heap = NULL;
}
