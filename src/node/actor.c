/* Actor: slots are given out fresh first and then in the order in which they were freed, so that the dead stay visible
 * in ps for as long as possible; each new tenant of a slot has the next generation. */
#include "node/actor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/osproc.h"
#include "base/panic.h"
#include "base/user.h"
#include "node/hang.h"
#include "node/notice.h"
#include "node/user.h"

/* So many slots are left freed, for ps --all, before one is used again while there are fresh ones. */
#define KEPT_FREED 256

static const bool allowed[TRI_STATES][TRI_STATES] = {
    [TRI_STATE_STARTING] =
        {[TRI_STATE_RUNNING] = true, [TRI_STATE_EXITING] = true, [TRI_STATE_ENDED] = true},
    [TRI_STATE_RUNNING] = {[TRI_STATE_EXITING] = true, [TRI_STATE_ENDED] = true},
    [TRI_STATE_EXITING] = {[TRI_STATE_ENDED] = true},
    [TRI_STATE_ENDED] = {[TRI_STATE_DEAD] = true},
};

static int take_slot(struct tri_node *node, uint32_t *ret_slot)
{
    bool has_fresh = node->fresh_slot < node->slots;
    if (has_fresh && node->freed_count < KEPT_FREED) {
        int r = tri_table_reserve(&node->table, node->fresh_slot);
        if (r == 0)
            *ret_slot = node->fresh_slot++;
        if (r == 0 || node->freed_count == 0)
            return r;
        /* The disk is full: a freed slot has its row already. */
    }
    if (node->freed_count == 0)
        return TR_NO_SLOT;
    *ret_slot = node->freed_slots[node->freed_first];
    node->freed_first = (node->freed_first + 1) % node->slots;
    node->freed_count--;
    return 0;
}

static void give_slot(struct tri_node *node, uint32_t slot)
{
    node->freed_slots[(node->freed_first + node->freed_count) % node->slots] = slot;
    node->freed_count++;
}

static void fill_row(struct tri_node *node, const struct tri_actor *actor, tr_pid replaces)
{
    char last_exit[TRI_REASON_BYTES] = "";
    struct tri_row old;
    uint32_t restarts = 0;
    if (!tr_pid_is_none(replaces) && tri_table_read(&node->table, tr_pid_slot(replaces), &old) &&
        tri_tenancy_generation(old.tenancy) == tr_pid_generation(replaces)) {
        restarts = old.restarts + 1;
        memcpy(last_exit, old.last_exit, sizeof last_exit);
    }
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(actor->pid));
    row->flags = 0;
    row->tenancy = (uint64_t)tr_pid_generation(actor->pid) << 32 | TRI_STATE_STARTING;
    row->os_pid = 0;
    row->os_start_ticks = 0;
    row->image = 0;
    row->parent = actor->parent.id;
    row->started_ns = tri_clock_ns();
    row->ended_ns = 0;
    row->restarts = restarts;
    row->links = row->monitors = row->has_name = 0;
    memcpy(row->entry, actor->entry, sizeof row->entry);
    memcpy(row->last_exit, last_exit, sizeof last_exit);
    tri_table_end(row);
}

int tri_actor_new(struct tri_node *node, const char *entry, tr_pid parent, tr_pid replaces,
                  struct tri_actor **ret_actor)
{
    uint32_t slot;
    struct tri_actor *actor = calloc(1, sizeof *actor);
    if (!actor)
        return -ENOMEM;
    int r = take_slot(node, &slot);
    if (r) {
        free(actor);
        return r;
    }
    actor->pid = tr_pid_make(slot, tri_tenancy_generation(node->table.rows[slot].tenancy) + 1);
    actor->parent = parent;
    actor->control.fd = actor->stderr_fd = -1;
    actor->state = TRI_STATE_STARTING;
    snprintf(actor->entry, sizeof actor->entry, "%s", entry);
    TAILQ_INIT(&actor->outbox);
    node->actors[slot] = actor;
    node->table.header->actors = ++node->living;
    node->table.header->spawned++;
    fill_row(node, actor, replaces);
    tri_debug("<0.%u.%u> %s: starting", slot, tr_pid_generation(actor->pid), entry);
    *ret_actor = actor;
    return 0;
}

int tri_actor_check_name(struct tri_node *node, const char *name)
{
    if (!name[0])
        return 0;
    if (!tri_name_is_valid(name))
        return TR_BAD_NAME;
    tr_pid holder = tri_table_whereis(&node->table, name);
    const struct tri_actor *actor = tri_actor_find_living(node, holder);
    if (tr_pid_is_none(holder))
        return 0;
    bool is_killed = actor && actor->reason && actor->state < TRI_STATE_EXITING;
    if (!is_killed)
        return TR_TAKEN;
    /* The kernel ends it, and has only not told yet: who follows it, fast, need not know. */
    tri_table_remove_name(&node->table, holder);
    return 0;
}

void tri_actor_release_name(struct tri_node *node, const struct tri_actor *actor)
{
    if (node->table.rows[tr_pid_slot(actor->pid)].has_name)
        tri_table_remove_name(&node->table, actor->pid);
}

