/* Spawn: a wish is checked, gets a slot and a name, is bound to its spawner, and waits for a fork of its image. */
#include "node/spawn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "node/actor.h"
#include "node/confine.h"
#include "node/death.h"
#include "node/image.h"
#include "node/links.h"
#include "node/notice.h"
#include "node/stop.h"
#include "node/user.h"

/* The wish of a spawn, taken apart. */
struct wish {
    char path[TRI_IMAGE_PATH_BYTES]; /* "": the speaker's own image */
    const char *entry, *name, *user; /* name, user: "" for none */
    const char *confinement;
    size_t confinement_bytes; /* 0: none */
};

static int read_wish(const struct tri_packet *packet, struct wish *wish)
{
    const char *whole = packet->name;
    const char *colon = strrchr(whole, ':');
    size_t length = strlen(whole);
    wish->path[0] = '\0';
    wish->entry = whole;
    wish->name = length < packet->head.name_bytes ? whole + length + 1 : "";
    length += strlen(wish->name) + 1;
    wish->user = length < packet->head.name_bytes ? whole + length + 1 : "";
    length += strlen(wish->user) + 1;
    bool has_more = length < packet->head.name_bytes;
    wish->confinement = has_more ? whole + length + 1 : NULL;
    wish->confinement_bytes = has_more ? packet->head.name_bytes - length - 1 : 0;
    if (colon) {
        if ((size_t)(colon - whole) >= sizeof wish->path)
            return -ENAMETOOLONG;
        memcpy(wish->path, whole, (size_t)(colon - whole));
        wish->path[colon - whole] = '\0';
        wish->entry = colon + 1;
    }
    return strlen(wish->entry) < TRI_ENTRY_BYTES ? 0 : TR_NO_ENTRY;
}

static int find_image(struct tri_node *node, const struct tri_actor *speaker,
                      const struct wish *wish, struct tri_image **ret_image)
{
    if (wish->path[0])
        return tri_image_get(node, wish->path, speaker->user || speaker->is_sandboxed, ret_image);
    *ret_image = speaker->image ? speaker->image : node->root_image; /* a guest means the root's */
    return 0;
}

static int bind_to_spawner(struct tri_node *node, struct tri_actor *actor,
                           struct tri_actor *speaker, const struct tri_control *head)
{
    struct tri_monitor_key key = {speaker->pid.id, head->ref_number};
    int r = head->flags & TRI_LINK ? tri_link_add(node, speaker, actor) : 0;
    actor->is_spawned_linked = head->flags & TRI_LINK;
    if (r == 0 && head->flags & TRI_MONITOR)
        r = tri_monitor_add(node, speaker, actor, key, "");
    if (r == 0 && head->flags & TRI_MONITOR)
        actor->spawn_monitor = key.number;
    return r;
}

/* A slot for whom the wish is. Its name is entered when all else is known that those may look at who find it by that. */
static int make_actor(struct tri_node *node, const struct tri_actor *speaker,
                      const struct wish *wish, tr_pid replaces, struct tri_body *user,
                      struct tri_actor **ret_actor)
{
    struct tri_body *confinement;
    bool is_sandboxed;
    int r = tri_confine_for(speaker, wish->confinement, wish->confinement_bytes, &confinement,
                            &is_sandboxed);
    if (r)
        return r;
    r = tri_actor_new(node, wish->entry, speaker->pid, replaces, ret_actor);
    if (r) {
        tri_body_unref(confinement);
        return r;
    }
    (*ret_actor)->wish = confinement;
    (*ret_actor)->is_sandboxed = is_sandboxed;
    (*ret_actor)->has_inherited_wish = speaker->is_sandboxed;
    (*ret_actor)->user = user ? tri_body_ref(user) : NULL;
    tri_user_show(node, *ret_actor);
    if (wish->name[0])
        tri_table_add_name(&node->table, (*ret_actor)->pid, wish->name);
    return 0;
}

