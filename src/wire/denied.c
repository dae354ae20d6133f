/* Denied: nobody who decodes, computes or serves needs any of these: they are for administrators, debuggers and container
 * runtimes, and most ways out of a sandbox begin with one of them. */
#include "wire/denied.h"

#include <sys/syscall.h>

/* Calls that are younger than the headers this is compiled with. */
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif

#define ALWAYS(call)                                                                               \
    {                                                                                              \
        .name = #call, .number = SYS_##call, .when = TRI_DENIED_ALWAYS                             \
    }

static const struct tri_denied denied[] = {
    /* what is mounted where */
    ALWAYS(mount),
    ALWAYS(umount2),
    ALWAYS(pivot_root),
    ALWAYS(chroot),
    ALWAYS(move_mount),
    ALWAYS(open_tree),
    ALWAYS(open_tree_attr),
    ALWAYS(fsopen),
    ALWAYS(fsconfig),
    ALWAYS(fsmount),
    ALWAYS(fspick),
    ALWAYS(mount_setattr),
    /* other processes */
    ALWAYS(ptrace),
    ALWAYS(process_vm_readv),
    ALWAYS(process_vm_writev),
    ALWAYS(process_madvise),
    ALWAYS(pidfd_getfd),
    ALWAYS(kcmp),
    /* namespaces */
    ALWAYS(setns),
    ALWAYS(unshare),
    {"clone", SYS_clone, TRI_DENIED_SOMETIMES},
    /* code in the kernel, and much of its code that few have tried */
    ALWAYS(bpf),
    ALWAYS(init_module),
    ALWAYS(finit_module),
    ALWAYS(delete_module),
    ALWAYS(kexec_load),
#ifdef SYS_kexec_file_load
    ALWAYS(kexec_file_load),
#endif
    ALWAYS(perf_event_open),
    ALWAYS(userfaultfd),
    ALWAYS(io_uring_setup),
    ALWAYS(io_uring_enter),
    ALWAYS(io_uring_register),
    ALWAYS(fanotify_init),
    /* keys, and files without a path */
    ALWAYS(keyctl),
    ALWAYS(add_key),
    ALWAYS(request_key),
    ALWAYS(open_by_handle_at),
    /* the machine */
    ALWAYS(reboot),
    ALWAYS(swapon),
    ALWAYS(swapoff),
    ALWAYS(settimeofday),
    ALWAYS(clock_settime),
    ALWAYS(sethostname),
    ALWAYS(setdomainname),
    ALWAYS(acct),
    ALWAYS(quotactl),
    ALWAYS(syslog),
    ALWAYS(vhangup),
#ifdef SYS_iopl
    ALWAYS(iopl),
    ALWAYS(ioperm),
    ALWAYS(modify_ldt),
#endif
    /* by their arguments */
    {"socket", SYS_socket, TRI_DENIED_SOMETIMES},
    {"ioctl", SYS_ioctl, TRI_DENIED_SOMETIMES},
    /* signals to others */
    {"kill", SYS_kill, TRI_DENIED_FULL_SOMETIMES},
    {"tgkill", SYS_tgkill, TRI_DENIED_FULL_SOMETIMES},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, TRI_DENIED_FULL_SOMETIMES},
    {"rt_tgsigqueueinfo", SYS_rt_tgsigqueueinfo, TRI_DENIED_FULL_SOMETIMES},
    {"tkill", SYS_tkill, TRI_DENIED_FULL},
    {"pidfd_send_signal", SYS_pidfd_send_signal, TRI_DENIED_FULL},
};

const struct tri_denied *tri_denied_all(size_t *ret_count)
{
    *ret_count = sizeof denied / sizeof denied[0];
    return denied;
}

const char *tri_denied_name(int number)
{
    for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++)
        if (denied[i].number == number)
            return denied[i].name;
    return NULL;
}
