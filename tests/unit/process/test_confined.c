/* Confined: each limit and each rule of a sandbox, in a forked child that tries to break it. What a signal would tell the
 * crash handler is told here by a handler of the test's own: which call was refused. */
#include "process/confined.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "process/sandbox_landlock.h"
#include "process/sandbox_namespaces.h"
#include "process/sandbox_seccomp.h"
#include "support/skip.h"
#include "wire/denied.h"

#define NOBODY 65534

/* How a child ended that was confined and then did something: 0 or another exit status, 128 + signal, or 1000 + the number of
 * a call that it was refused. */
#define DENIED 1000

static int told_fd;

static void tell_denied(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    int call = info->si_syscall;
    ssize_t n = write(told_fd, &call, sizeof call);
    _exit(n == sizeof call ? 99 : 98);
}

struct trial {
    struct tri_confinement confinement;
    bool is_program, is_nobody;
    const char *directory;
    unsigned lacks; /* what was lacking, when it is over */
};

static void confine(struct trial *trial)
{
    struct tri_confined confined;
    struct tri_filter filter = {0};
    const char *path = "";
    struct sigaction action = {.sa_sigaction = tell_denied, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    if (trial->confinement.sandbox)
        tri_filter_build(trial->confinement.sandbox, TRI_FILTER_OF_ACTOR, &filter);
    int r = tri_confined_prepare(
        &confined, &trial->confinement, trial->is_program ? TRI_LIMITED_PROGRAM : TRI_LIMITED_ACTOR,
        (struct tri_paths){.directory = trial->directory}, filter.code, filter.size_bytes, &path);
    tri_confined_begin(&confined);
    if (trial->is_nobody && getuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
        _exit(96);
    if (r || tri_confined_enter_namespaces(&confined))
        _exit(97);
    tri_confined_enter(&confined, NULL);
    trial->lacks = confined.lacks;
}

static int run(struct trial *trial, void (*body)(void))
{
    int told[2], status, call = -1;
    unsigned *lacks =
        mmap(NULL, sizeof *lacks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(lacks != MAP_FAILED && pipe2(told, O_CLOEXEC | O_NONBLOCK) == 0);
    told_fd = told[1];
    int os_pid = fork();
    assert_true(os_pid >= 0);
    if (os_pid == 0) {
        confine(trial);
        *lacks = trial->lacks;
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(os_pid, &status, 0), os_pid);
    trial->lacks = *lacks;
    munmap(lacks, sizeof *lacks);
    ssize_t n = read(told[0], &call, sizeof call);
    close(told[0]);
    close(told[1]);
    if (n == sizeof call)
        return DENIED + call;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The child's verdict: 0 when the claim holds, else the line. */
#define CLAIM(claim)                                                                               \
    do {                                                                                           \
        if (!(claim))                                                                              \
            _exit(1 + __LINE__ % 90);                                                              \
    } while (0)

static void need_namespaces(void)
{
    int os_pid = fork(), status;
    if (os_pid == 0)
        _exit((getuid() == 0 && setuid(NOBODY) < 0) || tri_namespaces_enter(TRI_NAMESPACES_ALL)
                  ? 1
                  : 0);
    if (waitpid(os_pid, &status, 0) != os_pid || status != 0)
        skip_because("namespaces of one's own are not allowed here");
}

static void need_sandbox(void)
{
    struct tri_filter filter = {0};
    int fault = tri_filter_build(TR_SANDBOX_LIGHT, TRI_FILTER_OF_ACTOR, &filter);
    tri_filter_deinit(&filter);
    if (fault == -ENOSYS || !tri_landlock_version())
        skip_because("there is no sandbox: it needs libseccomp and Landlock");
    assert_int_equal(fault, 0);
}

static unsigned older_landlock_lacks(void)
{
    return (tri_landlock_has_scopes() ? 0 : TRI_LACKS_SIGNALS) |
           (tri_landlock_has_truncation() ? 0 : TRI_LACKS_TRUNCATION);
}

/* ---------------------------------------------------------------- limits */

static void allocate(void)
{
    CLAIM(malloc(4 << 20));
    errno = 0;
    CLAIM(!malloc(64 << 20) && errno == ENOMEM);
    CLAIM(mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) !=
          MAP_FAILED);
}

static void an_allocation_beyond_the_memory_limit_fails_and_shared_memory_does_not(void **state)
{
    (void)state;
    need_exact_memory();
    struct trial trial = {.confinement.limits.memory_bytes = 32 << 20};
    assert_int_equal(run(&trial, allocate), 0);
    trial.is_program = true; /* whose keeper looks: the kernel's limit is twice as high */
    trial.confinement.limits.memory_bytes = 16 << 20;
    assert_int_equal(run(&trial, allocate), 0);
    assert_int_equal(trial.lacks, 0);
}

static void compute(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

static void compute_on(void)
{
    signal(SIGXCPU, SIG_IGN);
    compute();
}

static void who_computes_beyond_the_cpu_limit_is_ended_by_sigxcpu(void **state)
{
    (void)state;
    struct trial trial = {.confinement.limits.cpu_s = 1};
    assert_int_equal(run(&trial, compute), 128 + SIGXCPU);
    assert_int_equal(run(&trial, compute_on), 128 + SIGKILL);
}

static void open_many(void)
{
    int count = 0;
    while (open("/dev/null", O_RDONLY) >= 0)
        count++;
    CLAIM(errno == EMFILE && count < 40);
}

static void more_descriptors_than_the_limit_cannot_be_opened(void **state)
{
    (void)state;
    struct trial trial = {.confinement.limits.open_files = 40};
    assert_int_equal(run(&trial, open_many), 0);
}

static char folder[64];

static void write_long_file(void)
{
    char block[4096] = {0};
    char path[96];
    snprintf(path, sizeof path, "%s/long", folder);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    CLAIM(fd >= 0);
    for (int i = 0; i < 16; i++)
        CLAIM(write(fd, block, sizeof block) == sizeof block);
    ssize_t n = write(fd, block, sizeof block);
    (void)n;
}

static void who_writes_a_longer_file_than_the_limit_is_ended_by_sigxfsz(void **state)
{
    (void)state;
    struct trial trial = {.confinement.limits.file_bytes = 64 << 10};
    assert_int_equal(run(&trial, write_long_file), 128 + SIGXFSZ);
}

static void look_at_limits(void)
{
    struct rlimit limit;
    CLAIM(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0);
    CLAIM(getpriority(PRIO_PROCESS, 0) == 7);
    CLAIM(umask(0) == 027);
    CLAIM(getrlimit(RLIMIT_DATA, &limit) == 0);
    limit.rlim_cur = limit.rlim_max = RLIM_INFINITY;
    CLAIM(setrlimit(RLIMIT_DATA, &limit) < 0 && errno == EPERM);
}

static void
core_nice_and_umask_are_set_and_no_limit_can_be_raised_again_not_even_by_root(void **state)
{
    (void)state;
    need_exact_memory();
    struct trial trial = {.confinement.limits = {.memory_bytes = 64 << 20,
                                                 .sets_core = true,
                                                 .sets_nice = true,
                                                 .nice = 7,
                                                 .sets_umask = true,
                                                 .umask = 027}};
    assert_int_equal(run(&trial, look_at_limits), 0);
    assert_int_equal(trial.lacks, 0);
}

static void fork_many(void)
{
    int count = 0;
    while (count < 40) {
        int os_pid = fork();
        if (os_pid == 0) {
            pause();
            _exit(0);
        }
        if (os_pid < 0)
            break;
        count++;
    }
    int fault = errno;
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    while (wait(NULL) > 0)
        ;
    CLAIM(count == 10 && fault == EAGAIN);
}

static void fork_many_in_a_group(void)
{
    setpgid(0, 0);
    fork_many();
}

static void an_actor_may_have_as_many_processes_as_the_limit_says_beside_its_threads(void **state)
{
    (void)state;
    need_namespaces();
    struct trial trial = {.confinement.limits.processes = 8, .is_nobody = true};
    /* three threads are its own, of which this child has one */
    assert_int_equal(run(&trial, fork_many_in_a_group), 0);
    assert_int_equal(trial.lacks, 0);
}

static void do_nothing(void) {}

static void that_roots_processes_are_not_counted_is_told(void **state)
{
    (void)state;
    need_root("a limit of root's own processes");
    struct trial trial = {.confinement.limits.processes = 8};
    assert_int_equal(run(&trial, do_nothing), 0);
    assert_int_equal(trial.lacks, TRI_LACKS_PROCESSES);
}

/* ---------------------------------------------------------------- paths */

static int write_to(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    return fd < 0 ? -errno : close(fd);
}

static void write_outside(void)
{
    CLAIM(write_to("outside") == -EACCES);
    CLAIM(write_to("own/inside") == 0);
    CLAIM(write_to("given/inside") == 0);
    char path[128];
    snprintf(path, sizeof path, "%s/file", folder);
    int r = truncate(path, 0);
    CLAIM(tri_landlock_has_truncation() ? r < 0 && errno == EACCES : r == 0);
    CLAIM(unlink(path) < 0 && errno == EACCES);
    CLAIM(open(path, O_RDONLY) >= 0);
    CLAIM(open("/dev/null", O_WRONLY) >= 0);
    CLAIM(open("/etc/passwd", O_RDONLY) >= 0);
}

static void read_outside(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/file", folder);
    CLAIM(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
    CLAIM(open(path, O_RDONLY) >= 0);
    CLAIM(open("/proc/self/maps", O_RDONLY) >= 0);
    CLAIM(open(path, O_RDWR) < 0 && errno == EACCES);
}

/* A folder of the test's own that anybody may write to: so it is the sandbox that refuses. */
static void make_folder(void)
{
    char path[96];
    strcpy(folder, "/tmp/troupe-confined.XXXXXX");
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, i ? "own" : "given");
        assert_int_equal(mkdir(path, 0777), 0);
        assert_int_equal(chmod(path, 0777), 0);
    }
    snprintf(path, sizeof path, "%s/file", folder);
    int fd = open(path, O_WRONLY | O_CREAT, 0666);
    assert_true(fd >= 0 && fchmod(fd, 0666) == 0);
    close(fd);
    assert_int_equal(chmod(folder, 0777), 0);
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"own/inside", "given/inside", "outside", "long",
                                        "file",       "own",          "given",   "."};
    char path[96];
    (void)state;
    for (size_t i = 0; folder[0] && i < TRI_ARRAY_LENGTH(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    int r = folder[0] ? rmdir(folder) : 0;
    folder[0] = '\0';
    return r;
}

static int setup_folder(void **state)
{
    (void)state;
    make_folder();
    return 0;
}

static void a_light_sandbox_writes_where_it_may_and_reads_everything(void **state)
{
    (void)state;
    need_sandbox();
    char own[96], given[96];
    snprintf(own, sizeof own, "%s/own", folder);
    snprintf(given, sizeof given, "%s/given", folder);
    const char *const writable[] = {given, NULL};
    struct trial trial = {.confinement = {.sandbox = TR_SANDBOX_LIGHT, .writable = writable},
                          .directory = own};
    for (int i = 0; i < 2; i++) {
        trial.is_nobody = i == 0; /* what root made, nobody could not write again */
        assert_int_equal(run(&trial, write_outside), 0);
        assert_int_equal(trial.lacks, older_landlock_lacks());
    }
}

static void with_readable_paths_nothing_else_can_be_read(void **state)
{
    (void)state;
    need_sandbox();
    const char *const readable[] = {folder, NULL};
    struct trial trial = {.confinement = {.sandbox = TR_SANDBOX_LIGHT, .readable = readable}};
    assert_int_equal(run(&trial, read_outside), 0);
}

static void a_path_that_does_not_exist_is_told(void **state)
{
    (void)state;
    need_sandbox();
    const char *const writable[] = {"/tmp", "/no/such/path", NULL};
    struct tri_confinement confinement = {.sandbox = TR_SANDBOX_LIGHT, .writable = writable};
    struct tri_confined confined;
    const char *path = NULL;
    int r = tri_confined_prepare(&confined, &confinement, TRI_LIMITED_ACTOR, (struct tri_paths){0},
                                 NULL, 0, &path);
    assert_int_equal(r, -ENOENT);
    assert_string_equal(path, "/no/such/path");
    tri_confined_deinit(&confined);
}

/* ---------------------------------------------------------------- calls */

static void do_mount(void) { syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL); }
static void do_ptrace(void) { syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0); }
static void do_vm_readv(void) { syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0); }
static void do_unshare(void) { syscall(SYS_unshare, CLONE_NEWUSER); }
static void do_bpf(void) { syscall(SYS_bpf, 0, NULL, 0); }
static void do_keyctl(void) { syscall(SYS_keyctl, 0, 0); }
static void do_reboot(void) { syscall(SYS_reboot, 0, 0, 0, NULL); }
static void do_uring(void) { syscall(SYS_io_uring_setup, 1, NULL); }
static void do_perf(void) { syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0); }
static void do_clone(void) { syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL); }
static void do_packet(void) { syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0); }
static void do_packet_by_a_long(void) { syscall(SYS_socket, (1ul << 32) + AF_PACKET, SOCK_RAW, 0); }
static void do_type(void) { syscall(SYS_ioctl, 0, 0x5412, "x"); }

