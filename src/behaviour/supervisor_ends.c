/* Ends: a child is asked to end, and killed when it takes too long (SEMANTICS 44). Its DOWN counts, never its EXIT: so one
 * that has undone its link cannot hang its supervisor, and each death is heard of once. */
#include "base/clock.h"
#include "behaviour/report.h"
#include "behaviour/supervisor.h"
#include "term/tags.h"

/* ---------------------------------------------------------------- stopping */

void tri_ward_signal_end(struct tri_ward *ward)
{
    tri_ward_stop_timer(ward);
    if (ward->spec->shutdown_ms == TR_SHUTDOWN_BRUTAL_KILL) {
        tr_exit_process(ward->pid, "kill");
        return;
    }
    tr_exit_process(ward->pid, "shutdown");
    if (ward->spec->shutdown_ms != TR_SHUTDOWN_INFINITY)
        tri_ward_set_timer(ward, ward->spec->shutdown_ms);
}

void tri_ward_stop(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    if (ward->stage == TRI_BIRTH_NAME_TAKEN) { /* nothing of it is there */
        tri_ward_unwatch(supervisor, ward);
        tri_policy_stopped(&supervisor->policy, &ward->child);
    } else if (ward->stage == TRI_BIRTH_ASKED) { /* it has no pid yet: see born() */
        tri_ward_stop_timer(ward);
    } else {
        tri_ward_signal_end(ward);
    }
}

/* How a child that was stopped should end. */
static bool is_proper_end(const struct tri_ward *ward, tr_term reason)
{
    if (ward->spec->shutdown_ms == TR_SHUTDOWN_BRUTAL_KILL && tr_is_atom(reason, "killed"))
        return true;
    return ward->spec->restart == TR_PERMANENT ? tr_is_atom(reason, "shutdown")
                                               : tri_reason_is_planned(reason);
}

/* Who waits for one that ran waits for its end; who waits for one that was still being born has asked for its start, and is
 * told by the end of the supervisor, which alone stops such a child. */
static void stopped(struct tri_supervisor *supervisor, struct tri_ward *ward,
                    enum tri_birth_stage stage, tr_term reason)
{
    if (!is_proper_end(ward, reason))
        tri_supervisor_report(ward, "did not stop as it should", reason);
    tri_ward_set_reason(ward, reason);
    tri_policy_stopped(&supervisor->policy, &ward->child);
    if (stage == TRI_BIRTH_NONE)
        tri_ward_answer(ward, TRI_ATOM_TERM("ok"));
}

/* ---------------------------------------------------------------- starts that came to nothing */

void tri_ward_failed(struct tri_supervisor *supervisor, struct tri_ward *ward,
                     enum tri_failure failure)
{
    struct tr_out answer = {0};
    tr_term reason = tr_out_term(&ward->reason);
    bool shows_spec =
        ward->child.cause == TRI_START_NEW && tri_policy_is_ordered(&supervisor->policy);
    tri_supervisor_report(ward, "failed to start", reason);
    tr_put_tuple_of(&answer, 2);
    tr_put_atom(&answer, "error");
    if (shows_spec)
        tr_put_tuple_of(&answer, 2);
    tr_put_term(&answer, reason);
    if (shows_spec)
        tri_spec_put_record(&answer, ward->spec);
    tri_ward_answer(ward, tr_out_term(&answer));
    tr_out_deinit(&answer);
    tri_policy_failed(&supervisor->policy, &ward->child, failure);
}

static void ignored(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    struct tr_out answer = {0};
    tr_put(&answer, "{ok, undefined}");
    tri_ward_answer(ward, tr_out_term(&answer));
    tr_out_deinit(&answer);
    tri_policy_ignored(&supervisor->policy, &ward->child);
}

static void died_in_init(struct tri_supervisor *supervisor, struct tri_ward *ward,
                         enum tri_birth_stage stage, tr_term reason)
{
    if (stage == TRI_BIRTH_IGNORED) {
        ignored(supervisor, ward);
        return;
    }
    tri_ward_set_reason(ward, stage == TRI_BIRTH_LATE ? TRI_ATOM_TERM("timeout") : reason);
    tri_ward_failed(supervisor, ward, TRI_FAILURE_OF_INIT);
}

/* ---------------------------------------------------------------- deaths */

static void died(struct tri_supervisor *supervisor, struct tri_ward *ward, tr_term reason)
{
    bool is_planned = tri_reason_is_planned(reason);
    if (!is_planned || ward->spec->restart == TR_PERMANENT)
        tri_supervisor_report(ward, "has died", reason);
    tri_ward_set_reason(ward, reason);
    tri_policy_died(&supervisor->policy, &ward->child,
                    is_planned ? TRI_DEATH_PLANNED : TRI_DEATH_UNPLANNED, tri_clock_ns());
}

static void has_ended(struct tri_supervisor *supervisor, struct tri_ward *ward, tr_term reason)
{
    enum tri_birth_stage stage = ward->stage;
    tri_ward_unwatch(supervisor, ward);
    if (stage == TRI_BIRTH_NAME_TAKEN) /* it was not the child that has ended */
        tri_ward_begin(supervisor, ward);
    else if (ward->child.state == TRI_CHILD_STOPPING)
        stopped(supervisor, ward, stage, reason);
    else if (ward->child.state == TRI_CHILD_STARTING)
        died_in_init(supervisor, ward, stage, reason);
    else
        died(supervisor, ward, reason);
}

/* ---------------------------------------------------------------- messages */

struct tri_ward *tri_ward_of_message(struct tri_supervisor *supervisor, tr_term message)
{
    struct tri_ward *ward = NULL;
    uint64_t serial;
    tr_ref ref;
    if (tr_match(message, "{'DOWN', Ref, process, _, _}", &ref) == 0 ||
        tr_match(message, "{spawn_reply, Ref, _, _}", &ref) == 0)
        HASH_FIND(by_monitor, supervisor->by_monitor, &ref.number, sizeof ref.number, ward);
    else if (tr_match(message, "{ack, Alias, _}", &ref) == 0)
        HASH_FIND(by_alias, supervisor->by_alias, &ref.number, sizeof ref.number, ward);
    else if (tr_match(message, "{timeout, Ref, {ward, Serial}}", &ref, &serial) == 0) {
        HASH_FIND(by_serial, supervisor->by_serial, &serial, sizeof serial, ward);
        if (ward && !(ward->has_timer && tr_ref_equal(ward->timer, ref)))
            ward = NULL; /* it fired before it was stopped */
    } else if (tr_match(message, "{'$again', Serial, _}", &serial) == 0)
        HASH_FIND(by_serial, supervisor->by_serial, &serial, sizeof serial, ward);
    return ward;
}

void tri_ward_hear(struct tri_supervisor *supervisor, struct tri_ward *ward, tr_term message)
{
    tr_term reason;
    unsigned attempt;
    if (tr_match(message, "{'DOWN', _, _, _, Reason}", &reason) == 0)
        has_ended(supervisor, ward, reason);
    else if (tr_match(message, "{'$again', _, Attempt}", &attempt) == 0)
        tri_policy_again(&supervisor->policy, &ward->child, attempt, tri_clock_ns());
    else if (ward->child.state == TRI_CHILD_STOPPING && tr_match(message, "{timeout, _, _}") == 0) {
        ward->has_timer = false;
        tr_exit_process(ward->pid, "kill");
    } else
        tri_ward_hear_of_birth(supervisor, ward, message);
}
