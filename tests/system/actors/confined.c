/* confined: actors with limits and in sandboxes, and what becomes of them when they try to break out. Each case is a root
 * actor. The sinner does what its message says, and tells what came of it, if it lives. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"

#define MIB ((size_t)1 << 20)

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- sins */

static long allocate(long mib)
{
    char *at = malloc((size_t)mib * MIB);
    if (!at)
        return -errno;
    memset(at, 1, (size_t)mib * MIB);
    return 0;
}

static long allocate_blindly(long mib)
{
    for (long i = 0; i < mib; i++)
        memset(malloc(MIB), 1, MIB);
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

static long open_all(long most)
{
    long fault = 0, n = 0;
    int fds[256];
    for (; n < most && fault == 0; n++) {
        fds[n] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        fault = fds[n] < 0 ? -errno : 0;
    }
    while (n > 0)
        close(fds[--n]); /* it needs some to answer */
    return fault;
}

static long write_long(long kib)
{
    char block[1024] = {0};
    char path[] = "/tmp/troupe-long.XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(path);
    for (long i = 0; i < kib; i++)
        if (write(fd, block, sizeof block) != sizeof block)
            return -errno;
    return 0;
}

static long fork_some(long count)
{
    long fault = 0, n = 0;
    int os_pids[256];
    for (; n < count && fault == 0; n++) {
        os_pids[n] = fork();
        if (os_pids[n] == 0) {
            pause();
            _exit(0);
        }
        fault = os_pids[n] < 0 ? -errno : 0;
    }
    for (long i = 0; i < n; i++)
        if (os_pids[i] > 0 && kill(os_pids[i], SIGKILL) == 0)
            waitpid(os_pids[i], NULL, 0);
    return fault;
}

static long write_to_tmp(long n)
{
    (void)n;
    int fd = open("/tmp/troupe-confined-outside", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    close(fd);
    unlink("/tmp/troupe-confined-outside");
    return 0;
}

static long write_here(long n)
{
    (void)n;
    int fd = open("inside", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    close(fd);
    return unlink("inside") < 0 ? -errno : 0;
}

static long read_passwd(long n)
{
    (void)n;
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : close(fd);
}

static long connect_out(long n)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
    (void)n;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    long r = connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
    close(fd);
    return r;
}

static long kill_os_pid(long os_pid) { return kill((pid_t)os_pid, SIGKILL) < 0 ? -errno : 0; }
static long trace(long os_pid)
{
    return ptrace(PTRACE_ATTACH, (pid_t)os_pid, NULL, NULL) < 0 ? -errno : 0;
}
static long mount_here(long n)
{
    (void)n;
    return syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL) < 0 ? -errno : 0;
}
static long start_keys(long n)
{
    (void)n;
    return syscall(SYS_keyctl, 0, 0, 0, 0, 0) < 0 ? -errno : 0;
}
static long look_at_nice(long n)
{
    (void)n;
    return getpriority(PRIO_PROCESS, 0);
}
static long look_at_umask(long n)
{
    mode_t mask = umask(0);
    (void)n;
    umask(mask);
    return (long)mask;
}
static long look_at_core(long n)
{
    struct rlimit limit;
    (void)n;
    return getrlimit(RLIMIT_CORE, &limit) < 0 ? -errno : (long)limit.rlim_cur;
}

/* As a tool does it, from a child of its own. */
static long join_as_guest(long n)
{
    int status;
    (void)n;
    int os_pid = fork();
    if (os_pid == 0) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        char byte;
        snprintf(address.sun_path, sizeof address.sun_path, "%s/troupe/%.40s/node",
                 getenv("XDG_RUNTIME_DIR"), getenv("TROUPE_NODE"));
        int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
        int r = connect(fd, (struct sockaddr *)&address, sizeof address);
        _exit(r < 0 ? 1 : recv(fd, &byte, 1, 0) == 0 ? 2 : 3);
    }
    return waitpid(os_pid, &status, 0) == os_pid ? WEXITSTATUS(status) : -errno;
}

