/* Group: the group's limits are behind those that the actor has already, for those are softer: malloc fails, and the library
 * says so, where the group kills. So the group has room for what the runtime and the kernel hold on the actor's behalf, and
 * what meets its limit is what no other limit sees: shared memory, files in memory, and all processes together. */
#include "process/group.h"

#include <unistd.h>

#include "base/fd.h"
#include "process/confined.h"

/* The window of its mailbox and the pages of the table, buffers of sockets, stacks in the kernel; page tables and the like grow
 * with what there is to be found by them. */
#define OWN_BYTES ((uint64_t)8 << 20)
#define OWN_SHARE 64

static struct tr_resource_limits of_group(const struct tr_resource_limits *limits)
{
    struct tr_resource_limits all = {0};
    if (limits->memory_bytes)
        all.memory_bytes = limits->memory_bytes + limits->memory_bytes / OWN_SHARE + OWN_BYTES;
    if (limits->processes)
        all.processes = limits->processes > UINT32_MAX - TRI_THREADS_OF_AN_ACTOR
                            ? UINT32_MAX
                            : limits->processes + TRI_THREADS_OF_AN_ACTOR;
    return all;
}

void tri_group_enter(tr_pid self, const struct tr_resource_limits *limits,
                     struct tri_cgroup *ret_group)
{
    char name[TRI_CGROUP_NAME_BYTES];
    struct tri_cgroup group;
    *ret_group = TRI_CGROUP_NONE;
    if (!(limits->memory_bytes || limits->processes) || !tri_cgroup_announced())
        return;
    const struct tr_resource_limits all = of_group(limits);
    tri_cgroup_name(name, getpid(), tr_pid_slot(self), tr_pid_generation(self));
    if (tri_cgroup_open(&group, name, &all))
        return;
    int r = tri_cgroup_enter(group.fd);
    tri_fd_close(&group.fd);
    if (r)
        rmdir(group.path);
    else
        *ret_group = group;
}

void tri_group_put(struct tr_out *out, const struct tri_cgroup *group)
{
    tr_put_map_of(out, 2);
    tr_put_atom(out, "path");
    tr_put_text(out, group->path);
    tr_put_atom(out, "limits");
    tr_put_list_of(out, (uint32_t)group->has_memory + group->has_pids);
    if (group->has_memory)
        tr_put_atom(out, "memory");
    if (group->has_pids)
        tr_put_atom(out, "processes");
    tr_put_nil(out);
}