static const struct {
    void (*act)(void);
    int call;
} refused[] = {
    {do_mount, SYS_mount},
    {do_ptrace, SYS_ptrace},
    {do_vm_readv, SYS_process_vm_readv},
    {do_unshare, SYS_unshare},
    {do_bpf, SYS_bpf},
    {do_keyctl, SYS_keyctl},
    {do_reboot, SYS_reboot},
    {do_uring, SYS_io_uring_setup},
    {do_perf, SYS_perf_event_open},
    {do_clone, SYS_clone},
    {do_packet, SYS_socket},
    {do_packet_by_a_long, SYS_socket},
    {do_type, SYS_ioctl},
};

static void each_denied_call_ends_the_process_and_is_told_by_its_number(void **state)
{
    (void)state;
    need_sandbox();
    for (unsigned level = TR_SANDBOX_LIGHT; level <= TR_SANDBOX_FULL; level++) {
        if (level == TR_SANDBOX_FULL)
            need_namespaces();
        for (size_t i = 0; i < TRI_ARRAY_LENGTH(refused); i++) {
            struct trial trial = {.confinement.sandbox = level};
            assert_int_equal(run(&trial, refused[i].act), DENIED + refused[i].call);
            assert_non_null(tri_denied_name(refused[i].call));
        }
    }
    assert_string_equal(tri_denied_name(SYS_mount), "mount");
    assert_null(tri_denied_name(SYS_read));
}