/* How a child of its own ends that writes to where nothing is. */
static __attribute__((no_sanitize("undefined"))) long crash_in_child(long n)
{
    int status, os_pid = fork();
    volatile int *volatile nowhere = (volatile int *)(uintptr_t)n;
    if (os_pid == 0)
        *nowhere = 1;
    if (waitpid(os_pid, &status, 0) != os_pid)
        return -errno;
    return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static const struct {
    const char *name;
    long (*commit)(long number);
} sins[] = {
    {"allocate", allocate},
    {"allocate_blindly", allocate_blindly},
    {"compute", compute},
    {"open_all", open_all},
    {"write_long", write_long},
    {"fork_some", fork_some},
    {"write_to_tmp", write_to_tmp},
    {"write_here", write_here},
    {"read_passwd", read_passwd},
    {"connect_out", connect_out},
    {"kill", kill_os_pid},
    {"trace", trace},
    {"mount", mount_here},
    {"keys", start_keys},
    {"nice", look_at_nice},
    {"umask", look_at_umask},
    {"core", look_at_core},
    {"join", join_as_guest},
    {"crash_in_child", crash_in_child},
};

static long commit(tr_atom sin, long number)
{
    for (size_t i = 0; i < sizeof sins / sizeof sins[0]; i++)
        if (tr_atom_is(sin, sins[i].name))
            return sins[i].commit(number);
    return -ENOSYS;
}

/* {From, Sin, Number} → {did, Sin, Result}; {From, blob, Size} → a binary of that size; {From, echo, B} → B;
 * {From, spawn, Entry} → what becomes of that. */
TR_ACTOR(sinner)
{
    tr_pid from, pid;
    tr_atom sin;
    tr_bin bin;
    long n;
    char entry[256];
    (void)argument;
    for (;;)
        tr_receive {
            tr_case("{From, echo, B}", &from, &bin)
                CHECK(tr_send(from, "{echo, B}", bin) == 0);
            tr_case("{From, spawn, B}", &from, &bin) {
                snprintf(entry, sizeof entry, "%.*s", (int)bin.size_bytes, (const char *)bin.data);
                long r = tr_spawn(&pid, entry, "[]");
                if (r)
                    CHECK(tr_send(from, "{did, spawn, R}", r) == 0);
                else
                    CHECK(tr_send(from, "{spawned, Pid}", pid) == 0);
            }
            tr_case("{From, spawn_in, Directory}", &from, &bin) {
                snprintf(entry, sizeof entry, "%.*s", (int)bin.size_bytes, (const char *)bin.data);
                const struct tr_spawn_options options = {.directory = entry};
                CHECK(tr_spawn_term("sinner", &options, (tr_term){NULL, 0}, &pid, NULL) == 0);
                CHECK(tr_send(from, "{spawned, Pid}", pid) == 0);
            }
            tr_case("{From, Sin, N}", &from, &sin, &n)
                CHECK(tr_send(from, "{did, Sin, R}", sin, commit(sin, n)) == 0);
            tr_case("stop")
                return;
        }
}

/* ---------------------------------------------------------------- verbs */

static tr_pid spawn_with(const struct tr_spawn_options *options, tr_ref *ret_monitor)
{
    tr_pid pid;
    struct tr_spawn_options all = *options;
    all.flags |= TR_SPAWN_MONITOR;
    CHECK(tr_spawn_term("sinner", &all, (tr_term){NULL, 0}, &pid, ret_monitor) == 0);
    return pid;
}

static tr_pid spawn_limited(struct tr_resource_limits limits, tr_ref *ret_monitor)
{
    return spawn_with(&(struct tr_spawn_options){.limits = &limits}, ret_monitor);
}

static tr_pid spawn_boxed(unsigned sandbox, tr_ref *ret_monitor)
{
    return spawn_with(&(struct tr_spawn_options){.sandbox = sandbox}, ret_monitor);
}

static void tempt(tr_pid pid, const char *sin, long number)
{
    struct tr_out out = {0};
    tr_put_tuple_of(&out, 3);
    tr_put_pid(&out, tr_self());
    tr_put_atom(&out, sin);
    tr_put_integer(&out, number);
    CHECK(tr_send(pid, "T", tr_out_term(&out)) == 0);
    tr_out_deinit(&out);
}

static long result_of(tr_pid pid, const char *sin, long number)
{
    long result = 0;
    tempt(pid, sin, number);
    EXPECT("{did, _, R}", &result);
    return result;
}

/* It dies by the call, and is known to. */
static void expect_denied(tr_ref monitor, const char *call)
{
    tr_atom name;
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, {denied, Name}}", monitor, &name)
            CHECK(tr_atom_is(name, call));
        tr_after(CHECK_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, call, (tr_term){0});
    }
}

