/* Report: one line, because it goes where other lines go. */
#include "behaviour/report.h"

#include "base/auto.h"
#include "base/log.h"

bool tri_reason_is_planned(tr_term reason)
{
    return tr_is_atom(reason, "normal") || tr_is_atom(reason, "shutdown") ||
           tr_match(reason, "{shutdown, _}") == 0;
}

/* NULL for no term, or no memory. */
static char *text_of(tr_term term) { return term.data ? tr_print_new(term) : NULL; }

void tri_report_end(struct tri_sys *sys, tr_term reason, tr_term last)
{
    TRI_AUTO(tr_out_deinit) struct tr_out state = {0};
    char name[TRI_SYS_NAME_BYTES];
    if (tri_reason_is_planned(reason) || !tri_log_is_on(TRI_LOG_ERROR))
        return;
    sys->callbacks->put_state(&state, sys->context);
    TRI_AUTO(tri_freep) char *why = text_of(reason);
    TRI_AUTO(tri_freep) char *what = text_of(last);
    TRI_AUTO(tri_freep) char *then = state.fault ? NULL : text_of(tr_out_term(&state));
    tri_error("%s %s terminating: reason %s; last message %s; state %s", sys->kind,
              tri_sys_name(name), why ? why : "unknown", what ? what : "none",
              then ? then : "unknown");
}

void tri_report_task(const char *entry, tr_term reason, tr_term argument)
{
    char name[TRI_SYS_NAME_BYTES];
    if (tri_reason_is_planned(reason) || !tri_log_is_on(TRI_LOG_ERROR))
        return;
    TRI_AUTO(tri_freep) char *why = text_of(reason);
    TRI_AUTO(tri_freep) char *what = text_of(argument);
    tri_error("task %s %s terminating: reason %s; argument %s", entry, tri_sys_name(name),
              why ? why : "unknown", what ? what : "unknown");
}
