/* View: finding a node, and proving with the kernel's word whether it lives. */
#include "view.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "command.h"
#include "kernel.h"
#include "say.h"
#include "term/identity.h"

const char *condition_name(enum condition condition)
{
    static const char *const names[] = {"starting", "running", "stopped",
                                        "stopping", "stopped", "dead"};
    return names[condition];
}

static bool is_stopped(char state) { return state == 'T' || state == 't'; }

/* A node lives when the kernel knows its process, started when the table says, and its lock is held. */
static enum condition find_condition(const struct view *view)
{
    char state;
    bool is_locked = tri_rundir_is_locked(&view->dir);
    const struct tri_table_header *header = view->table.header;
    if (!header || header->node_os_pid == 0)
        return is_locked ? CONDITION_STARTING : CONDITION_DEAD;
    if (!is_locked)
        return CONDITION_DEAD;
    if (!kernel_proves(header->node_os_pid, header->node_start_ticks, &state) || state == 'Z')
        return kernel_proves(header->guardian_os_pid, header->guardian_start_ticks, &state) &&
                       is_stopped(state)
                   ? CONDITION_UNCLEARED
                   : CONDITION_DEAD;
    if (is_stopped(state))
        return CONDITION_STOPPED;
    switch (atomic_load(&header->state)) {
    case TRI_NODE_STARTING:
        return CONDITION_STARTING;
    case TRI_NODE_RUNNING:
        return CONDITION_RUNNING;
    default:
        return CONDITION_STOPPING;
    }
}

int view_open_quietly(struct view *view, const struct tri_rundir *dir)
{
    char path[TRI_PATH_BYTES];
    *view = (struct view){.dir = *dir, .boxes_fd = -1, .table.fd = -1};
    int r = tri_table_open(&view->table, dir);
    if (r == 0)
        view->boxes_fd = open(tri_rundir_file(dir, "boxes", path), O_RDONLY | O_CLOEXEC);
    view->condition = find_condition(view);
    return r;
}

/* Takes the node's name over, so that pids in terms are printed and parsed as this node's. A name that the node has
 * not written yet, or that is none, is left alone. */
static void assume_identity(const struct tri_table_header *header)
{
    char name[sizeof header->node_name];
    memcpy(name, header->node_name, sizeof name);
    name[sizeof name - 1] = '\0';
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if (name[i] <= ' ' || name[i] > '~')
            return;
    if (length > 0 && length <= TR_ATOM_MAX_CHARACTERS)
        tri_identity_set(name, header->creation);
}

int view_open(struct view *view, const char *node)
{
    char why[640];
    struct tri_rundir dir;
    int r = tri_rundir_find(node, &dir, why, sizeof why);
    if (r) {
        *view = (struct view){.boxes_fd = -1, .table.fd = -1};
        say("%s", why);
        return r == TR_BAD_NAME ? ANSWER_NOTHING : ANSWER_NO_NODE;
    }
    r = view_open_quietly(view, &dir);
    if (r == 0) {
        assume_identity(view->table.header);
        return 0;
    }
    if (r == TR_MALFORMED)
        say("node %s belongs to another version of troupe: its table cannot be read", dir.node);
    else if (r == TR_NO_NODE && view->condition == CONDITION_DEAD)
        say("node %s is dead and has left no table; troupe run -n %s starts it anew", dir.node,
            dir.node);
    else if (r == TR_NO_NODE)
        say("node %s is starting and has no table yet; try again in a moment", dir.node);
    else
        say("node %s: its table cannot be read: %s", dir.node, tr_strerror(r));
    view_close(view);
    return ANSWER_NO_NODE;
}

void view_close(struct view *view)
{
    tri_table_close(&view->table);
    tri_fd_close(&view->boxes_fd);
}

void view_explain_uncleared(const struct view *view, char *why, size_t why_bytes)
{
    int os_pid = view->table.header->guardian_os_pid;
    snprintf(why, why_bytes,
             "node %s has died, and its guardian, who clears what is left, is stopped (os_pid %d): "
             "kill -CONT %d lets it go on",
             view->dir.node, os_pid, os_pid);
}

void view_say_condition(const struct view *view)
{
    char why[640];
    const char *node = view->dir.node;
    if (view->condition == CONDITION_DEAD)
        say("node %s is dead (its processes may be gone); what follows is its last table", node);
    else if (view->condition == CONDITION_UNCLEARED) {
        view_explain_uncleared(view, why, sizeof why);
        say("%s; what follows is its last table", why);
    } else if (view->condition == CONDITION_STOPPED)
        say("node %s is stopped (os_pid %d); what follows is true of its actors, but it starts and "
            "reaps "
            "none until kill -CONT %d",
            node, view->table.header->node_os_pid, view->table.header->node_os_pid);
}
