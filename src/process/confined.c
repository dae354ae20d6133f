/* Confined: first what needs rights, then what takes them away; the filter last, because it refuses what comes before it. */
#include "process/confined.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "process/sandbox_namespaces.h"
#include "process/sandbox_seccomp.h"

/* Its first, which is not the program. */
enum { PROCESSES_OF_A_PID_NAMESPACE = 1 };

static unsigned lacks_of_older_landlock(void)
{
    return (tri_landlock_has_scopes() ? 0 : TRI_LACKS_SIGNALS) |
           (tri_landlock_has_truncation() ? 0 : TRI_LACKS_TRUNCATION);
}

int tri_confined_prepare(struct tri_confined *confined, const struct tri_confinement *confinement,
                         enum tri_limited whose, struct tri_paths paths, const void *filter,
                         size_t filter_bytes, const char **ret_path)
{
    *confined = (struct tri_confined){.confinement = confinement,
                                      .whose = whose,
                                      .landlock_fd = -1,
                                      .filter = filter,
                                      .filter_bytes = filter_bytes};
    if (confinement->sandbox == TR_SANDBOX_NONE)
        return 0;
    if (!filter)
        confined->lacks |= TRI_LACKS_SECCOMP;
    confined->lacks |= lacks_of_older_landlock();
    paths.readable = confinement->readable;
    paths.writable = confinement->writable;
    int r = tri_landlock_prepare(&paths, &confined->landlock_fd, ret_path);
    if (r != -ENOSYS && r != -EOPNOTSUPP)
        return r;
    confined->lacks |= TRI_LACKS_LANDLOCK;
    return 0;
}

void tri_confined_deinit(struct tri_confined *confined) { tri_fd_close(&confined->landlock_fd); }

void tri_confined_begin(struct tri_confined *confined)
{
    confined->lacks |= tri_limits_enter_privileged(&confined->confinement->limits);
}

/* What a full sandbox is to have, one after the other: less when there is not more. */
static int enter_all(struct tri_confined *confined)
{
    int r = -EPERM;
    if (confined->changes_user) {
        r = tri_namespaces_enter(TRI_NAMESPACES_BUT_USERS);
        confined->lacks |= r ? TRI_LACKS_NAMESPACES : 0;
        return 0;
    }
    if (confined->may_have_pid_namespace) {
        r = tri_namespaces_enter(TRI_NAMESPACES_AND_PID);
        confined->has_pid_namespace = r == 0;
        confined->lacks |= r < 0 ? TRI_LACKS_PID_NAMESPACE : 0;
    }
    if (r < 0)
        r = tri_namespaces_enter(TRI_NAMESPACES_ALL);
    confined->has_user_namespace = r == 0;
    confined->lacks |= r < 0 ? TRI_LACKS_NAMESPACES : 0;
    return r < 0 ? 0 : r;
}

int tri_confined_enter_namespaces(struct tri_confined *confined)
{
    const struct tri_confinement *confinement = confined->confinement;
    if (confinement->sandbox == TR_SANDBOX_FULL)
        return enter_all(confined);
    /* root's processes are not counted, whatever namespace they are in */
    if (!tri_limits_count_processes(&confinement->limits) || getuid() == 0)
        return 0;
    int r = tri_namespaces_enter(TRI_NAMESPACE_OF_USERS);
    confined->has_user_namespace = r == 0;
    confined->lacks |= r < 0 ? TRI_LACKS_PROCESSES : 0;
    return r < 0 ? 0 : r;
}

static void enter_sandbox(struct tri_confined *confined, int *ret_listener_fd)
{
    int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (confined->landlock_fd >= 0) {
        r = tri_landlock_enter(confined->landlock_fd);
        confined->lacks |= r ? TRI_LACKS_LANDLOCK | TRI_LACKS_SIGNALS | TRI_LACKS_TRUNCATION : 0;
        tri_fd_close(&confined->landlock_fd);
    }
    if (!confined->filter)
        return;
    r = ret_listener_fd ? tri_filter_enter_watched(confined->filter, confined->filter_bytes)
                        : tri_filter_enter(confined->filter, confined->filter_bytes);
    if (r < 0)
        confined->lacks |= TRI_LACKS_SECCOMP;
    else if (ret_listener_fd)
        *ret_listener_fd = r;
}

void tri_confined_enter(struct tri_confined *confined, int *ret_listener_fd)
{
    if (confined->has_pid_namespace && tri_namespaces_mount_proc() == 0 &&
        confined->landlock_fd >= 0 && confined->confinement->readable)
        tri_landlock_add_proc(confined->landlock_fd);
    unsigned beside = confined->whose == TRI_LIMITED_ACTOR ? TRI_THREADS_OF_AN_ACTOR
                      : confined->has_pid_namespace        ? PROCESSES_OF_A_PID_NAMESPACE
                                                           : 0;
    confined->lacks |= tri_limits_enter(&confined->confinement->limits, confined->whose,
                                        confined->has_user_namespace, beside);
    if (confined->has_user_namespace)
        tri_namespaces_settle();
    if (ret_listener_fd)
        *ret_listener_fd = -1;
    if (confined->confinement->sandbox != TR_SANDBOX_NONE)
        enter_sandbox(confined, ret_listener_fd);
}

void tri_shortfalls_put(struct tr_out *out, unsigned lacks)
{
    uint32_t count = 0;
    for (int i = 0; i < TRI_SHORTFALLS; i++)
        count += lacks >> i & 1;
    tr_put_list_of(out, count);
    for (int i = 0; i < TRI_SHORTFALLS; i++)
        if (lacks >> i & 1)
            tr_put_atom(out, tri_shortfall_name(1u << i));
    tr_put_nil(out);
}