/* With arguments that do no harm where it is not denied. */
static long call_number;

static void make_call(void) { syscall(call_number, 0, 0, 0, 0, 0, 0); }

static void the_whole_deny_list_is_denied(void **state)
{
    (void)state;
    size_t count;
    const struct tri_denied *all = tri_denied_all(&count);
    need_sandbox();
    for (unsigned level = TR_SANDBOX_LIGHT; level <= TR_SANDBOX_FULL; level++)
        for (size_t i = 0; i < count; i++) {
            struct trial trial = {.confinement.sandbox = level, .is_nobody = true};
            bool is_sure = all[i].when == TRI_DENIED_ALWAYS ||
                           (all[i].when == TRI_DENIED_FULL && level == TR_SANDBOX_FULL);
            call_number = all[i].number;
            if (is_sure && run(&trial, make_call) != DENIED + all[i].number)
                fail_msg("%s is not denied at level %u", all[i].name, level);
        }
}

static int neighbour_os_pid;

static void signal_neighbour(void) { CLAIM(kill(neighbour_os_pid, SIGKILL) < 0 && errno == EPERM); }

static void signal_own_child(void)
{
    int os_pid = fork();
    if (os_pid == 0) {
        pause();
        _exit(0);
    }
    CLAIM(kill(os_pid, SIGKILL) == 0 && waitpid(os_pid, NULL, 0) == os_pid);
}

