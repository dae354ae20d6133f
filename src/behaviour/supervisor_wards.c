/* Wards: the table of a supervisor's children, found by what the messages about them bear. */
#include "behaviour/supervisor.h"

#include <stdlib.h>

struct tri_ward *tri_ward_new(struct tri_supervisor *supervisor, struct tri_spec *spec,
                              bool is_model)
{
    struct tri_ward *ward = calloc(1, sizeof *ward);
    if (!ward)
        return NULL;
    ward->spec = is_model ? spec : malloc(sizeof *ward->spec);
    if (!ward->spec) {
        free(ward);
        return NULL;
    }
    if (!is_model) {
        *ward->spec = *spec;
        *spec = (struct tri_spec){.name = NULL};
    }
    ward->has_own_spec = !is_model;
    ward->serial = ++supervisor->serials;
    tri_ward_heed_spec(ward);
    HASH_ADD(by_serial, supervisor->by_serial, serial, sizeof ward->serial, ward);
    return ward;
}

void tri_ward_heed_spec(struct tri_ward *ward)
{
    ward->child.restart = ward->spec->restart;
    ward->child.is_significant = ward->spec->is_significant;
    ward->child.backoff = ward->spec->backoff;
}

static void free_waiters(struct tri_ward *ward)
{
    for (struct tri_waiter *waiter = ward->waiters, *next; waiter; waiter = next) {
        next = waiter->next;
        free(waiter);
    }
    ward->waiters = NULL;
}

void tri_ward_free(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    tri_ward_unwatch(supervisor, ward);
    HASH_DELETE(by_serial, supervisor->by_serial, ward);
    if (ward->has_own_spec) {
        tri_spec_deinit(ward->spec);
        free(ward->spec);
    }
    tr_out_deinit(&ward->arguments);
    tr_out_deinit(&ward->reason);
    free_waiters(ward);
    free(ward);
}

struct tri_ward *tri_ward_of_id(struct tri_supervisor *supervisor, tr_term id)
{
    struct tri_child *child;
    if (!tri_policy_is_ordered(&supervisor->policy))
        return NULL;
    TAILQ_FOREACH(child, &supervisor->policy.children, in_order)
        if (tr_equal(tr_out_term(&tri_ward_of(child)->spec->id), id))
            return tri_ward_of(child);
    return NULL;
}

struct tri_ward *tri_ward_of_pid(struct tri_supervisor *supervisor, tr_pid pid)
{
    struct tri_ward *ward;
    struct tri_child *child;
    HASH_FIND(by_pid, supervisor->by_pid, &pid, sizeof pid, ward);
    if (ward)
        return ward;
    TAILQ_FOREACH(child, &supervisor->policy.children, in_order)
        if (child->state == TRI_CHILD_WAITING && tr_pid_equal(tri_ward_of(child)->last_pid, pid))
            return tri_ward_of(child);
    return NULL;
}

void tri_ward_set_pid(struct tri_supervisor *supervisor, struct tri_ward *ward, tr_pid pid)
{
    ward->pid = pid;
    HASH_ADD(by_pid, supervisor->by_pid, pid, sizeof ward->pid, ward);
}

void tri_ward_set_reason(struct tri_ward *ward, tr_term reason)
{
    if (tr_out_copy(&ward->reason, reason)) {
        tr_out_reset(&ward->reason);
        tr_put_atom(&ward->reason, "unknown");
    }
}

void tri_ward_watch(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    HASH_ADD(by_monitor, supervisor->by_monitor, monitor.number, sizeof ward->monitor.number, ward);
    if (ward->has_alias)
        HASH_ADD(by_alias, supervisor->by_alias, alias.number, sizeof ward->alias.number, ward);
}

void tri_ward_unwatch(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    tri_ward_stop_timer(ward);
    if (ward->stage == TRI_BIRTH_NAME_TAKEN)
        tr_demonitor(ward->monitor, TR_DEMONITOR_FLUSH, NULL);
    if (ward->monitor.number)
        HASH_DELETE(by_monitor, supervisor->by_monitor, ward);
    if (ward->has_alias) {
        HASH_DELETE(by_alias, supervisor->by_alias, ward);
        tr_unalias(ward->alias);
    }
    if (!tr_pid_is_none(ward->pid)) {
        HASH_DELETE(by_pid, supervisor->by_pid, ward);
        ward->last_pid = ward->pid;
    }
    ward->monitor.number = 0;
    ward->has_alias = false;
    ward->pid = TR_NO_PID;
    ward->stage = TRI_BIRTH_NONE;
}

/* ---------------------------------------------------------------- timers */

void tri_ward_set_timer(struct tri_ward *ward, int64_t time_ms)
{
    tri_ward_stop_timer(ward);
    if (tr_start_timer((uint64_t)time_ms, tr_self(), &ward->timer, "{ward, Serial}", ward->serial))
        tri_panic("no memory for the timer of a child");
    ward->has_timer = true;
}

void tri_ward_stop_timer(struct tri_ward *ward)
{
    if (ward->has_timer)
        tr_cancel_timer(ward->timer, NULL);
    ward->has_timer = false;
}

/* ---------------------------------------------------------------- who waits */

bool tri_ward_add_waiter(struct tri_ward *ward, const struct tr_from *from)
{
    struct tri_waiter *waiter = malloc(sizeof *waiter);
    if (!waiter)
        return false;
    *waiter = (struct tri_waiter){ward->waiters, *from};
    ward->waiters = waiter;
    return true;
}

void tri_ward_answer(struct tri_ward *ward, tr_term answer)
{
    for (struct tri_waiter *waiter = ward->waiters; waiter; waiter = waiter->next)
        tr_reply_term(&waiter->from, answer);
    free_waiters(ward);
}
