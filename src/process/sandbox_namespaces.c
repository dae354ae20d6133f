/* Namespaces: the user stays the same inside and outside, because files are shared with others; so a write to a map that says
 * so is all that is needed, and groups cannot be changed afterwards. */
#include "process/sandbox_namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "troupe/outcome.h"

static int write_to(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = tri_fd_write_all(fd, text, strlen(text));
    close(fd);
    return r;
}

/* "UID UID 1", without what snprintf may need. */
static void write_map(char *text, unsigned id)
{
    char digits[16];
    int count = 0;
    do
        digits[count++] = (char)('0' + id % 10);
    while (id /= 10);
    char *at = text;
    for (int twice = 0; twice < 2; twice++) {
        for (int i = count; i > 0; i--)
            *at++ = digits[i - 1];
        *at++ = ' ';
    }
    *at++ = '1';
    *at = '\0';
}

static int map_self(uid_t user, gid_t group)
{
    char text[64];
    int r = write_to("/proc/self/setgroups", "deny");
    write_map(text, user);
    if (r == 0 || r == -ENOENT)
        r = write_to("/proc/self/uid_map", text);
    write_map(text, group);
    return r ? r : write_to("/proc/self/gid_map", text);
}

/* A change of rights may cancel what was asked for when it was forked: to die with its parent. */
static void keep_dying_with_parent(int signal, int parent_os_pid)
{
    int now = 0;
    prctl(PR_GET_PDEATHSIG, &now);
    if (signal == now)
        return;
    prctl(PR_SET_PDEATHSIG, signal);
    if (getppid() != parent_os_pid)
        raise(SIGKILL);
}

int tri_namespaces_enter(enum tri_namespaces which)
{
    static const int flags[] = {
        [TRI_NAMESPACE_OF_USERS] = CLONE_NEWUSER,
        [TRI_NAMESPACES_BUT_USERS] = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC,
        [TRI_NAMESPACES_ALL] = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC,
        [TRI_NAMESPACES_AND_PID] =
            CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID,
    };
    uid_t user = geteuid();
    gid_t group = getegid();
    int death_signal = 0, parent_os_pid = getppid();
    prctl(PR_GET_PDEATHSIG, &death_signal);
    /* Else its own /proc would be root's, when it has changed its user. */
    prctl(PR_SET_DUMPABLE, 1);
    if (unshare(flags[which]) < 0)
        return -errno;
    if (flags[which] & CLONE_NEWUSER && map_self(user, group))
        return TR_REFUSED;
    /* What is mounted outside may come in no more; nothing leaves in any case. */
    if (which != TRI_NAMESPACE_OF_USERS)
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    keep_dying_with_parent(death_signal, parent_os_pid);
    return 0;
}

int tri_namespaces_mount_proc(void)
{
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return -errno;
    return 0;
}

void tri_namespaces_settle(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
        ;
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    syscall(SYS_capset, &header, none);
}
