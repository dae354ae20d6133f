/* Supervisor: a server whose state are its children. A message tells the policy what has happened, and then is done what
 * the policy wants. */
#include "behaviour/supervisor.h"

#include "base/auto.h"
#include "base/log.h"
#include "behaviour/server.h"
#include "behaviour/sys.h"
#include "term/tags.h"

static struct tri_supervisor here; /* a process runs one behaviour */

/* ---------------------------------------------------------------- doing what the policy wants */

/* OTP sends itself a message, too: what has come before goes first (42). */
static void wait_for_again(const struct tri_ward *ward, const struct tri_action *action)
{
    int r = action->wait_ms > 0
                ? tr_send_after(action->wait_ms, tr_self(), NULL, "{'$again', Serial, Attempt}",
                                ward->serial, action->attempt)
                : tr_send(tr_self(), "{'$again', Serial, Attempt}", ward->serial, action->attempt);
    if (r)
        tri_panic("no memory for another start of a child");
}

static void act(struct tri_supervisor *supervisor, const struct tri_action *action)
{
    struct tri_ward *ward = tri_ward_of(action->child);
    switch (action->kind) {
    case TRI_DO_START:
        tri_ward_start(supervisor, ward);
        break;
    case TRI_DO_STOP:
        tri_ward_stop(supervisor, ward);
        break;
    case TRI_DO_FORGET:
        tri_ward_free(supervisor, ward);
        break;
    case TRI_DO_WAIT:
        wait_for_again(ward, action);
        break;
    case TRI_DO_NOTHING:
    case TRI_DO_END:
        break;
    }
}

/* What a supervisor takes in that waits for one child: all else stays in its mailbox, in its order. While that child waits
 * for room, its parent must be able to end it. */
static bool is_waited_for(tr_term message, void *context)
{
    struct tri_supervisor *supervisor = context;
    const struct tri_ward *ward = tri_ward_of_message(supervisor, message);
    tr_term reason;
    if (supervisor->policy.has_no_room)
        return (ward && ward->child.state == TRI_CHILD_WAITING) ||
               tri_sys_is_exit_of(tr_parent(), message, &reason);
    return ward && tri_child_is_under_way(&ward->child);
}

static void await_news(struct tri_supervisor *supervisor)
{
    struct tr_message *message;
    if (tr_receive_select(is_waited_for, supervisor, -1, &message))
        tr_exit("noconnection");
    tr_term term = tr_message_term(message);
    struct tri_ward *ward = tri_ward_of_message(supervisor, term);
    if (ward)
        tri_ward_hear(supervisor, ward, term);
    else
        tri_policy_end(&supervisor->policy, TRI_END_ASKED);
    tr_message_free(message);
}

void tri_supervisor_act(struct tri_supervisor *supervisor)
{
    struct tri_action action;
    for (;;) {
        while (tri_policy_next(&supervisor->policy, &action))
            act(supervisor, &action);
        if (!tri_policy_is_busy(&supervisor->policy))
            return;
        await_news(supervisor);
    }
}

static void report_end(struct tri_supervisor *supervisor)
{
    if (supervisor->policy.end == TRI_END_GAVE_UP)
        tri_supervisor_report(tri_ward_of(supervisor->policy.culprit),
                              "is not started again, and all others are stopped",
                              TRI_ATOM_TERM("reached_max_restart_intensity"));
}

/* After a message: goes on, or ends because that is what the policy has come to. */
static struct tr_step next_step(struct tri_supervisor *supervisor)
{
    if (supervisor->policy.phase == TRI_PHASE_ENDING)
        report_end(supervisor);
    tri_supervisor_act(supervisor);
    return supervisor->policy.phase == TRI_PHASE_ENDED ? tr_stop("shutdown") : tr_noreply();
}

/* ---------------------------------------------------------------- callbacks */

static struct tr_step stop_in_init(struct tri_supervisor *supervisor)
{
    struct tri_child *culprit = supervisor->policy.culprit;
    if (supervisor->policy.end != TRI_END_FIRST_FAILED)
        return tr_stop("shutdown");
    return tr_stop("{shutdown, {failed_to_start_child, Id, Reason}}",
                   tr_out_term(&tri_ward_of(culprit)->spec->id),
                   tr_out_term(&tri_ward_of(culprit)->reason));
}

static struct tr_step init(tr_term argument, void **ret_state)
{
    TRI_AUTO(tr_out_deinit) struct tr_out error = {0};
    struct tri_supervisor *supervisor = &here;
    tr_trap_exit(true);
    int r = tr_out_copy(&supervisor->argument, argument);
    if (r == 0)
        r = tri_tree_plant(supervisor, &error);
    if (r == TR_IGNORED)
        return tr_ignore();
    if (r == TR_REFUSED)
        return tr_stop("Error", tr_out_term(&error));
    if (r)
        return tr_stop("system_limit");
    *ret_state = supervisor;
    tri_policy_begin(&supervisor->policy);
    tri_supervisor_act(supervisor);
    return supervisor->policy.phase == TRI_PHASE_ENDED ? stop_in_init(supervisor) : tr_ok();
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    struct tr_step step = tri_supervisor_handle_call(state, request, from);
    tri_supervisor_act(state);
    return step;
}

static struct tr_step handle_cast(tr_term message, void *state)
{
    TRI_AUTO(tri_freep) char *text = tr_print_new(message);
    (void)state;
    tri_error("a supervisor got an unexpected cast: %s", text ? text : "?");
    return tr_noreply();
}

/* An EXIT tells nothing that DOWN does not tell; that of a stranger means nothing (48). */
static struct tr_step handle_info(tr_term message, void *state)
{
    struct tri_supervisor *supervisor = state;
    struct tri_ward *ward = tri_ward_of_message(supervisor, message);
    if (ward) {
        tri_ward_hear(supervisor, ward, message);
    } else if (tr_match(message, "{'EXIT', _, _}") &&
               tr_match(message, "{timeout, _, {ward, _}}") &&
               tr_match(message, "{'$again', _, _}")) {
        TRI_AUTO(tri_freep) char *text = tr_print_new(message);
        tri_error("a supervisor got an unexpected message: %s", text ? text : "?");
    }
    return next_step(supervisor);
}

static void terminate(tr_term reason, void *state)
{
    struct tri_supervisor *supervisor = state;
    (void)reason;
    if (supervisor->policy.phase == TRI_PHASE_ENDED)
        return;
    tri_policy_end(&supervisor->policy, TRI_END_ASKED);
    tri_supervisor_act(supervisor);
}

static void put_state(struct tr_out *out, const void *state)
{
    (void)state;
    tri_supervisor_put_state(out, &here);
}

static const struct tr_server_callbacks callbacks = {
    .init = init,
    .handle_call = handle_call,
    .handle_cast = handle_cast,
    .handle_info = handle_info,
    .terminate = terminate,
    .put_state = put_state,
};

static const struct tri_server_extras extras = {
    .put_status = tri_supervisor_put_status,
    .change_code = tri_supervisor_change_code,
};

TR_NORETURN void tri_supervisor_run(const char *entry, tr_tree_fn *plant, tr_term argument)
{
    here = (struct tri_supervisor){.entry = entry, .plant = plant};
    tri_server_run_with(entry, &callbacks, &extras, argument);
}

void tri_supervisor_of_term(tr_term argument)
{
    tri_supervisor_run(TR_SUPERVISOR_ENTRY, tr_tree_of_term, argument);
}