static void abort_now(void)
{
    signal(SIGABRT, SIG_DFL);
    abort();
}

static void signal_carelessly(void) { kill(neighbour_os_pid, SIGKILL); }

static void look_at_privileges(void) { CLAIM(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1); }

static void who_is_in_a_sandbox_gains_no_rights_by_executing(void **state)
{
    (void)state;
    need_sandbox();
    struct trial trial = {.confinement.sandbox = TR_SANDBOX_NONE};
    assert_int_not_equal(run(&trial, look_at_privileges), 0);
    for (unsigned level = TR_SANDBOX_LIGHT; level <= TR_SANDBOX_FULL; level++) {
        trial.confinement.sandbox = level;
        assert_int_equal(run(&trial, look_at_privileges), 0);
    }
}

static const char *const own_namespaces[] = {"user", "mnt", "net", "ipc"};
static char outer_namespaces[TRI_ARRAY_LENGTH(own_namespaces)][64];

static void name_namespace(const char *which, char name[64])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", which);
    ssize_t n = readlink(path, name, 63);
    name[n > 0 ? n : 0] = '\0';
}

static void compare_namespaces(void)
{
    char name[64];
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(own_namespaces); i++) {
        name_namespace(own_namespaces[i], name);
        CLAIM(name[0] && strcmp(name, outer_namespaces[i]) != 0);
    }
}

