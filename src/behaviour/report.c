/* Report: one line, because it goes where other lines go. Each term has its share of it, so that a long one does not hide those
 * behind it; and who dies of a job of many megabytes is gone before a deadline, and is not taken for one that hangs. */
#include "behaviour/report.h"

#include <string.h>

#include "base/auto.h"
#include "base/log.h"
#include "term/print.h"

#define SHARE_BYTES 280
#define CUT "…"

bool tri_reason_is_planned(tr_term reason)
{
    return tr_is_atom(reason, "normal") || tr_is_atom(reason, "shutdown") ||
           tr_match(reason, "{shutdown, _}") == 0;
}

struct share {
    char text[SHARE_BYTES + sizeof CUT];
};

/* Returns the text in share, or `none` for no term. */
static const char *text_of(tr_term term, struct share *share, const char *none)
{
    if (!term.data)
        return none;
    if (!tri_print_start(term, share->text, SHARE_BYTES))
        strcat(share->text, CUT);
    return share->text;
}

void tri_report_end(struct tri_sys *sys, tr_term reason, tr_term last)
{
    TRI_AUTO(tr_out_deinit) struct tr_out state = {0};
    char name[TRI_SYS_NAME_BYTES];
    struct share why, what, then;
    if (tri_reason_is_planned(reason) || !tri_log_is_on(TRI_LOG_ERROR))
        return;
    sys->callbacks->put_state(&state, sys->context);
    tri_error("%s %s terminating: reason %s; last message %s; state %s", sys->kind,
              tri_sys_name(name), text_of(reason, &why, "unknown"), text_of(last, &what, "none"),
              state.fault ? "unknown" : text_of(tr_out_term(&state), &then, "unknown"));
}

void tri_report_task(const char *entry, tr_term reason, tr_term argument)
{
    char name[TRI_SYS_NAME_BYTES];
    struct share why, what;
    if (tri_reason_is_planned(reason) || !tri_log_is_on(TRI_LOG_ERROR))
        return;
    tri_error("task %s %s terminating: reason %s; argument %s", entry, tri_sys_name(name),
              text_of(reason, &why, "unknown"), text_of(argument, &what, "unknown"));
}
