/* Links and monitors: each is one record in the lists of both sides, found from the side that has fewer. */
#include "node/links.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node/actor.h"
#include "node/death.h"
#include "node/notice.h"
#include "node/user.h"

void tri_exit_signal(struct tri_node *node, tr_pid from, struct tri_actor *to,
                     enum tri_exit_origin origin, struct tri_body *reason, uint64_t number)
{
    struct tri_control head = {.kind = TRI_SIGNAL_EXIT,
                               .pid = from.id,
                               .number = number,
                               .flags = origin == TRI_EXIT_BY_LINK ? TRI_LINK : 0};
    switch (tri_exit_effect(origin, tri_body_reason(reason), tri_actor_traps_exits(node, to))) {
    case TRI_EXIT_DROPPED:
        break;
    case TRI_EXIT_MESSAGE:
        tri_tell(node, to, &head, NULL, 0, reason);
        break;
    case TRI_EXIT_DIES:
        tri_kill(node, to, reason);
        break;
    case TRI_EXIT_KILLED:
        tri_kill_for(node, to, "killed");
        break;
    }
}

static struct tri_link *find_link(const struct tri_actor *one, const struct tri_actor *other)
{
    const struct tri_actor *fewer = one->link_count <= other->link_count ? one : other;
    const struct tri_actor *more = fewer == one ? other : one;
    struct tri_link *link;
    LIST_FOREACH(link, &fewer->links_as_one, of_one) {
        if (link->other == more)
            return link;
    }
    LIST_FOREACH(link, &fewer->links_as_other, of_other) {
        if (link->one == more)
            return link;
    }
    return NULL;
}

int tri_link_add(struct tri_node *node, struct tri_actor *one, struct tri_actor *other)
{
    if (one == other || find_link(one, other))
        return 0;
    struct tri_link *link = malloc(sizeof *link);
    if (!link)
        return -ENOMEM;
    link->one = one;
    link->other = other;
    LIST_INSERT_HEAD(&one->links_as_one, link, of_one);
    LIST_INSERT_HEAD(&other->links_as_other, link, of_other);
    one->link_count++;
    other->link_count++;
    tri_actor_show_counts(node, one);
    tri_actor_show_counts(node, other);
    return 0;
}

static void free_link(struct tri_node *node, struct tri_link *link)
{
    LIST_REMOVE(link, of_one);
    LIST_REMOVE(link, of_other);
    link->one->link_count--;
    link->other->link_count--;
    tri_actor_show_counts(node, link->one);
    tri_actor_show_counts(node, link->other);
    free(link);
}

void tri_link_remove(struct tri_node *node, struct tri_actor *one, struct tri_actor *other)
{
    struct tri_link *link = find_link(one, other);
    if (link)
        free_link(node, link);
}

static struct tri_monitor *find_monitor(const struct tri_node *node, struct tri_monitor_key key)
{
    struct tri_monitor *monitor;
    HASH_FIND(hh, node->monitors, &key, sizeof key, monitor);
    return monitor;
}

int tri_monitor_add(struct tri_node *node, struct tri_actor *watcher, struct tri_actor *target,
                    struct tri_monitor_key key, const char *name)
{
    if (find_monitor(node, key))
        return TR_TAKEN;
    struct tri_monitor *monitor = calloc(1, sizeof *monitor + strlen(name) + 1);
    if (!monitor)
        return -ENOMEM;
    monitor->key = key;
    monitor->watcher = watcher;
    monitor->target = target;
    memcpy(monitor->name, name, strlen(name) + 1);
    HASH_ADD(hh, node->monitors, key, sizeof key, monitor);
    if (!monitor->hh.tbl) {
        free(monitor);
        return -ENOMEM;
    }
    LIST_INSERT_HEAD(&watcher->watching, monitor, of_watcher);
    LIST_INSERT_HEAD(&target->watched, monitor, of_target);
    watcher->watching_count++;
    target->watched_count++;
    tri_actor_show_counts(node, target);
    return 0;
}

