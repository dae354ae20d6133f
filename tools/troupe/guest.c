/* Guest: joining with a look first, so that nobody waits for a node that is stopped or dead. */
#include "guest.h"

#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "say.h"
#include "troupe/node.h"

int guest_join(const struct view *view, const char *what, char *why, size_t why_bytes)
{
    const char *node = view->dir.node;
    int os_pid = view->table.header->node_os_pid;
    switch (view->condition) {
    case CONDITION_DEAD:
        snprintf(why, why_bytes, "node %s is dead; troupe run -n %s starts it anew", node, node);
        return TR_NO_NODE;
    case CONDITION_STOPPED:
        snprintf(why, why_bytes, "node %s is stopped (os_pid %d); kill -CONT %d lets it go on",
                 node, os_pid, os_pid);
        return TR_TIMEOUT;
    default:
        return tr_guest_join(node, what, why, why_bytes);
    }
}

int guest_open(struct view *view, const char *node, const char *what)
{
    char why[640];
    int answer = view_open(view, node);
    if (answer)
        return answer;
    if (guest_join(view, what, why, sizeof why) == 0)
        return 0;
    say("%s", why);
    return ANSWER_NO_NODE;
}

int guest_fail(const char *what, int result)
{
    say("%s: %s", what, tr_strerror(result));
    return result == -ENOTCONN || result == TR_NO_NODE ? ANSWER_NO_NODE : ANSWER_NOTHING;
}