int tri_actor_tell_birth(const struct tri_node *node, const struct tri_actor *actor)
{
    const struct tri_row *row = &node->table.rows[tr_pid_slot(actor->pid)];
    char name[TRI_CONTROL_NAME_BYTES];
    int length =
        snprintf(name, sizeof name, "%s%c%s%c%s%c%s%c%s%c", actor->entry, 0, node->dir.path, 0,
                 node->dir.node, 0, row->has_name ? row->name : "", 0, tri_user_text(actor), 0);
    if (actor->wish && actor->wish->size_bytes > sizeof name - (size_t)length)
        return -E2BIG;
    if (actor->wish) {
        memcpy(name + length, actor->wish->data, actor->wish->size_bytes);
        length += (int)actor->wish->size_bytes;
    }
    struct tri_control head = {.kind = TRI_BIRTH,
                               .pid = actor->pid.id,
                               .other = actor->parent.id,
                               .number = actor->mailbox_max_messages,
                               .ref_number = actor->mailbox_max_bytes,
                               .flags =
                                   actor->birth_flags |
                                   (actor->has_inherited_wish ? (uint32_t)TRI_WISH_INHERITED : 0)};
    return tri_tell_first(actor, &head, name, (size_t)length, actor->argument);
}

struct tri_actor *tri_actor_find(const struct tri_node *node, tr_pid pid)
{
    uint32_t slot = tr_pid_slot(pid);
    struct tri_actor *actor = slot < node->slots ? node->actors[slot] : NULL;
    return actor && tr_pid_equal(actor->pid, pid) ? actor : NULL;
}

bool tri_actor_is_living(const struct tri_actor *actor) { return actor->state < TRI_STATE_ENDED; }

struct tri_actor *tri_actor_find_living(const struct tri_node *node, tr_pid pid)
{
    struct tri_actor *actor = tri_actor_find(node, pid);
    return actor && tri_actor_is_living(actor) ? actor : NULL;
}

void tri_actor_move(struct tri_node *node, struct tri_actor *actor, enum tri_state state)
{
    if (!allowed[actor->state][state])
        tri_panic("<0.%u.%u> cannot go from %s to %s", tr_pid_slot(actor->pid),
                  tr_pid_generation(actor->pid), tri_state_name(actor->state),
                  tri_state_name(state));
    tri_debug("<0.%u.%u> %s: %s", tr_pid_slot(actor->pid), tr_pid_generation(actor->pid),
              actor->entry, tri_state_name(state));
    actor->state = state;
    tri_table_set_state(&node->table, actor->pid, state);
}

void tri_actor_set_os_pid(struct tri_node *node, struct tri_actor *actor, int os_pid)
{
    actor->os_pid = os_pid;
    if (!actor->is_guest)
        HASH_ADD_INT(node->by_os_pid, os_pid, actor);
    uint64_t start = tri_osproc_start_ticks(os_pid);
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(actor->pid));
    row->os_pid = os_pid;
    row->os_start_ticks = start;
    tri_table_end(row);
}

struct tri_actor *tri_actor_of_os_pid(const struct tri_node *node, int os_pid)
{
    struct tri_actor *actor;
    HASH_FIND_INT(node->by_os_pid, &os_pid, actor);
    return actor;
}

void tri_actor_forget_os_pid(struct tri_node *node, struct tri_actor *actor)
{
    if (actor->os_pid && !actor->is_guest)
        HASH_DEL(node->by_os_pid, actor);
    if (actor->os_pid && actor->wish)
        actor->group_os_pid = actor->os_pid;
    actor->os_pid = 0;
}

void tri_actor_show_counts(struct tri_node *node, const struct tri_actor *actor)
{
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(actor->pid));
    row->links = actor->link_count;
    row->monitors = actor->watched_count;
    tri_table_end(row);
}

/* A field of the actor's own box; 0 when it cannot be read. */
static uint32_t read_box(const struct tri_node *node, const struct tri_actor *actor, size_t field)
{
    uint32_t value = 0;
    off_t at = tri_box_offset(node->slots, tr_pid_slot(actor->pid)) + (off_t)field;
    return tri_fd_read_at(node->boxes_fd, &value, sizeof value, at) == sizeof value ? value : 0;
}

bool tri_actor_traps_exits(const struct tri_node *node, const struct tri_actor *actor)
{
    return read_box(node, actor, offsetof(struct tri_box, traps_exits)) != 0;
}

enum tri_fate tri_actor_fate(const struct tri_node *node, const struct tri_actor *actor)
{
    uint32_t fate = read_box(node, actor, offsetof(struct tri_box, fate));
    return fate == TRI_FATE_MAILBOX ? TRI_FATE_MAILBOX : TRI_FATE_NONE;
}

bool tri_actor_has_keeper(const struct tri_node *node, const struct tri_actor *actor)
{
    return read_box(node, actor, offsetof(struct tri_box, has_keeper)) != 0;
}

void tri_actor_release(struct tri_node *node, struct tri_actor *actor)
{
    uint32_t slot = tr_pid_slot(actor->pid);
    tri_actor_move(node, actor, TRI_STATE_DEAD);
    tri_hang_watch(node, actor, 0);
    tri_fd_close(&actor->stderr_fd);
    actor->keeps_stderr = false;
    int r = tri_box_clear(node->boxes_fd, node->slots, slot);
    node->actors[slot] = NULL;
    if (r) /* a next tenant would inherit the acknowledgements in it */
        tri_warn("slot %u is not used again: its box cannot be cleared: %s", slot, tr_strerror(r));
    else
        give_slot(node, slot);
    TAILQ_INSERT_TAIL(&node->graveyard, actor, of_list);
}

void tri_actor_bury(struct tri_node *node)
{
    struct tri_actor *actor;
    while ((actor = TAILQ_FIRST(&node->graveyard))) {
        TAILQ_REMOVE(&node->graveyard, actor, of_list);
        tri_body_unref(actor->argument);
        tri_body_unref(actor->user);
        tri_body_unref(actor->wish);
        tri_body_unref(actor->confinement);
        tri_body_unref(actor->reason);
        free(actor);
    }
}
