/* offender: a program that knows nothing of actors, and does what its arguments say: offender DEED [NUMBER]. It prints what
 * came of it, or nothing when it did not live to. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long allocate(long mib)
{
    char *at = malloc((size_t)mib << 20);
    if (!at)
        return -errno;
    for (long i = 0; i < mib; i++)
        memset(at + ((size_t)i << 20), 1, (size_t)1 << 20);
    return 0;
}

/* Each of four children holds a quarter. */
static long allocate_in_children(long mib)
{
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            allocate(mib / 4);
            pause();
            _exit(0);
        }
    pause();
    return 0;
}

/* With 1, it does not listen when it is told that this is enough. */
static long compute(long n)
{
    volatile long i = n;
    if (n == 1)
        signal(SIGXCPU, SIG_IGN);
    while (i >= 0)
        i ^= 1;
    return i;
}

static long fork_some(long count)
{
    for (long n = 0; n < count; n++) {
        int os_pid = fork();
        if (os_pid == 0) {
            pause();
            _exit(0);
        }
        if (os_pid < 0)
            return -errno;
    }
    return 0;
}

static long open_some(long count)
{
    for (long n = 0; n < count; n++)
        if (open("/dev/null", O_RDONLY) < 0)
            return -errno;
    return 0;
}

static long write_file(long kib)
{
    char block[1024] = {0};
    int fd = open("offence", O_WRONLY | O_CREAT, 0600);
    if (fd < 0)
        return -errno;
    unlink("offence");
    for (long i = 0; i < kib; i++)
        if (write(fd, block, sizeof block) < 0)
            return -errno;
    return 0;
}

static long read_passwd(long n)
{
    (void)n;
    return open("/etc/passwd", O_RDONLY) < 0 ? -errno : 0;
}

static long connect_out(long n)
{
    (void)n;
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? -errno : 0;
}

static long attack(long os_pid) { return kill((pid_t)os_pid, SIGKILL) < 0 ? -errno : 0; }
static long trace(long os_pid)
{
    return ptrace(PTRACE_ATTACH, (pid_t)os_pid, 0, 0) < 0 ? -errno : 0;
}
static long unshare_all(long n) { return syscall(SYS_unshare, CLONE_NEWUSER + n) < 0 ? -errno : 0; }
static long mount_here(long n)
{
    (void)n;
    return syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL) < 0 ? -errno : 0;
}
static long mount_in_grandchild(long n)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            mount_here(n);
        pause();
    }
    pause();
    return 0;
}
static long tell_os_pid(long n)
{
    (void)n;
    return getpid();
}
static long nice_of(long n)
{
    (void)n;
    return getpriority(PRIO_PROCESS, 0);
}
static long abort_now(long n)
{
    (void)n;
    abort();
}

static const struct {
    const char *name;
    long (*do_it)(long number);
} deeds[] = {
    {"allocate", allocate},
    {"allocate_in_children", allocate_in_children},
    {"compute", compute},
    {"fork", fork_some},
    {"open", open_some},
    {"write", write_file},
    {"read", read_passwd},
    {"connect", connect_out},
    {"kill", attack},
    {"trace", trace},
    {"unshare", unshare_all},
    {"mount", mount_here},
    {"mount_in_grandchild", mount_in_grandchild},
    {"os_pid", tell_os_pid},
    {"nice", nice_of},
    {"abort", abort_now},
};

int main(int argc, char **argv)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (size_t i = 0; argc > 1 && i < sizeof deeds / sizeof deeds[0]; i++)
        if (strcmp(argv[1], deeds[i].name) == 0)
            printf("%ld\n", deeds[i].do_it(argc > 2 ? atol(argv[2]) : 0));
    fflush(stdout);
    _exit(0); /* a sanitizer's search for leaks would trace, which sandboxes deny */
}
