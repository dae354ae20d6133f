/* Requests: what others ask of a supervisor, in the shapes of OTP's supervisor, with its answers. */
#include "base/auto.h"
#include "behaviour/supervisor.h"

#define REFUSE(what) tr_answer("{error, " what "}")

/* ---------------------------------------------------------------- start_child */

static bool is_full(const struct tri_supervisor *supervisor)
{
    return supervisor->flags.max_children > 0 &&
           supervisor->policy.count >= supervisor->flags.max_children;
}

/* A new child is on its way: who asked for it is told when it runs, or does not. */
static struct tr_step start_new(struct tri_supervisor *supervisor, struct tri_ward *ward,
                                const struct tr_from *from)
{
    if (!tri_ward_add_waiter(ward, from)) {
        tri_ward_free(supervisor, ward);
        return REFUSE("system_limit");
    }
    tri_policy_add(&supervisor->policy, &ward->child);
    tri_policy_start(&supervisor->policy, &ward->child, TRI_START_NEW);
    return tr_noreply();
}

/* The arguments of the model, and behind them those of this child. */
static int append(struct tr_out *out, tr_term ours, tr_term more)
{
    struct tr_iter first, second;
    tr_term element;
    tr_get_list(ours, &first);
    tr_get_list(more, &second);
    if (first.left + second.left > 0)
        tr_put_list_of(out, (uint32_t)(first.left + second.left));
    while (tr_next(&first, &element))
        tr_put_term(out, element);
    while (tr_next(&second, &element))
        tr_put_term(out, element);
    tr_put_nil(out);
    return out->fault;
}

static struct tr_step start_instance(struct tri_supervisor *supervisor, tr_term arguments,
                                     const struct tr_from *from)
{
    struct tr_iter iter;
    if (!tr_get_list(arguments, &iter))
        return tr_answer("{error, {badarg, Arguments}}", arguments);
    if (is_full(supervisor))
        return REFUSE("max_children");
    struct tri_ward *ward = tri_ward_new(supervisor, &supervisor->model, true);
    if (!ward)
        return REFUSE("system_limit");
    if (append(&ward->arguments, tr_out_term(&supervisor->model.arguments), arguments)) {
        tri_ward_free(supervisor, ward);
        return REFUSE("system_limit");
    }
    return start_new(supervisor, ward, from);
}

/* The spec is right: has it a place here? */
static struct tr_step start_spec(struct tri_supervisor *supervisor, struct tri_spec *spec,
                                 const struct tr_from *from)
{
    struct tri_ward *same = tri_ward_of_id(supervisor, tr_out_term(&spec->id));
    if (same && same->child.state == TRI_CHILD_RUNNING)
        return tr_answer("{error, {already_started, Pid}}", same->pid);
    if (same)
        return REFUSE("already_present");
    if (is_full(supervisor))
        return REFUSE("max_children");
    struct tri_ward *ward = tri_ward_new(supervisor, spec, false);
    return ward ? start_new(supervisor, ward, from) : REFUSE("system_limit");
}

static struct tr_step start_child(struct tri_supervisor *supervisor, tr_term what,
                                  const struct tr_from *from)
{
    TRI_AUTO(tr_out_deinit) struct tr_out error = {0};
    TRI_AUTO(tri_spec_deinit) struct tri_spec spec = {.name = NULL};
    if (supervisor->flags.strategy == TR_SIMPLE_ONE_FOR_ONE)
        return start_instance(supervisor, what, from);
    int r = tri_spec_read(what, supervisor->flags.auto_shutdown, &spec, &error);
    if (r == TR_REFUSED)
        return tr_answer("{error, Error}", tr_out_term(&error));
    return r ? REFUSE("system_limit") : start_spec(supervisor, &spec, from);
}

/* ---------------------------------------------------------------- the others */

/* Who is told when it is done. */
static struct tr_step later(struct tri_ward *ward, const struct tr_from *from)
{
    return tri_ward_add_waiter(ward, from) ? tr_noreply() : REFUSE("system_limit");
}

static struct tr_step stop(struct tri_supervisor *supervisor, struct tri_ward *ward,
                           const struct tr_from *from)
{
    if (ward->child.state == TRI_CHILD_STOPPING)
        return later(ward, from);
    bool was_running = ward->child.state == TRI_CHILD_RUNNING;
    struct tr_step step = was_running ? later(ward, from) : tr_answer("ok");
    if (!was_running || !step.has_reply)
        tri_policy_stop(&supervisor->policy, &ward->child);
    return step;
}

/* By pid, where children have no ids. One that is being started is nobody's child yet, and one that is dead has been
 * stopped, or is to be started again: then it is not. */
static struct tr_step terminate_by_pid(struct tri_supervisor *supervisor, tr_pid pid,
                                       const struct tr_from *from)
{
    struct tri_ward *ward = tri_ward_of_pid(supervisor, pid);
    if (ward && ward->child.state != TRI_CHILD_STARTING)
        return stop(supervisor, ward, from);
    return ward || tr_is_alive(pid) ? REFUSE("not_found") : tr_answer("ok");
}

