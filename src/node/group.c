/* Group: a queue of groups that were not empty yet. Each round takes so many from its head, and those that stay go to its end. */
#include "node/group.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/cgroup.h"
#include "base/clock.h"
#include "base/log.h"

#define ROUND_MS 5
#define TRIED_PER_ROUND 64

struct tri_left_group {
    TAILQ_ENTRY(tri_left_group) entry;
    uint64_t deadline_ns;
    char path[];
};

/* Where it is, if it has one: false when it certainly has none. */
static bool find_path(const struct tri_actor *actor, int os_pid, char path[TRI_CGROUP_PATH_BYTES])
{
    char name[TRI_CGROUP_NAME_BYTES];
    const char *above = actor->wish && os_pid ? tri_cgroup_announced() : NULL;
    if (!above)
        return false;
    tri_cgroup_name(name, os_pid, tr_pid_slot(actor->pid), tr_pid_generation(actor->pid));
    return snprintf(path, TRI_CGROUP_PATH_BYTES, "%s/%s", above, name) < TRI_CGROUP_PATH_BYTES;
}

/* As it has told, which was checked when it came. */
static uint64_t memory_limit_of(const struct tri_actor *actor)
{
    const struct tri_body *told = actor->confinement;
    uint64_t bytes = 0;
    tr_term limits, memory;
    if (told && tr_map_get_atom((tr_term){told->data, told->size_bytes}, "limits", &limits) &&
        tr_map_get_atom(limits, "memory", &memory))
        tr_get_unsigned(memory, &bytes);
    return bytes;
}

bool tri_group_tells_of_oom(const struct tri_actor *actor, uint64_t *ret_limit_bytes)
{
    char path[TRI_CGROUP_PATH_BYTES];
    bool is_of_limit;
    if (!find_path(actor, actor->os_pid, path) || tri_cgroup_oom_kills(path, &is_of_limit) == 0)
        return false;
    *ret_limit_bytes = is_of_limit ? memory_limit_of(actor) : 0;
    return true;
}

/* Who finds no memory, or no place, leaves it to the end of the node. */
static void keep(struct tri_node *node, const char *path)
{
    size_t room = strlen(path) + 1;
    struct tri_left_group *left =
        node->left_group_count < TRI_GROUPS_LEFT ? malloc(sizeof *left + room) : NULL;
    if (!left)
        return;
    memcpy(left->path, path, room);
    left->deadline_ns = tri_deadline_ns(TRI_GROUP_TRIED_MS);
    if (node->left_group_count++ == 0)
        node->left_groups_ns = tri_deadline_ns(ROUND_MS);
    TAILQ_INSERT_TAIL(&node->left_groups, left, entry);
}

static void forget(struct tri_node *node, struct tri_left_group *left)
{
    TAILQ_REMOVE(&node->left_groups, left, entry);
    node->left_group_count--;
    free(left);
}

void tri_group_end(struct tri_node *node, struct tri_actor *actor)
{
    char path[TRI_CGROUP_PATH_BYTES];
    if (find_path(actor, actor->group_os_pid, path) && tri_cgroup_end(path) == -EBUSY)
        keep(node, path);
    actor->group_os_pid = 0;
}

/* Tries the first one, and gives it up when it is late. */
static void try_first(struct tri_node *node, uint64_t now_ns)
{
    struct tri_left_group *left = TAILQ_FIRST(&node->left_groups);
    int r = tri_cgroup_end(left->path);
    if (r == -EBUSY && now_ns < left->deadline_ns) {
        TAILQ_REMOVE(&node->left_groups, left, entry);
        TAILQ_INSERT_TAIL(&node->left_groups, left, entry);
        return;
    }
    if (r && r != -ENOENT)
        tri_warn("%s stays for now: %s", left->path, tr_strerror(r));
    forget(node, left);
}

void tri_groups_again(struct tri_node *node)
{
    uint32_t count = node->left_group_count;
    uint64_t now_ns = count ? tri_clock_ns() : 0;
    if (!count || now_ns < node->left_groups_ns)
        return;
    for (uint32_t i = 0; i < count && i < TRIED_PER_ROUND; i++)
        try_first(node, now_ns);
    node->left_groups_ns = now_ns + ROUND_MS * TRI_NS_PER_MS;
}

uint64_t tri_groups_next_ns(const struct tri_node *node)
{
    return node->left_group_count ? node->left_groups_ns : 0;
}

void tri_groups_close(struct tri_node *node)
{
    struct tri_left_group *left;
    for (int ms = 0; node->left_group_count && ms < TRI_GROUPS_CLEARED_MS; ms++) {
        for (uint32_t i = node->left_group_count; i > 0; i--)
            try_first(node, 0);
        if (node->left_group_count)
            poll(NULL, 0, 1);
    }
    while ((left = TAILQ_FIRST(&node->left_groups)))
        forget(node, left);
    tri_cgroup_clear(TRI_GROUPS_CLEARED_MS);
}