static bool has_namespaces(void)
{
    tr_pid pid;
    const struct tr_spawn_options options = {.sandbox = TR_SANDBOX_FULL, .is_strict = true};
    int r = tr_spawn_term("sinner", &options, (tr_term){NULL, 0}, &pid, NULL);
    if (r == 0)
        CHECK(tr_send(pid, "stop") == 0);
    return r == 0;
}

/* ---------------------------------------------------------------- limits */

TR_ACTOR(an_actor_can_allocate_as_much_as_it_may_and_no_more)
{
    tr_ref monitor;
    (void)argument;
    tr_pid pid = spawn_limited((struct tr_resource_limits){.memory_bytes = 64 * MIB}, &monitor);
    CHECK(result_of(pid, "allocate", 16) == 0);
    CHECK(result_of(pid, "allocate", 64) == -ENOMEM);
    CHECK(result_of(spawn_limited((struct tr_resource_limits){0}, &monitor), "allocate", 64) == 0);
}

TR_ACTOR(who_is_refused_memory_and_does_not_look_dies_of_that)
{
    tr_ref monitor;
    tr_term info;
    uint64_t bytes = 0;
    (void)argument;
    tempt(spawn_limited((struct tr_resource_limits){.memory_bytes = 64 * MIB}, &monitor),
          "allocate_blindly", 100);
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, {limit, memory, Info}}", monitor, &info) {
            tr_term limit;
            CHECK(tr_map_get_atom(info, "limit_bytes", &limit));
            CHECK(tr_get_unsigned(limit, &bytes) && bytes == 64 * MIB);
        }
        tr_after(CHECK_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, "it dies of that", (tr_term){0});
    }
}

TR_ACTOR(who_computes_without_a_sign_of_life_hangs)
{
    tr_ref monitor;
    const struct tr_spawn_options options = {.hang_ms = 200, .sandbox = TR_SANDBOX_LIGHT};
    (void)argument;
    tempt(spawn_with(&options, &monitor), "compute", 0);
    EXPECT("{'DOWN', Ref, process, _, {hang, _}}", monitor);
}

TR_ACTOR(who_computes_too_long_dies_of_the_cpu_limit)
{
    tr_ref monitor;
    (void)argument;
    for (int ignores = 0; ignores < 2; ignores++) {
        tempt(spawn_limited((struct tr_resource_limits){.cpu_s = 1}, &monitor), "compute", ignores);
        EXPECT("{'DOWN', Ref, process, _, {limit, cpu, _}}", monitor);
    }
}

TR_ACTOR(who_writes_too_long_a_file_dies_of_that)
{
    tr_ref monitor;
    (void)argument;
    tr_pid pid = spawn_limited((struct tr_resource_limits){.file_bytes = 64 << 10}, &monitor);
    CHECK(result_of(pid, "write_long", 64) == 0);
    tempt(pid, "write_long", 65);
    EXPECT("{'DOWN', Ref, process, _, {limit, file_size, _}}", monitor);
}

TR_ACTOR(descriptors_nice_umask_and_core_are_as_asked)
{
    tr_ref monitor;
    (void)argument;
    tr_pid pid = spawn_limited((struct tr_resource_limits){.open_files = 100,
                                                           .sets_nice = true,
                                                           .nice = 5,
                                                           .sets_umask = true,
                                                           .umask = 027,
                                                           .sets_core = true},
                               &monitor);
    CHECK(result_of(pid, "open_all", 200) == -EMFILE);
    CHECK(result_of(pid, "nice", 0) == 5);
    CHECK(result_of(pid, "umask", 0) == 027);
    CHECK(result_of(pid, "core", 0) == 0);
}