int tri_spawn_for(struct tri_node *node, struct tri_actor *speaker, struct tri_packet *packet,
                  struct tri_body **ret_reason)
{
    struct wish wish;
    struct tri_image *image;
    struct tri_actor *actor;
    struct tri_body *user = NULL;
    *ret_reason = NULL;
    if (node->stop_phase != TRI_STOP_NONE)
        return TR_REFUSED;
    if (tri_packet_body_is_lost(packet))
        return -EMFILE;
    int r = read_wish(packet, &wish);
    if (r == 0)
        r = tri_actor_check_name(node, wish.name);
    if (r == 0)
        r = tri_user_for(speaker, wish.user, &user, ret_reason);
    if (r == 0)
        r = find_image(node, speaker, &wish, &image);
    if (r == 0 && image->state == TRI_IMAGE_READY && !tri_image_has_entry(image, wish.entry))
        r = TR_NO_ENTRY;
    if (r == 0)
        r = make_actor(node, speaker, &wish, (tr_pid){packet->head.other}, user, &actor);
    tri_body_unref(user);
    if (r)
        return r;
    actor->spawner = speaker->pid;
    actor->spawn_request = packet->head.request;
    actor->mailbox_max_messages = packet->head.number;
    actor->mailbox_max_bytes = packet->head.pid;
    actor->birth_flags = packet->head.flags & TRI_BIRTH_FLAGS;
    actor->argument = tri_body_of_packet(packet);
    r = actor->argument ? bind_to_spawner(node, actor, speaker, &packet->head) : -ENOMEM;
    if (r)
        tri_actor_unborn(node, actor, r, NULL, "");
    else
        tri_image_fork(node, image, actor);
    return 0;
}

int tri_spawn_root(struct tri_node *node, const char *binary, const char *entry,
                   struct tri_body *argument, char *why, size_t why_bytes)
{
    struct tri_image *image;
    struct tri_actor *actor;
    int r = tri_image_get(node, binary, false, &image);
    if (r == 0)
        r = tri_actor_new(node, entry ? entry : "", TR_NO_PID, TR_NO_PID, &actor);
    if (r) {
        snprintf(why, why_bytes, "cannot start the root actor: %s", tr_strerror(r));
        return r;
    }
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(actor->pid));
    row->flags |= TRI_ROW_ROOT;
    tri_table_end(row);
    node->root_image = image;
    actor->is_root = true;
    actor->argument = tri_body_ref(argument);
    node->root = actor->pid;
    tri_image_fork(node, image, actor);
    return 0;
}

void tri_spawn_image_ready(struct tri_node *node, struct tri_image *image)
{
    struct tri_actor *root = tri_actor_find_living(node, node->root);
    if (!root || root->image != image || root->entry[0])
        return;
    const char *entry = tri_image_default_entry(image);
    if (!entry)
        return;
    snprintf(root->entry, sizeof root->entry, "%s", entry);
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(root->pid));
    memcpy(row->entry, root->entry, sizeof row->entry);
    tri_table_end(row);
}

void tri_spawn_answer(struct tri_node *node, struct tri_actor *actor, int result,
                      struct tri_body *reason)
{
    struct tri_actor *spawner = tri_actor_find_living(node, actor->spawner);
    struct tri_control head = {
        .kind = TRI_REPLY, .request = actor->spawn_request, .result = result, .pid = actor->pid.id};
    if (spawner && actor->spawn_request)
        tri_tell(node, spawner, &head, NULL, 0, reason);
    actor->spawn_request = 0;
}

/* What the launcher says when the root cannot be born. */
static void say_rootless(struct tri_node *node, const struct tri_actor *root, int result,
                         const char *why)
{
    char text[1024], entries[512] = "";
    if (result == TR_NO_ENTRY && root->image && root->image->entries) {
        for (const char *each = root->image->entries; *each; each += strlen(each) + 1)
            snprintf(entries + strlen(entries), sizeof entries - strlen(entries), " %s", each);
        snprintf(text, sizeof text,
                 root->entry[0] ? "%s: has no actor \"%s\"; it has:%s"
                                : "%s: which actor%s? It has:%s",
                 root->image->path, root->entry, entries);
        why = text;
    } else if (!why[0]) {
        snprintf(text, sizeof text, "cannot start the root actor: %s", tr_strerror(result));
        why = text;
    }
    tri_stop_failed(node, why);
}

void tri_actor_unborn(struct tri_node *node, struct tri_actor *actor, int result,
                      struct tri_body *reason, const char *why)
{
    struct tri_body *ended = reason ? tri_body_ref(reason) : tri_body_of_atom("noproc");
    if (actor->is_root)
        say_rootless(node, actor, result, why);
    tri_actor_release_name(node, actor); /* before it is answered (SEMANTICS 33) */
    tri_spawn_answer(node, actor, result, reason);
    tri_links_forget_spawn(node, actor);
    actor->is_root = false;
    tri_actor_ended(node, actor, ended);
    tri_body_unref(ended);
}
