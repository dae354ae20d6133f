/* Group: the control group of an actor whose memory or processes are limited, where there is a place for one (base/cgroup.h).
 * It makes and enters it itself, while it may yet; what it leaves, the node clears away (node/group.h). */
#ifndef TRI_PROCESS_GROUP_H
#define TRI_PROCESS_GROUP_H

#include "base/cgroup.h"
#include "troupe/term.h"

/* Enters a group of its own.
 *   ret_group   which limits it sees to, and its path; its fd is closed. path "": there is none */
void tri_group_enter(tr_pid self, const struct tr_resource_limits *limits,
                     struct tri_cgroup *ret_group);

/* Appends a map that tells of it: #{path => Path, limits => [memory, processes]}. */
void tri_group_put(struct tr_out *out, const struct tri_cgroup *group);

#endif