/* Run as nobody: root's processes are not counted. */
TR_ACTOR(who_has_as_many_processes_as_it_may_cannot_fork)
{
    tr_ref monitor;
    (void)argument;
    tr_pid pid = spawn_limited((struct tr_resource_limits){.processes = 8}, &monitor);
    CHECK(result_of(pid, "fork_some", 6) == 0);
    CHECK(result_of(pid, "fork_some", 16) == -EAGAIN);
    tr_pid other = spawn_limited((struct tr_resource_limits){.processes = 8}, &monitor);
    CHECK(result_of(other, "fork_some", 6) == 0);
}

/* Run as root. */
TR_ACTOR(what_cannot_be_enforced_is_told_and_refused_if_asked)
{
    tr_ref monitor, ref;
    tr_pid pid;
    tr_term all, lacking, limits;
    long processes;
    struct tr_out info = {0};
    struct tr_resource_limits limit = {.processes = 8};
    (void)argument;
    pid = spawn_limited(limit, &monitor);
    CHECK(tr_process_info(pid, &info) == 0);
    CHECK(tr_map_get_atom(tr_out_term(&info), "confinement", &all));
    CHECK(tr_match(all, "#{limits => L, not_enforced => N}", &limits, &lacking) == 0);
    CHECK(tr_match(limits, "#{processes => N}", &processes) == 0 && processes == 8);
    CHECK(tr_match(lacking, "[processes]") == 0);
    tr_out_deinit(&info);
    const struct tr_spawn_options options = {.limits = &limit, .is_strict = true};
    CHECK(tr_spawn_request_term("sinner", &options, (tr_term){NULL, 0}, &ref) == 0);
    EXPECT("{spawn_reply, Ref, error, {unsupported, processes}}", ref);
    CHECK(tr_spawn_term("sinner", &options, (tr_term){NULL, 0}, &pid, NULL) == -EOPNOTSUPP);
}

/* ---------------------------------------------------------------- a normal life */

static const size_t sizes[] = {64, 4096, 64 << 10, (64 << 10) + 513, 1 << 20, 64 << 20};

static void live_normally(tr_pid pid, tr_ref monitor)
{
    uint8_t *bytes = malloc(64 * MIB);
    tr_pid child;
    CHECK(bytes);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct tr_blob *blob;
        tr_bin given = {bytes, sizes[i]}, back;
        memset(bytes, (int)i + 1, sizes[i]);
        CHECK(tr_send(pid, "{From, echo, B}", tr_self(), given) == 0);
        EXPECT("{echo, B}", given);
        CHECK(tr_blob_new(&blob, sizes[i]) == 0);
        memset(tr_blob_bytes(blob), (int)i + 1, sizes[i]);
        CHECK(tr_send(pid, "{From, echo, B}", tr_self(), blob) == 0);
        tr_receive {
            tr_case("{echo, B}", &back)
                CHECK(back.size_bytes == sizes[i] && memcmp(back.data, bytes, sizes[i]) == 0);
        }
    }
    free(bytes);
    CHECK(tr_send(pid, "{From, spawn, E}", tr_self(), "sinner") == 0);
    EXPECT("{spawned, Pid}", &child);
    CHECK(tr_send(child, "{From, echo, E}", tr_self(), "hello") == 0);
    EXPECT("{echo, E}", "hello");
    CHECK(tr_send(child, "stop") == 0);
    CHECK(tr_send(pid, "stop") == 0);
    EXPECT("{'DOWN', Ref, process, _, normal}", monitor);
}

TR_ACTOR(an_actor_in_a_light_sandbox_lives_a_normal_life)
{
    tr_ref monitor;
    (void)argument;
    tr_pid pid = spawn_boxed(TR_SANDBOX_LIGHT, &monitor);
    live_normally(pid, monitor);
}

TR_ACTOR(an_actor_in_a_full_sandbox_lives_a_normal_life)
{
    tr_ref monitor;
    (void)argument;
    tr_pid pid = spawn_boxed(TR_SANDBOX_FULL, &monitor);
    live_normally(pid, monitor);
}