static void in_a_full_sandbox_an_actor_has_namespaces_of_its_own(void **state)
{
    (void)state;
    need_sandbox();
    need_namespaces();
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(own_namespaces); i++)
        name_namespace(own_namespaces[i], outer_namespaces[i]);
    struct trial trial = {.confinement.sandbox = TR_SANDBOX_FULL, .is_nobody = true};
    assert_int_equal(run(&trial, compare_namespaces), 0);
}

static void open_inet(void) { CLAIM(socket(AF_INET, SOCK_STREAM, 0) >= 0); }
static void open_unix(void) { CLAIM(socket(AF_UNIX, SOCK_STREAM, 0) >= 0); }

static int neighbour_start(void)
{
    int os_pid = fork();
    assert_true(os_pid >= 0);
    if (os_pid == 0) {
        if (getuid() == 0 && setuid(NOBODY) < 0)
            _exit(1);
        pause();
        _exit(0);
    }
    return os_pid;
}

static void neighbour_end(void)
{
    int status;
    assert_int_equal(waitpid(neighbour_os_pid, &status, WNOHANG), 0);
    kill(neighbour_os_pid, SIGKILL);
    assert_int_equal(waitpid(neighbour_os_pid, &status, 0), neighbour_os_pid);
}

static void a_light_sandbox_signals_its_own_children_and_nobody_else(void **state)
{
    (void)state;
    need_sandbox();
    if (!tri_landlock_has_scopes())
        skip_because("this Landlock does not bound signals");
    neighbour_os_pid = neighbour_start();
    struct trial trial = {.confinement.sandbox = TR_SANDBOX_LIGHT};
    assert_int_equal(run(&trial, signal_neighbour), 0);
    assert_int_equal(run(&trial, signal_own_child), 0);
    assert_int_equal(run(&trial, abort_now), 128 + SIGABRT);
    assert_int_equal(run(&trial, open_inet), 0);
    neighbour_end();
}

