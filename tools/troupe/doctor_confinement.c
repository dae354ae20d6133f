/* The doctor's look at what limits and sandboxes need (troupe/limits.h). It tries what it cannot read: in a process of its own,
 * which enters what a sandboxed one would. */
#include "doctor.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "process/sandbox_landlock.h"
#include "process/sandbox_namespaces.h"
#include "process/sandbox_seccomp.h"

/* Everything else works without it. */
static struct finding *find_part(struct doctor *doctor, const char *claim, bool is_so)
{
    struct finding *finding = doctor_find_truth(doctor, claim, is_so);
    if (!is_so)
        finding->verdict = VERDICT_PARTIAL;
    return finding;
}

static bool can_enter(enum tri_namespaces which)
{
    int status, os_pid = fork();
    if (os_pid == 0)
        _exit(tri_namespaces_enter(which) == 0 ? 0 : 1);
    return os_pid > 0 && waitpid(os_pid, &status, 0) == os_pid && status == 0;
}

static void look_at_sandboxes(struct doctor *doctor)
{
    struct tri_filter filter = {0};
    int version = tri_landlock_version();
    doctor_remedy(find_part(doctor, "sandbox: paths (Landlock)", version > 0),
                  "Linux 5.19 or later, started with landlock among lsm=");
    doctor_remedy(
        find_part(doctor, "sandbox: truncation (Landlock)", tri_landlock_has_truncation()),
        "Linux 6.2 or later, started with landlock among lsm=");
    doctor_remedy(find_part(doctor, "sandbox: signals (Landlock)", tri_landlock_has_scopes()),
                  "Linux 6.12 or later, started with landlock among lsm=");
    bool has_filters = tri_filter_build(TR_SANDBOX_LIGHT, TRI_FILTER_OF_ACTOR, &filter) == 0;
    tri_filter_deinit(&filter);
    doctor_remedy(find_part(doctor, "sandbox: system calls (seccomp)", has_filters),
                  "install libseccomp2; a kernel with CONFIG_SECCOMP_FILTER");
    doctor_remedy(find_part(doctor, "sandbox full: namespaces", can_enter(TRI_NAMESPACES_ALL)),
                  "%ssysctl -w user.max_user_namespaces=10000 "
                  "kernel.apparmor_restrict_unprivileged_userns=0",
                  doctor->sudo);
    doctor_remedy(
        find_part(doctor, "sandbox full: pid namespace", can_enter(TRI_NAMESPACES_AND_PID)),
        "%ssysctl -w user.max_pid_namespaces=10000", doctor->sudo);
}

static void look_at_limits(struct doctor *doctor)
{
    char group[TRI_CGROUP_PATH_BYTES];
    bool has_memory = false, has_pids = false;
    int r = tri_cgroup_find(group, sizeof group, &has_memory, &has_pids);
    bool is_counted = geteuid() != 0 && can_enter(TRI_NAMESPACE_OF_USERS);
    bool is_bounded = is_counted || (r == 0 && has_pids);
    doctor_remedy(find_part(doctor, "limit: processes of an actor", is_bounded),
                  geteuid() == 0 ? "start the node as another user than root, or have pids.max"
                                 : "a kernel that lets users have user namespaces, or pids.max");
    doctor_remedy(find_part(doctor, "cgroup: one of this user's own", r == 0),
                  "systemd-run --user --scope -p Delegate=yes troupe run ...; or name one "
                  "by " TRI_CGROUP_VARIABLE);
    doctor_remedy(
        find_part(doctor, "cgroup: memory.max", r == 0 && has_memory),
        "a cgroup of version 2 with the controller memory; without it keepers look at programs");
    doctor_remedy(
        find_part(doctor, "cgroup: pids.max", r == 0 && has_pids),
        "a cgroup of version 2 with the controller pids; without it keepers look at programs");
}

void doctor_look_at_confinement(struct doctor *doctor)
{
    look_at_sandboxes(doctor);
    look_at_limits(doctor);
}