static const char *const nothing[] = {NULL};

TR_ACTOR(an_actor_that_may_read_almost_nothing_lives_a_normal_life)
{
    tr_ref monitor;
    (void)argument;
    tr_pid pid = spawn_with(
        &(struct tr_spawn_options){.sandbox = TR_SANDBOX_LIGHT, .readable = nothing}, &monitor);
    CHECK(result_of(pid, "read_passwd", 0) == -EACCES);
    live_normally(pid, monitor);
}

/* ---------------------------------------------------------------- sandboxes */

TR_ACTOR(a_sandboxed_actor_writes_where_it_may)
{
    static const char *const writable[] = {"/tmp", NULL};
    tr_ref monitor;
    char folder[] = "/tmp/troupe-confined.XXXXXX";
    (void)argument;
    CHECK(mkdtemp(folder));
    for (unsigned level = TR_SANDBOX_LIGHT; level <= TR_SANDBOX_FULL; level++) {
        struct tr_spawn_options options = {.sandbox = level, .directory = folder};
        tr_pid pid = spawn_with(&options, &monitor);
        CHECK(result_of(pid, "write_to_tmp", 0) == -EACCES);
        CHECK(result_of(pid, "write_here", 0) == 0);
        CHECK(result_of(pid, "read_passwd", 0) == 0);
        options.writable = writable;
        CHECK(result_of(spawn_with(&options, &monitor), "write_to_tmp", 0) == 0);
    }
    CHECK(rmdir(folder) == 0);
}

TR_ACTOR(a_call_that_a_sandbox_denies_is_told_by_its_name)
{
    tr_ref monitor;
    (void)argument;
    for (unsigned level = TR_SANDBOX_LIGHT; level <= TR_SANDBOX_FULL; level++) {
        tempt(spawn_boxed(level, &monitor), "mount", 0);
        expect_denied(monitor, "mount");
        tempt(spawn_boxed(level, &monitor), "trace", getpid());
        expect_denied(monitor, "ptrace");
        tempt(spawn_boxed(level, &monitor), "keys", 0);
        expect_denied(monitor, "keyctl");
    }
}

TR_ACTOR(a_full_sandbox_has_no_network_and_kills_nobody)
{
    tr_ref monitor;
    (void)argument;
    CHECK(result_of(spawn_boxed(TR_SANDBOX_LIGHT, &monitor), "connect_out", 0) == -ECONNREFUSED);
    tempt(spawn_boxed(TR_SANDBOX_FULL, &monitor), "connect_out", 0);
    expect_denied(monitor, "socket");
    tempt(spawn_boxed(TR_SANDBOX_FULL, &monitor), "kill", getppid()); /* the node */
    expect_denied(monitor, "kill");
    tempt(spawn_boxed(TR_SANDBOX_FULL, &monitor), "kill", getpid());
    expect_denied(monitor, "kill");
}

TR_ACTOR(a_child_of_a_sandboxed_actor_dies_of_its_own_signal)
{
    tr_ref monitor;
    (void)argument;
    for (unsigned level = TR_SANDBOX_NONE; level <= TR_SANDBOX_FULL; level++)
        CHECK(result_of(spawn_boxed(level, &monitor), "crash_in_child", 0) == SIGSEGV);
}

TR_ACTOR(a_light_sandbox_signals_nobody_outside)
{
    tr_ref monitor;
    (void)argument;
    tr_pid pid = spawn_boxed(TR_SANDBOX_LIGHT, &monitor);
    CHECK(result_of(pid, "kill", getppid()) == -EPERM);
    CHECK(result_of(pid, "kill", getpid()) == -EPERM);
}

