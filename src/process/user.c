/* User: what root may do is done first. */
#include "process/user.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/user.h"
#include "wire/death.h"

static int prepare(struct tri_process *process, const struct tri_user *user)
{
    int r = tri_rundir_keep_open(&process->dir, process->self, user->user, user->groups[0]);
    return r ? r : tri_mailbox_seal(process->mailbox);
}

/* Death with the node is cancelled by the change, and asked for again. */
static int change(const struct tri_user *user)
{
    int node_os_pid = getppid();
    int r = tri_user_become(user);
    if (r)
        return r;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != node_os_pid)
        _exit(0);
    /* Where the system leaves it dumpable; what it has made of it for root alone to read stays. */
    if (prctl(PR_GET_DUMPABLE) == 1)
        prctl(PR_SET_DUMPABLE, 0);
    return 0;
}

/* Apart, so that other actors do without its stack. */
__attribute__((noinline)) int tri_user_enter(struct tri_process *process, const char *text,
                                             struct tr_out *why)
{
    struct tri_user user;
    const char *name;
    if (!tri_user_read(text, &user, &name))
        return TR_MALFORMED;
    int r = prepare(process, &user);
    if (r == 0)
        r = change(&user);
    if (r)
        tri_death_put_user(why, r, name);
    return r;
}