static void free_monitor(struct tri_node *node, struct tri_monitor *monitor)
{
    HASH_DEL(node->monitors, monitor);
    LIST_REMOVE(monitor, of_watcher);
    LIST_REMOVE(monitor, of_target);
    monitor->watcher->watching_count--;
    monitor->target->watched_count--;
    tri_actor_show_counts(node, monitor->target);
    free(monitor);
}

bool tri_monitor_remove(struct tri_node *node, const struct tri_actor *watcher,
                        struct tri_monitor_key key)
{
    struct tri_monitor *monitor = find_monitor(node, key);
    if (!monitor || monitor->watcher != watcher)
        return false;
    free_monitor(node, monitor);
    return true;
}

void tri_tell_down(struct tri_node *node, struct tri_actor *watcher, struct tri_monitor_key key,
                   tr_pid dead, const char *name, struct tri_body *reason)
{
    struct tri_control head = {
        .kind = TRI_SIGNAL_DOWN, .pid = dead.id, .ref_owner = key.owner, .ref_number = key.number};
    tri_tell(node, watcher, &head, name, strlen(name), reason);
}

static void end_link(struct tri_node *node, struct tri_actor *dead, struct tri_link *link)
{
    struct tri_actor *peer = link->one == dead ? link->other : link->one;
    free_link(node, link);
    if (tri_actor_is_living(peer))
        tri_exit_signal(node, dead->pid, peer, TRI_EXIT_BY_LINK, dead->reason, 0);
}

void tri_links_end(struct tri_node *node, struct tri_actor *dead)
{
    while (!LIST_EMPTY(&dead->links_as_one))
        end_link(node, dead, LIST_FIRST(&dead->links_as_one));
    while (!LIST_EMPTY(&dead->links_as_other))
        end_link(node, dead, LIST_FIRST(&dead->links_as_other));
    while (!LIST_EMPTY(&dead->watched)) {
        struct tri_monitor *monitor = LIST_FIRST(&dead->watched);
        tri_tell_down(node, monitor->watcher, monitor->key, dead->pid, monitor->name, dead->reason);
        free_monitor(node, monitor);
    }
    while (!LIST_EMPTY(&dead->watching))
        free_monitor(node, LIST_FIRST(&dead->watching));
}

void tri_links_forget_spawn(struct tri_node *node, struct tri_actor *actor)
{
    struct tri_actor *spawner = tri_actor_find(node, actor->spawner);
    if (!spawner)
        return;
    if (actor->is_spawned_linked)
        tri_link_remove(node, actor, spawner);
    if (actor->spawn_monitor)
        tri_monitor_remove(node, spawner,
                           (struct tri_monitor_key){spawner->pid.id, actor->spawn_monitor});
}

void tri_links_put(const struct tri_actor *actor, struct tr_out *out)
{
    const struct tri_link *link;
    tr_put_list_of(out, actor->link_count);
    LIST_FOREACH(link, &actor->links_as_one, of_one)
        tr_put_pid(out, link->other->pid);
    LIST_FOREACH(link, &actor->links_as_other, of_other)
        tr_put_pid(out, link->one->pid);
    tr_put_nil(out);
}

void tri_links_describe(const struct tri_actor *actor, struct tr_out *out)
{
    const struct tri_monitor *monitor;
    const char *user = tri_user_name(actor);
    tr_put_map_of(out, 3u + (user != NULL) + (actor->confinement != NULL));
    if (user) {
        tr_put_atom(out, "user");
        tr_put_text(out, user);
    }
    if (actor->confinement) { /* checked when it came */
        tr_put_atom(out, "confinement");
        tr_put_term(out, (tr_term){actor->confinement->data, actor->confinement->size_bytes});
    }
    tr_put_atom(out, "links");
    tri_links_put(actor, out);
    tr_put_atom(out, "monitors");
    tr_put_list_of(out, actor->watching_count);
    LIST_FOREACH(monitor, &actor->watching, of_watcher)
        tr_put_pid(out, monitor->target->pid);
    tr_put_nil(out);
    tr_put_atom(out, "monitored_by");
    tr_put_list_of(out, actor->watched_count);
    LIST_FOREACH(monitor, &actor->watched, of_target)
        tr_put_pid(out, monitor->watcher->pid);
    tr_put_nil(out);
}
