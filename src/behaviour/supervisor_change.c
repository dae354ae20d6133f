/* Change: a supervisor's flags, its children's specs and their order are replaced while they run: by OTP's code_change, which
 * reads its tree again, or in parts, which a configuration asks for that is read again. */
#include "base/auto.h"
#include "behaviour/supervisor.h"
#include "behaviour/words.h"

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
    int r = tri_flags_read(term, &flags, &error);
    if (r == TR_REFUSED)
        return tr_answer("{error, Error}", tr_out_term(&error));
    if (r)
        return tr_answer("{error, system_limit}");
    if (!can_change(supervisor) || !tri_strategy_is_ordered(flags.strategy))
        return tr_answer("{error, not_now}");
    tri_supervisor_take_flags(supervisor, &flags);
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

/* ---------------------------------------------------------------- code_change */

/* {error, Wrong}, as OTP's supervisor tells its gen_server; what is no tree at all is told as it is. */
static int tell_wrong(enum tri_wrong wrong, struct tr_out *error)
{
    TRI_AUTO(tr_out_deinit) struct tr_out inner = *error;
    *error = (struct tr_out){0};
    if (wrong == TRI_WRONG_TREE)
        tr_put_term(error, tr_out_term(&inner));
    else if (wrong == TRI_WRONG_COUNT)
        tr_put(error, "{error, {bad_start_spec, Specs}}", tr_out_term(&inner));
    else
        tr_put(error, "{error, Wrong}", tr_out_term(&inner));
    return error->fault ? error->fault : TR_REFUSED;
}

static void exchange(struct tri_spec *one, struct tri_spec *other)
{
    struct tri_spec spec = *one;
    *one = *other;
    *other = spec;
}

/* All children are of the new model from now on. */
static void change_model(struct tri_supervisor *supervisor, struct tri_spec *spec)
{
    struct tri_child *child;
    exchange(&supervisor->model, spec);
    TAILQ_FOREACH(child, &supervisor->policy.children, in_order)
        tri_ward_heed_spec(tri_ward_of(child));
}

/* A child that is not started yet. The spec is moved in. */
static struct tri_ward *add(struct tri_supervisor *supervisor, struct tri_spec *spec)
{
    struct tri_ward *ward = tri_ward_new(supervisor, spec, false);
    if (!ward)
        tri_panic("no memory for a child");
    ward->child.cause = TRI_START_RESTART; /* its supervisor has begun long ago */
    tri_policy_add(&supervisor->policy, &ward->child);
    return ward;
}

/* The plan's children come first, in its order; those that it does not name stay behind them. Nobody is started or stopped. */
static void change_children(struct tri_supervisor *supervisor, struct tri_plan *plan)
{
    struct tri_children *children = &supervisor->policy.children;
    for (uint32_t i = plan->count; i-- > 0;) {
        struct tri_ward *ward = tri_ward_of_id(supervisor, tr_out_term(&plan->specs[i].id));
        if (ward) {
            exchange(ward->spec, &plan->specs[i]);
            tri_ward_heed_spec(ward);
        } else {
            ward = add(supervisor, &plan->specs[i]);
        }
        TAILQ_REMOVE(children, &ward->child, in_order);
        TAILQ_INSERT_HEAD(children, &ward->child, in_order);
    }
}

/* Children that have an order do not lose it, and those without do not get one. */
static bool fits(const struct tri_supervisor *supervisor, enum tr_strategy strategy)
{
    return strategy == supervisor->flags.strategy ||
           (tri_strategy_is_ordered(strategy) &&
            tri_strategy_is_ordered(supervisor->flags.strategy));
}

int tri_supervisor_change_code(tr_term old_version, tr_term extra, void *context,
                               struct tr_out *error)
{
    TRI_AUTO(tri_plan_deinit) struct tri_plan plan;
    struct tri_supervisor *supervisor = context;
    (void)old_version;
    (void)extra;
    int r = tri_plan_read(supervisor, &plan, error);
    if (r == TR_IGNORED)
        return 0;
    if (r == 0 && !fits(supervisor, plan.flags.strategy)) {
        tr_put_tuple_of(error, 2);
        tr_put_atom(error, "invalid_strategy");
        tr_put_atom(error, tri_strategy_words[plan.flags.strategy]);
        plan.wrong = TRI_WRONG_FLAGS;
        r = TR_REFUSED;
    }
    if (r)
        return r == TR_REFUSED ? tell_wrong(plan.wrong, error) : r;
    tri_supervisor_take_flags(supervisor, &plan.flags);
    if (plan.flags.strategy == TR_SIMPLE_ONE_FOR_ONE)
        change_model(supervisor, &plan.specs[0]);
    else
        change_children(supervisor, &plan);
    return 0;
}
