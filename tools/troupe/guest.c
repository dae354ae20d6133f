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

int guest_parse(const char *text, struct tr_out *term)
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

int guest_enter(struct guest *guest, const char *node, const char *what)
{
    char why[640];
    int answer = view_open(&guest->view, node);
    if (answer)
        return answer;
    if (guest_join(&guest->view, what, why, sizeof why)) {
        say("%s", why);
        return ANSWER_NO_NODE;
    }
    guest->has_joined = true;
    return 0;
}

void guest_leave(struct guest *guest)
{
    if (guest->has_joined)
        tr_guest_leave();
    guest->has_joined = false;
    view_close(&guest->view);
}

int guest_do(const char *node, const char *what, const char *who, const char *text,
             guest_deed_fn *deed)
{
    TRI_AUTO(tr_out_deinit) struct tr_out term = {0};
    TRI_AUTO(guest_leave) struct guest guest = GUEST_NONE;
    tr_pid pid;
    int answer = guest_parse(text, &term);
    if (answer == 0)
        answer = guest_enter(&guest, node, what);
    if (answer)
        return answer;
    /* Again, because only now it is known which node's pids those in the text are. */
    tr_out_reset(&term);
    answer = guest_parse(text, &term);
    if (answer == 0)
        answer = who_find(&guest.view, who, &pid);
    int r = answer == 0 ? deed(pid, tr_out_term(&term)) : 0;
    return r ? guest_fail(what, r) : answer;
}
