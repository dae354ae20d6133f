/* Show: a supervisor's children as OTP lists them, its state, and the lines that it logs. */
#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "behaviour/supervisor.h"
#include "behaviour/sys.h"
#include "behaviour/words.h"

/* ---------------------------------------------------------------- which_children, count_children */

/* One that is being started for the first time is not there yet, as far as anybody can tell. */
static bool is_shown(const struct tri_ward *ward)
{
    return !(ward->child.state == TRI_CHILD_STARTING && ward->child.cause == TRI_START_NEW);
}

static void put_child_pid(struct tr_out *out, const struct tri_ward *ward)
{
    enum tri_child_state state = ward->child.state;
    if (state == TRI_CHILD_WAITING || state == TRI_CHILD_STARTING)
        tr_put_atom(out, "restarting");
    else if (tr_pid_is_none(ward->pid))
        tr_put_atom(out, "undefined");
    else
        tr_put_pid(out, ward->pid);
}

static void put_id(struct tr_out *out, struct tri_supervisor *supervisor,
                   const struct tri_ward *ward)
{
    if (tri_policy_is_ordered(&supervisor->policy))
        tr_put_term(out, tr_out_term(&ward->spec->id));
    else
        tr_put_atom(out, "undefined");
}

static uint32_t count_shown(struct tri_supervisor *supervisor)
{
    uint32_t count = 0;
    struct tri_child *child;
    TAILQ_FOREACH(child, &supervisor->policy.children, in_order)
        count += is_shown(tri_ward_of(child));
    return count;
}

void tri_supervisor_put_children(struct tr_out *out, struct tri_supervisor *supervisor)
{
    struct tri_child *child;
    tr_put_list_of(out, count_shown(supervisor));
    TAILQ_FOREACH_REVERSE(child, &supervisor->policy.children, tri_children, in_order) {
        const struct tri_ward *ward = tri_ward_of(child);
        if (!is_shown(ward))
            continue;
        tr_put_tuple_of(out, 4);
        put_id(out, supervisor, ward);
        put_child_pid(out, ward);
        tr_put_atom(out, tri_type_words[ward->spec->is_supervisor]);
        tr_put_term(out, tr_out_term(&ward->spec->modules));
    }
    tr_put_nil(out);
}

void tri_supervisor_put_count(struct tr_out *out, struct tri_supervisor *supervisor)
{
    uint32_t specs = 0, active = 0, supervisors = 0;
    struct tri_child *child;
    TAILQ_FOREACH(child, &supervisor->policy.children, in_order) {
        const struct tri_ward *ward = tri_ward_of(child);
        specs += is_shown(ward);
        active += is_shown(ward) && !tr_pid_is_none(ward->pid) && tr_is_alive(ward->pid);
        supervisors += is_shown(ward) && ward->spec->is_supervisor;
    }
    bool is_simple = supervisor->flags.strategy == TR_SIMPLE_ONE_FOR_ONE;
    tr_put(out, "[{specs, S}, {active, A}, {supervisors, V}, {workers, W}]", is_simple ? 1u : specs,
           active, supervisors, specs - supervisors);
}

/* ---------------------------------------------------------------- the state */

/* #{id, child, type, restart, restarts, last_exit} */
static void put_ward(struct tr_out *out, struct tri_supervisor *supervisor,
                     const struct tri_ward *ward)
{
    tr_put_map_of(out, ward->reason.size_bytes ? 6 : 5);
    tr_put_atom(out, "child");
    put_child_pid(out, ward);
    tr_put_atom(out, "id");
    put_id(out, supervisor, ward);
    if (ward->reason.size_bytes) {
        tr_put_atom(out, "last_exit");
        tr_put_term(out, tr_out_term(&ward->reason));
    }
    tr_put_atom(out, "restart");
    tr_put_atom(out, tri_restart_words[ward->spec->restart]);
    tr_put_atom(out, "restarts");
    tr_put_unsigned(out, ward->restarts);
    tr_put_atom(out, "type");
    tr_put_atom(out, tri_type_words[ward->spec->is_supervisor]);
}

/* The first child first: as a tree is drawn. */
void tri_supervisor_put_state(struct tr_out *out, struct tri_supervisor *supervisor)
{
    const struct tri_flags *flags = &supervisor->flags;
    struct tri_child *child;
    tr_put_map_of(out, 7);
    tr_put_atom(out, "auto_shutdown");
    tr_put_atom(out, tri_auto_shutdown_words[flags->auto_shutdown]);
    tr_put_atom(out, "children");
    tr_put_list_of(out, (uint32_t)supervisor->policy.count);
    TAILQ_FOREACH(child, &supervisor->policy.children, in_order)
        put_ward(out, supervisor, tri_ward_of(child));
    tr_put_nil(out);
    tr_put_atom(out, "intensity");
    tr_put_unsigned(out, flags->intensity);
    tr_put_atom(out, "max_children");
    tr_put_unsigned(out, flags->max_children);
    tr_put_atom(out, "period");
    tr_put_unsigned(out, flags->period_s);
    tr_put_atom(out, "restarts");
    tr_put_unsigned(out, tri_intensity_used(&supervisor->policy.intensity, tri_clock_ns()));
    tr_put_atom(out, "strategy");
    tr_put_atom(out, tri_strategy_words[flags->strategy]);
}

/* {supervisor, [{"Callback", Entry}]} */
void tri_supervisor_put_status(struct tr_out *out, const void *context)
{
    const struct tri_supervisor *supervisor = context;
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "supervisor");
    tr_put_list_of(out, 1);
    tr_put_tuple_of(out, 2);
    tri_put_string(out, "Callback");
    tr_put_atom(out, supervisor->entry);
    tr_put_nil(out);
}

/* ---------------------------------------------------------------- the log */

void tri_supervisor_report(const struct tri_ward *ward, const char *what, tr_term reason)
{
    char pid[TR_PID_TEXT_BYTES] = "";
    if (!tri_log_is_on(TRI_LOG_ERROR))
        return;
    TRI_AUTO(tri_freep) char *id = tr_print_new(tr_out_term(&ward->spec->id));
    TRI_AUTO(tri_freep) char *why = tr_print_new(reason);
    tr_pid last = tr_pid_is_none(ward->pid) ? ward->last_pid : ward->pid;
    if (!tr_pid_is_none(last))
        tr_pid_text(last, pid);
    tri_error("child %s %s %s: %s", id ? id : "?", pid, what, why ? why : "?");
}
