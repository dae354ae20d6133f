/* Change: a supervisor's flags and its children's order are replaced while they run, as OTP's code_change does it. A
 * configuration that is read again asks for it. */
#include "base/auto.h"
#include "behaviour/supervisor.h"

static bool is_ordered(enum tr_strategy strategy)
{
    return strategy != TR_DYNAMIC && strategy != TR_SIMPLE_ONE_FOR_ONE;
}

/* Between two plans, for a plan has been made for the flags and the order that there were. */
static bool can_change(const struct tri_supervisor *supervisor)
{
    return supervisor->policy.phase == TRI_PHASE_QUIET &&
           tri_policy_is_ordered(&supervisor->policy);
}

struct tr_step tri_supervisor_set_flags(struct tri_supervisor *supervisor, tr_term term)
{
    TRI_AUTO(tr_out_deinit) struct tr_out error = {0};
    struct tri_flags flags;
    struct tri_child_policy *policy = &supervisor->policy;
    int r = tri_flags_read(term, &flags, &error);
    if (r == TR_REFUSED)
        return tr_answer("{error, Error}", tr_out_term(&error));
    if (r)
        return tr_answer("{error, system_limit}");
    if (!can_change(supervisor) || !is_ordered(flags.strategy))
        return tr_answer("{error, not_now}");
    supervisor->flags = flags;
    policy->strategy = flags.strategy;
    policy->auto_shutdown = flags.auto_shutdown;
    policy->intensity.max = (uint32_t)flags.intensity;
    policy->intensity.period_ns = flags.period_s * TRI_NS_PER_S;
    return tr_answer("ok");
}

/* Who is not named stays before the others. */
struct tr_step tri_supervisor_set_order(struct tri_supervisor *supervisor, tr_term ids)
{
    struct tri_children *children = &supervisor->policy.children;
    struct tr_iter iter;
    tr_term id;
    if (!tr_get_list(ids, &iter))
        return tr_answer("{error, badarg}");
    if (!can_change(supervisor))
        return tr_answer("{error, not_now}");
    while (tr_next(&iter, &id)) {
        struct tri_ward *ward = tri_ward_of_id(supervisor, id);
        if (!ward)
            continue;
        TAILQ_REMOVE(children, &ward->child, in_order);
        TAILQ_INSERT_TAIL(children, &ward->child, in_order);
    }
    return tr_answer("ok");
}