static struct tr_step terminate_child(struct tri_supervisor *supervisor, tr_term id,
                                      const struct tr_from *from)
{
    tr_pid pid;
    if (tri_policy_is_ordered(&supervisor->policy)) {
        struct tri_ward *ward = tri_ward_of_id(supervisor, id);
        return ward ? stop(supervisor, ward, from) : REFUSE("not_found");
    }
    if (!tr_get_pid(id, &pid))
        return REFUSE("simple_one_for_one");
    return terminate_by_pid(supervisor, pid, from);
}

/* What hinders restart_child and delete_child (46). False: nothing, *ret_ward is idle. */
static bool hinders(struct tri_supervisor *supervisor, tr_term id, struct tri_ward **ret_ward,
                    struct tr_step *ret_step)
{
    struct tri_ward *ward = tri_ward_of_id(supervisor, id);
    if (!tri_policy_is_ordered(&supervisor->policy))
        *ret_step = REFUSE("simple_one_for_one");
    else if (!ward)
        *ret_step = REFUSE("not_found");
    else if (ward->child.state == TRI_CHILD_WAITING)
        *ret_step = REFUSE("restarting");
    else if (ward->child.state != TRI_CHILD_IDLE)
        *ret_step = REFUSE("running");
    else {
        *ret_ward = ward;
        return false;
    }
    return true;
}

static struct tr_step restart_child(struct tri_supervisor *supervisor, tr_term id,
                                    const struct tr_from *from)
{
    struct tri_ward *ward;
    struct tr_step step;
    if (hinders(supervisor, id, &ward, &step))
        return step;
    step = later(ward, from);
    if (!step.has_reply)
        tri_policy_start(&supervisor->policy, &ward->child, TRI_START_ASKED);
    return step;
}

static struct tr_step delete_child(struct tri_supervisor *supervisor, tr_term id)
{
    struct tri_ward *ward;
    struct tr_step step;
    if (hinders(supervisor, id, &ward, &step))
        return step;
    tri_policy_delete(&supervisor->policy, &ward->child);
    return tr_answer("ok");
}

/* Where all children have one spec, its id finds it, too. */
static struct tr_step get_childspec(struct tri_supervisor *supervisor, tr_term id)
{
    TRI_AUTO(tr_out_deinit) struct tr_out shown = {0};
    const struct tri_spec *spec = NULL;
    tr_pid pid;
    bool is_ordered = tri_policy_is_ordered(&supervisor->policy);
    bool is_simple = supervisor->flags.strategy == TR_SIMPLE_ONE_FOR_ONE;
    struct tri_ward *ward = is_ordered             ? tri_ward_of_id(supervisor, id)
                            : tr_get_pid(id, &pid) ? tri_ward_of_pid(supervisor, pid)
                                                   : NULL;
    if (ward)
        spec = ward->spec;
    else if (is_simple && tr_equal(id, tr_out_term(&supervisor->model.id)))
        spec = &supervisor->model;
    if (!spec)
        return REFUSE("not_found");
    tri_spec_put(&shown, spec);
    return shown.fault ? REFUSE("system_limit") : tr_answer("{ok, Spec}", tr_out_term(&shown));
}

static struct tr_step show(struct tri_supervisor *supervisor,
                           void (*put)(struct tr_out *, struct tri_supervisor *))
{
    TRI_AUTO(tr_out_deinit) struct tr_out shown = {0};
    put(&shown, supervisor);
    return shown.fault ? REFUSE("system_limit") : tr_answer("Shown", tr_out_term(&shown));
}

struct tr_step tri_supervisor_handle_call(struct tri_supervisor *supervisor, tr_term request,
                                          const struct tr_from *from)
{
    tr_term what;
    if (tr_match(request, "{start_child, What}", &what) == 0)
        return start_child(supervisor, what, from);
    if (tr_match(request, "{terminate_child, Id}", &what) == 0)
        return terminate_child(supervisor, what, from);
    if (tr_match(request, "{restart_child, Id}", &what) == 0)
        return restart_child(supervisor, what, from);
    if (tr_match(request, "{delete_child, Id}", &what) == 0)
        return delete_child(supervisor, what);
    if (tr_match(request, "{get_childspec, Id}", &what) == 0)
        return get_childspec(supervisor, what);
    if (tr_is_atom(request, "which_children"))
        return show(supervisor, tri_supervisor_put_children);
    if (tr_is_atom(request, "count_children"))
        return show(supervisor, tri_supervisor_put_count);
    if (tr_match(request, "{'$set_flags', Flags}", &what) == 0)
        return tri_supervisor_set_flags(supervisor, what);
    if (tr_match(request, "{'$set_order', Ids}", &what) == 0)
        return tri_supervisor_set_order(supervisor, what);
    return tr_answer("{error, {unknown_request, Request}}", request);
}
