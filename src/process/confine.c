/* Confine: what is asked for is told in the end, and what of it is lacking. */
#include "process/confine.h"

#include <errno.h>

#include "base/auto.h"
#include "base/log.h"
#include "process/channel.h"
#include "process/confined.h"
#include "process/group.h"
#include "process/sandbox_seccomp.h"
#include "wire/death.h"

void tri_confine_put(struct tr_out *out, const struct tri_confinement *confinement)
{
    const struct tri_filter *filter =
        confinement->sandbox == TR_SANDBOX_NONE ? NULL : tri_filter_of_actor(confinement->sandbox);
    tr_put_tuple_of(out, 2);
    tr_put_map_of(out, tri_confinement_count(confinement));
    tri_confinement_put(out, confinement);
    if (filter)
        tr_put_binary(out, filter->code, filter->size_bytes);
    else
        tr_put_atom(out, "undefined");
}

/* What the node keeps of it, for those who look, and for the report of its death.
 *   group   NULL, or one whose path is "": none */
static void tell(struct tr_out *told, const struct tri_confinement *confinement, unsigned lacks,
                 const struct tri_cgroup *group)
{
    bool has_group = group && group->path[0];
    tr_put_map_of(told, tri_confinement_count(confinement) + 1 + has_group);
    tri_confinement_put(told, confinement);
    tr_put_atom(told, "not_enforced");
    tri_shortfalls_put(told, lacks);
    if (has_group) {
        tr_put_atom(told, "cgroup");
        tri_group_put(told, group);
    }
}

static int blame_path(struct tr_out *why, int fault, const char *path)
{
    tr_put_tuple_of(why, 3);
    tr_put_atom(why, "sandbox");
    tri_death_put_errno(why, -fault);
    tr_put_text(why, path);
    return fault;
}

static int confine(const struct tri_confinement *confinement, struct tri_paths paths, tr_bin filter,
                   bool changes_user, unsigned *ret_lacks, const struct tri_cgroup *group,
                   struct tr_out *why)
{
    struct tri_confined confined;
    const char *path = "";
    int r = tri_confined_prepare(&confined, confinement, TRI_LIMITED_ACTOR, paths, filter.data,
                                 filter.size_bytes, &path);
    if (r)
        return blame_path(why, r, path);
    confined.changes_user = changes_user;
    tri_confined_begin(&confined);
    r = tri_confined_enter_namespaces(&confined);
    if (r == 0)
        tri_confined_enter(&confined, NULL);
    tri_confined_deinit(&confined);
    if (group->has_pids)
        confined.lacks &= ~(unsigned)TRI_LACKS_PROCESSES;
    *ret_lacks = confined.lacks;
    if (r || !confinement->is_strict || !confined.lacks)
        return r;
    tr_put_tuple_of(why, 2);
    tr_put_atom(why, "unsupported");
    tr_put_atom(why, tri_shortfall_name(confined.lacks & -confined.lacks));
    return -EOPNOTSUPP;
}

int tri_confine_enter(struct tri_process *process, const struct tri_wish *wish,
                      const char *directory, struct tr_out *told, struct tr_out *why)
{
    TRI_AUTO(tri_confinement_deinit) struct tri_confinement confinement = {.sandbox = 0};
    const char *key;
    unsigned lacks = 0;
    tr_term term, map, filter_term, value;
    tr_bin filter = {NULL, 0};
    struct tri_cgroup group;
    if (wish->size_bytes == 0)
        return 0;
    if (tr_check(wish->bytes, wish->size_bytes, NULL, &term) ||
        tr_match(term, "{Map, Filter}", &map, &filter_term))
        return TR_MALFORMED;
    int r = tri_confinement_read(&confinement, map, &key, &value);
    if (r)
        return r == TR_NO_MATCH ? TR_MALFORMED : r;
    tr_get_binary(filter_term, &filter);
    const struct tri_paths paths = {.directory = wish->is_inherited ? NULL : directory,
                                    .node = &process->dir};
    tri_group_enter(process->self, &confinement.limits, &group);
    r = confine(&confinement, paths, filter, wish->changes_user, &lacks, &group, why);
    if (r == 0)
        tell(told, &confinement, lacks, &group);
    process->lacks = lacks;
    process->hang_ms = confinement.hang_ms;
    process->keeps_stderr = confinement.keeps_stderr;
    return r ? r : told->fault;
}

int tri_confine_tell(struct tri_process *process, const struct tri_confinement *confinement,
                     unsigned lacks)
{
    TRI_AUTO(tr_out_deinit) struct tr_out told = {0};
    struct tri_parcel parcel = tri_parcel_of(TRI_CARE);
    tell(&told, confinement, lacks, NULL);
    parcel.body = told.data;
    parcel.body_bytes = told.size_bytes;
    return told.fault ? told.fault : tri_channel_send(process, &parcel);
}

void tri_confine_warn(const struct tri_process *process)
{
    for (unsigned i = 0; i < TRI_SHORTFALLS; i++)
        if (process->lacks >> i & 1)
            tri_warn("of its confinement this machine cannot enforce: %s",
                     tri_shortfall_name(1u << i));
}