TR_ACTOR(whom_a_sandboxed_actor_spawns_is_in_its_sandbox)
{
    tr_ref monitor, of_child;
    tr_pid child;
    (void)argument;
    tr_pid pid = spawn_boxed(TR_SANDBOX_LIGHT, &monitor);
    CHECK(tr_send(pid, "{From, spawn_in, D}", tr_self(), "/tmp") == 0);
    EXPECT("{spawned, Pid}", &child);
    CHECK(tr_monitor(child, &of_child) == 0);
    CHECK(result_of(child, "write_here", 0) == -EACCES);
    CHECK(result_of(child, "write_to_tmp", 0) == -EACCES);
    tempt(child, "mount", 0);
    expect_denied(of_child, "mount");
    CHECK(tr_is_alive(pid));
}

TR_ACTOR(a_sandboxed_actor_has_only_roots_binaries_executed)
{
    tr_ref monitor;
    char own[4096], entry[4200], folder[] = "/tmp/troupe-confined.XXXXXX", command[9000];
    long result = 0;
    (void)argument;
    CHECK(mkdtemp(folder) && chmod(folder, 0777) == 0);
    ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    CHECK(n > 0);
    own[n] = '\0';
    snprintf(command, sizeof command, "cp %s %s/copy", own, folder);
    CHECK(system(command) == 0);
    snprintf(entry, sizeof entry, "%s/copy:sinner", folder);
    tr_pid pid = spawn_boxed(TR_SANDBOX_LIGHT, &monitor);
    CHECK(tr_send(pid, "{From, spawn, E}", tr_self(), (const char *)entry) == 0);
    EXPECT("{did, spawn, R}", &result);
    CHECK(result != 0);
    snprintf(command, sizeof command, "%s/copy", folder);
    CHECK(unlink(command) == 0 && rmdir(folder) == 0);
}

TR_ACTOR(who_comes_from_a_sandbox_cannot_join_the_node)
{
    tr_ref monitor;
    (void)argument;
    CHECK(result_of(spawn_boxed(TR_SANDBOX_LIGHT, &monitor), "join", 0) == 2);
}

TR_ACTOR(a_path_that_is_not_there_is_told)
{
    static const char *const writable[] = {"/no/such/place", NULL};
    const struct tr_spawn_options options = {.sandbox = TR_SANDBOX_LIGHT, .writable = writable};
    tr_ref ref;
    tr_pid pid;
    (void)argument;
    CHECK(tr_spawn_request_term("sinner", &options, (tr_term){NULL, 0}, &ref) == 0);
    EXPECT("{spawn_reply, Ref, error, {sandbox, enoent, Path}}", ref, "/no/such/place");
    CHECK(tr_spawn_term("sinner", &options, (tr_term){NULL, 0}, &pid, NULL) == -ENOENT);
}

/* ---------------------------------------------------------------- children */

static void plant(tr_term argument, struct tr_tree *tree)
{
    static const struct tr_resource_limits limits = {.memory_bytes = 64 * MIB};
    const struct tr_supervision supervision = {.intensity = 5};
    (void)argument;
    tr_tree_set(tree, &supervision);
    tr_tree_add(tree,
                TR_CHILD("sinner", .name = "child", .is_plain_actor = true, .limits = &limits,
                         .sandbox = TR_SANDBOX_LIGHT),
                "[]");
}
TR_SUPERVISOR(house, plant)

static tr_pid await_another(tr_pid than)
{
    for (;;) {
        tr_pid pid = tr_whereis("child");
        if (!tr_pid_is_none(pid) && !tr_pid_equal(pid, than))
            return pid;
        usleep(1000);
    }
}

TR_ACTOR(a_child_that_is_started_again_is_confined_again)
{
    tr_ref monitor;
    tr_pid child = TR_NO_PID;
    (void)argument;
    CHECK(tr_server_start_link(NULL, "house", NULL, "[]") == 0);
    for (int i = 0; i < 2; i++) {
        child = await_another(child);
        CHECK(tr_monitor(child, &monitor) == 0);
        CHECK(result_of(child, "allocate", 64) == -ENOMEM);
        CHECK(result_of(child, "write_to_tmp", 0) == -EACCES);
        tempt(child, "mount", 0);
        expect_denied(monitor, "mount");
    }
}

TR_ACTOR(a_strict_full_sandbox_is_had_or_refused)
{
    (void)argument;
    if (!has_namespaces())
        printf("this machine has no namespaces for everybody\n");
}