static void in_a_full_sandbox_a_signal_to_another_is_denied_and_one_to_itself_is_not(void **state)
{
    (void)state;
    need_sandbox();
    neighbour_os_pid = neighbour_start();
    struct trial trial = {.confinement.sandbox = TR_SANDBOX_FULL, .is_nobody = true};
    assert_int_equal(run(&trial, signal_carelessly), DENIED + SYS_kill);
    assert_int_equal(run(&trial, abort_now), 128 + SIGABRT);
    neighbour_end();
}

static void look_around(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CLAIM(fd >= 0);
    /* no device but the loopback, which is down */
    FILE *devices = fopen("/proc/self/net/dev", "re");
    char line[256];
    int count = 0;
    while (devices && fgets(line, sizeof line, devices))
        count++;
    CLAIM(devices && count == 3);
}

static void a_full_sandbox_has_no_network(void **state)
{
    (void)state;
    need_sandbox();
    need_namespaces();
    for (int i = 0; i < 2; i++) {
        struct trial trial = {.confinement.sandbox = TR_SANDBOX_FULL, .is_nobody = i};
        assert_int_equal(run(&trial, open_inet), DENIED + SYS_socket);
        assert_int_equal(run(&trial, open_unix), 0);
        assert_int_equal(run(&trial, look_around), 0);
        assert_int_equal(trial.lacks, older_landlock_lacks());
    }
}

static void exceed_rights(void)
{
    CLAIM(chown("/tmp", 1, 1) < 0);
    CLAIM(setuid(1) < 0);
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void a_full_sandbox_of_roots_has_no_rights(void **state)
{
    (void)state;
    need_sandbox();
    need_root("a full sandbox of root's");
    need_namespaces();
    struct trial trial = {.confinement.sandbox = TR_SANDBOX_FULL};
    assert_int_equal(run(&trial, exceed_rights), 0);
}

/* ---------------------------------------------------------------- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allocation_beyond_the_memory_limit_fails_and_shared_memory_does_not),
        cmocka_unit_test(who_computes_beyond_the_cpu_limit_is_ended_by_sigxcpu),
        cmocka_unit_test(more_descriptors_than_the_limit_cannot_be_opened),
        cmocka_unit_test_setup_teardown(who_writes_a_longer_file_than_the_limit_is_ended_by_sigxfsz,
                                        setup_folder, remove_folder),
        cmocka_unit_test(
            core_nice_and_umask_are_set_and_no_limit_can_be_raised_again_not_even_by_root),
        cmocka_unit_test(an_actor_may_have_as_many_processes_as_the_limit_says_beside_its_threads),
        cmocka_unit_test(that_roots_processes_are_not_counted_is_told),
        cmocka_unit_test_setup_teardown(a_light_sandbox_writes_where_it_may_and_reads_everything,
                                        setup_folder, remove_folder),
        cmocka_unit_test_setup_teardown(with_readable_paths_nothing_else_can_be_read, setup_folder,
                                        remove_folder),
        cmocka_unit_test(a_path_that_does_not_exist_is_told),
        cmocka_unit_test(each_denied_call_ends_the_process_and_is_told_by_its_number),
        cmocka_unit_test(the_whole_deny_list_is_denied),
        cmocka_unit_test(who_is_in_a_sandbox_gains_no_rights_by_executing),
        cmocka_unit_test(in_a_full_sandbox_an_actor_has_namespaces_of_its_own),
        cmocka_unit_test(a_light_sandbox_signals_its_own_children_and_nobody_else),
        cmocka_unit_test(in_a_full_sandbox_a_signal_to_another_is_denied_and_one_to_itself_is_not),
        cmocka_unit_test(a_full_sandbox_has_no_network),
        cmocka_unit_test(a_full_sandbox_of_roots_has_no_rights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
