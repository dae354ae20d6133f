/* Guest: joining with a look first, so that nobody waits for a node that is stopped or dead. */
#include "guest.h"

#include <errno.h>
#include <stdio.h>

#include "base/auto.h"
#include "command.h"
#include "say.h"
#include "troupe/node.h"
#include "who.h"

int guest_join(const struct view *view, const char *what, char *why, size_t why_bytes)
{
    const char *node = view->dir.node;
    int os_pid = view->table.header->node_os_pid;
    switch (view->condition) {
    case CONDITION_DEAD:
        snprintf(why, why_bytes, "node %s is dead; troupe run -n %s starts it anew", node, node);
        return TR_NO_NODE;
    case CONDITION_UNCLEARED:
        view_explain_uncleared(view, why, why_bytes);
        return TR_NO_NODE;
    case CONDITION_STOPPED:
        snprintf(why, why_bytes, "node %s is stopped (os_pid %d); kill -CONT %d lets it go on",
                 node, os_pid, os_pid);
        return TR_TIMEOUT;
    default:
        return tr_guest_join(node, what, why, why_bytes);
    }
}

int guest_fail(const char *what, int result)
{
    say("%s: %s", what, tr_strerror(result));
    return result == -ENOTCONN || result == TR_NO_NODE ? ANSWER_NO_NODE : ANSWER_NOTHING;
}

/* 0 or an exit status. */
static int parse(const char *text, struct tr_out *term)
{
    size_t error_at = 0;
    const char *message = "";
    int r = tr_parse(text, term, &error_at, &message);
    if (r == TR_SYNTAX)
        say_syntax(text, error_at, message);
    else if (r)
        say("that term: %s", tr_strerror(r));
    return r ? ANSWER_NOTHING : 0;
}

int guest_do(const char *node, const char *what, const char *who, const char *text,
             guest_deed_fn *deed)
{
    TRI_AUTO(tr_out_deinit) struct tr_out term = {0};
    TRI_AUTO(view_close) struct view view = {.boxes_fd = -1, .table.fd = -1};
    char why[640];
    tr_pid pid;
    int answer = parse(text, &term);
    if (answer == 0)
        answer = view_open(&view, node);
    if (answer)
        return answer;
    if (guest_join(&view, what, why, sizeof why)) {
        say("%s", why);
        return ANSWER_NO_NODE;
    }
    /* Again, because only now it is known which node's pids those in the text are. */
    tr_out_reset(&term);
    answer = parse(text, &term);
    if (answer == 0)
        answer = who_find(&view, who, &pid);
    int r = answer == 0 ? deed(pid, tr_out_term(&term)) : 0;
    tr_guest_leave();
    return r ? guest_fail(what, r) : answer;
}
