/* confined_programs: programs with limits and in sandboxes, and what becomes of them and of all that they have started. Each
 * case is a root actor. The programs are offender, next to this binary. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/sandbox_landlock.h"
#include "support/process_state.h"
#include "system/programs.h"

#define MIB ((uint64_t)1 << 20)

int main(int argc, char **argv) { return tr_main(argc, argv); }

static const char *offender(void)
{
    static char path[PATH_MAX + 16];
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
    CHECK(n > 0);
    path[n] = '\0';
    strcpy(strrchr(path, '/'), "/offender");
    return path;
}

/* Starts the offender as `program` says otherwise. */
static tr_pid offend(const char *deed, long number, tr_ref *ret_ref)
{
    char text[32];
    tr_pid pid;
    const char *const arguments[] = {deed, text, NULL};
    snprintf(text, sizeof text, "%ld", number);
    program.path = offender();
    program.arguments = arguments;
    CHECK(tr_program_start(&program, TR_SPAWN_MONITOR, NULL, &pid, ret_ref) == 0);
    program.arguments = NULL;
    return pid;
}

static void limit(struct tr_resource_limits limits)
{
    static struct tr_resource_limits kept;
    kept = limits;
    program.limits = &kept;
}

/* What it prints, and that it ends in peace. */
static long result_of(const char *deed, long number)
{
    char text[32] = "";
    tr_bin line;
    tr_ref ref;
    tr_pid pid = offend(deed, number, &ref);
    tr_receive {
        tr_case("{Pid, {data, {eol, Line}}}", pid, &line)
            memcpy(text, line.data, line.size_bytes < 31 ? line.size_bytes : 31);
        tr_after(CHECK_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, "a number is printed", (tr_term){0});
    }
    EXPECT("{'DOWN', Ref, process, _, normal}", ref);
    return atol(text);
}

static void expect_denied(const char *deed, long number, const char *call)
{
    tr_ref ref;
    tr_atom name;
    offend(deed, number, &ref);
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, {denied, Name}}", ref, &name)
            CHECK(tr_atom_is(name, call));
        tr_after(CHECK_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, call, (tr_term){0});
    }
}

/* ---------------------------------------------------------------- limits */

TR_ACTOR(who_takes_too_much_memory_is_killed_with_all_that_it_started)
{
    tr_ref ref;
    uint64_t bytes = 0;
    int64_t resident = 0;
    (void)argument;
    limit((struct tr_resource_limits){.memory_bytes = 64 * MIB});
    CHECK(result_of("allocate", 32) == 0);
    offend("allocate", 120, &ref);
    EXPECT("{'DOWN', Ref, process, _, {limit, memory, #{limit_bytes => L, resident_bytes => R}}}",
           ref, &bytes, &resident);
    CHECK(bytes == 64 * MIB && resident > (int64_t)(64 * MIB));
    offend("allocate_in_children", 160, &ref);
    EXPECT("{'DOWN', Ref, process, _, {limit, memory, _}}", ref);
}

TR_ACTOR(an_allocation_of_twice_as_much_as_it_may_fails)
{
    (void)argument;
    limit((struct tr_resource_limits){.memory_bytes = 32 * MIB});
    CHECK(result_of("allocate", 80) == -ENOMEM);
}

TR_ACTOR(a_program_that_computes_too_long_dies_of_the_cpu_limit)
{
    tr_ref ref;
    (void)argument;
    limit((struct tr_resource_limits){.cpu_s = 1});
    for (int ignores = 0; ignores < 2; ignores++) {
        offend("compute", ignores, &ref);
        EXPECT("{'DOWN', Ref, process, _, {limit, cpu, _}}", ref);
    }
}

TR_ACTOR(a_program_has_descriptors_nice_and_files_as_it_may)
{
    tr_ref ref;
    char folder[] = "/tmp/troupe-confined.XXXXXX";
    (void)argument;
    CHECK(mkdtemp(folder));
    program.directory = folder;
    limit((struct tr_resource_limits){
        .open_files = 20, .file_bytes = 64 << 10, .sets_nice = true, .nice = 15});
    CHECK(result_of("open", 30) == -EMFILE);
    CHECK(result_of("nice", 0) == 15);
    CHECK(result_of("write", 64) == 0);
    offend("write", 65, &ref);
    EXPECT("{'DOWN', Ref, process, _, {limit, file_size, _}}", ref);
    CHECK(rmdir(folder) == 0);
}

TR_ACTOR(a_program_has_umask_and_core_as_asked)
{
    (void)argument;
    limit((struct tr_resource_limits){.sets_umask = true, .umask = 027, .sets_core = true});
    tr_pid pid = run_shell("umask; ulimit -c");
    EXPECT("{Pid, {data, {eol, \"0027\"}}}", pid);
    EXPECT("{Pid, {data, {eol, \"0\"}}}", pid);
}

/* Run as nobody, who may not be less nice. */
TR_ACTOR(what_a_program_cannot_have_is_refused_if_asked)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.ret_reason = &why};
    tr_pid pid;
    (void)argument;
    limit((struct tr_resource_limits){.sets_nice = true, .nice = -5});
    program.path = "cat";
    program.is_strict = true;
    CHECK(tr_program_start(&program, 0, &options, &pid, NULL) == TR_DOWN);
    if (tr_match(why.term, "{unsupported, nice}"))
        check_failed(__FILE__, __LINE__, "it is refused", why.term);
    program.is_strict = false;
    CHECK(tr_program_start(&program, 0, NULL, &pid, NULL) == 0);
    struct tr_out info = {0};
    tr_term confinement;
    CHECK(tr_process_info(pid, &info) == 0);
    CHECK(tr_map_get_atom(tr_out_term(&info), "confinement", &confinement));
    CHECK(tr_match(confinement, "#{not_enforced => [nice]}") == 0);
    tr_out_deinit(&info);
}

/* Run as root, whose processes the keeper counts. */
TR_ACTOR(a_program_of_roots_with_too_many_processes_is_killed)
{
    tr_ref ref;
    (void)argument;
    limit((struct tr_resource_limits){.processes = 10});
    CHECK(result_of("fork", 5) == 0);
    offend("fork", 40, &ref);
    tr_receive {
        tr_case("{'DOWN', Ref, process, _, {limit, processes, _}}", ref) {
        }
        tr_case("{'DOWN', Ref, process, _, normal}", ref) { /* it was gone before anybody looked */
        }
        tr_after(CHECK_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, "it is killed, or ends", (tr_term){0});
    }
    program.path = "sh";
    const char *const arguments[] = {
        "-c", "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1000 & done; wait", NULL};
    program.arguments = arguments;
    tr_pid pid;
    CHECK(tr_program_start(&program, TR_SPAWN_MONITOR, NULL, &pid, &ref) == 0);
    EXPECT("{'DOWN', Ref, process, _, {limit, processes, #{limit => 10, tasks => _}}}", ref);
}

/* Run as nobody. */
TR_ACTOR(a_program_with_as_many_processes_as_it_may_cannot_fork)
{
    (void)argument;
    limit((struct tr_resource_limits){.processes = 10});
    CHECK(result_of("fork", 9) == 0);
    CHECK(result_of("fork", 20) == -EAGAIN);
    program.sandbox = TR_SANDBOX_FULL;
    CHECK(result_of("fork", 9) == 0);
    CHECK(result_of("fork", 20) == -EAGAIN);
}

/* A process that is no descendant of the program's keeper, in that group: only with the group does it end. */
static pid_t put_stranger_into(const char *group)
{
    char path[700];
    pid_t os_pid = fork();
    CHECK(os_pid >= 0);
    if (os_pid == 0)
        for (;;)
            pause();
    CHECK(snprintf(path, sizeof path, "%s/cgroup.procs", group) < (int)sizeof path);
    FILE *file = fopen(path, "we");
    CHECK(file && fprintf(file, "%d", os_pid) > 0);
    CHECK(fclose(file) == 0);
    return os_pid;
}

/* Run where groups may be made. Nothing of it is there afterwards. */
TR_ACTOR(a_program_is_in_a_control_group_of_its_own)
{
    char folder[300], line[400] = "";
    const char *mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    tr_ref ref;
    tr_bin bin;
    int made = -1;
    (void)argument;
    for (int i = 0; i < 2 && made < 0; i++) {
        snprintf(folder, sizeof folder, "%s/cgroup.procs", mounts[i]);
        if (access(folder, W_OK) < 0)
            continue;
        snprintf(folder, sizeof folder, "%s/troupe-test.%d", mounts[i], getpid());
        made = mkdir(folder, 0755);
    }
    CHECK(made == 0);
    char variable[400];
    snprintf(variable, sizeof variable, "TROUPE_CGROUP=%s", folder);
    const char *const environment[] = {variable, NULL};
    const struct tr_start_options options = {.environment = environment};
    const char *const arguments[] = {
        "-c", "grep '^0::' /proc/self/cgroup; setsid sh -c 'sleep 1000' & cat", NULL};
    limit((struct tr_resource_limits){.memory_bytes = 64 * MIB, .processes = 20});
    program.path = "sh";
    program.arguments = arguments;
    tr_pid pid;
    CHECK(tr_program_start(&program, TR_SPAWN_MONITOR, &options, &pid, &ref) == 0);
    tr_receive {
        tr_case("{Pid, {data, {eol, Line}}}", pid, &bin)
            snprintf(line, sizeof line, "%.*s", (int)bin.size_bytes, (const char *)bin.data);
        tr_after(CHECK_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, "it tells where it is", (tr_term){0});
    }
    const char *name = strrchr(line, '/');
    CHECK(name && strstr(line, strrchr(folder, '/')) && strncmp(name, "/troupe-", 8) == 0);
    char group[700];
    int status;
    snprintf(group, sizeof group, "%s%s", folder, name);
    pid_t stranger = put_stranger_into(group);
    CHECK(tr_send(pid, "{Self, close}", tr_self()) == 0);
    EXPECT("{'DOWN', Ref, process, _, normal}", ref);
    CHECK(waitpid(stranger, &status, 0) == stranger);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    CHECK(rmdir(folder) == 0);
}

/* ---------------------------------------------------------------- sandboxes */

TR_ACTOR(a_call_that_a_program_is_denied_is_told_by_its_name)
{
    (void)argument;
    for (unsigned level = TR_SANDBOX_LIGHT; level <= TR_SANDBOX_FULL; level++) {
        program.sandbox = level;
        expect_denied("mount", 0, "mount");
        expect_denied("trace", getpid(), "ptrace");
        expect_denied("unshare", 0, "unshare");
        expect_denied("mount_in_grandchild", 0, "mount");
        CHECK(result_of("read", 0) == 0);
    }
}

/* Can it make a file in that folder, which is not where it works? */
static bool can_write_to(const char *folder)
{
    char script[512];
    tr_bin word;
    bool can = false;
    snprintf(script, sizeof script,
             "if echo 1 2>&- >%s/file; then rm %s/file; echo yes; else echo no; fi", folder,
             folder);
    tr_pid pid = run_shell(script);
    tr_receive {
        tr_case("{Pid, {data, {eol, Word}}}", pid, &word)
            can = word.size_bytes == 3;
        tr_after(CHECK_DEADLINE_MS)
            check_failed(__FILE__, __LINE__, "it tells whether it can", (tr_term){0});
    }
    return can;
}

TR_ACTOR(a_sandboxed_program_writes_where_it_may)
{
    static const char *const nothing[] = {NULL};
    char folder[] = "/tmp/troupe-confined.XXXXXX";
    (void)argument;
    CHECK(mkdtemp(folder));
    CHECK(can_write_to(folder));
    for (unsigned level = TR_SANDBOX_LIGHT; level <= TR_SANDBOX_FULL; level++) {
        const char *const writable[] = {folder, NULL};
        program.sandbox = level;
        CHECK(!can_write_to(folder));
        program.directory = folder;
        CHECK(result_of("write", 1) == 0);
        program.directory = NULL;
        program.writable = writable;
        CHECK(can_write_to(folder) && !can_write_to("/tmp"));
        program.writable = NULL;
        CHECK(result_of("read", 0) == 0);
        program.readable = nothing;
        CHECK(result_of("read", 0) == -EACCES);
        program.readable = NULL;
    }
    CHECK(rmdir(folder) == 0);
}

TR_ACTOR(a_program_in_a_full_sandbox_is_alone)
{
    tr_ref ref;
    (void)argument;
    program.sandbox = TR_SANDBOX_FULL;
    expect_denied("connect", 0, "socket");
    CHECK(result_of("os_pid", 0) == 2);
    CHECK(result_of("kill", getppid()) == -ESRCH); /* the node */
    CHECK(result_of("kill", getpid()) == -ESRCH);
    offend("abort", 0, &ref);
    EXPECT("{'DOWN', Ref, process, _, {signal, sigabrt, _}}", ref);
    tr_pid sleeper = run_shell("sleep 1000 & setsid sleep 1000 & echo here; wait");
    ref = watch(sleeper);
    EXPECT("{Pid, {data, {eol, \"here\"}}}", sleeper);
    CHECK(tr_send(sleeper, "{Self, close}", tr_self()) == 0);
    EXPECT("{'DOWN', Ref, process, _, normal}", ref);
}

TR_ACTOR(a_program_in_a_full_sandbox_has_namespaces_of_its_own)
{
    static const char *const which[] = {"user", "mnt", "net", "ipc", "pid"};
    (void)argument;
    program.sandbox = TR_SANDBOX_FULL;
    for (size_t i = 0; i < sizeof which / sizeof which[0]; i++) {
        char script[128], path[64], ours[64] = "", theirs[64] = "";
        tr_bin line;
        snprintf(path, sizeof path, "/proc/self/ns/%s", which[i]);
        CHECK(readlink(path, ours, sizeof ours - 1) > 0);
        snprintf(script, sizeof script, "readlink %s", path);
        tr_pid pid = run_shell(script);
        tr_receive {
            tr_case("{Pid, {data, {eol, Line}}}", pid, &line)
                snprintf(theirs, sizeof theirs, "%.*s", (int)line.size_bytes,
                         (const char *)line.data);
            tr_after(CHECK_DEADLINE_MS)
                check_failed(__FILE__, __LINE__, "it tells its namespace", (tr_term){0});
        }
        CHECK(strncmp(theirs, which[i], strlen(which[i])) == 0 && strcmp(theirs, ours) != 0);
    }
}

TR_ACTOR(a_program_in_a_light_sandbox_signals_nobody_outside)
{
    (void)argument;
    program.sandbox = TR_SANDBOX_LIGHT;
    CHECK(result_of("kill", getppid()) == -EPERM);
    CHECK(result_of("connect", 0) == 0);
}

/* Run as root. */
TR_ACTOR(a_sandboxed_program_is_the_user_that_it_is_to_be)
{
    tr_bin line;
    (void)argument;
    program.user = "65534";
    for (unsigned level = TR_SANDBOX_LIGHT; level <= TR_SANDBOX_FULL; level++) {
        program.sandbox = level;
        tr_pid pid = run_shell("id -u; cat; exit 0");
        tr_ref ref = watch(pid);
        tr_receive {
            tr_case("{Pid, {data, {eol, Line}}}", pid, &line)
                CHECK(line.size_bytes == 5 && memcmp(line.data, "65534", 5) == 0);
            tr_after(CHECK_DEADLINE_MS)
                check_failed(__FILE__, __LINE__, "it tells who it is", (tr_term){0});
        }
        say(pid, "and still talks\n");
        EXPECT("{Pid, {data, {eol, \"and still talks\"}}}", pid);
        end_input(pid);
        EXPECT("{'DOWN', Ref, process, _, normal}", ref);
    }
}

static bool is_what_landlock_lacks(tr_term lacking)
{
    if (tri_landlock_has_scopes())
        return tr_match(lacking, "[]") == 0;
    if (tri_landlock_has_truncation())
        return tr_match(lacking, "[landlock_signals]") == 0;
    return tr_match(lacking, "[landlock_signals, landlock_truncation]") == 0;
}

TR_ACTOR(what_cannot_be_had_of_a_program_is_told)
{
    static const char *const nowhere[] = {"/no/such/place", NULL};
    TR_REPLY why = {0}, state = {0};
    struct tr_start_options options = {.ret_reason = &why};
    tr_pid pid;
    tr_term confinement, lacking;
    (void)argument;
    program.path = "cat";
    program.sandbox = TR_SANDBOX_LIGHT;
    program.writable = nowhere;
    CHECK(tr_program_start(&program, 0, &options, &pid, NULL) == TR_DOWN);
    CHECK(tr_match(why.term, "{sandbox, enoent, \"/no/such/place\"}") == 0);
    program.writable = NULL;
    program.path = "/no/such/program";
    CHECK(tr_program_start(&program, 0, &options, &pid, NULL) == TR_DOWN);
    CHECK(tr_match(why.term, "{exec, enoent, \"/no/such/program\"}") == 0);
    limit((struct tr_resource_limits){.memory_bytes = 64 * MIB});
    pid = run("cat");
    CHECK(tr_sys_get_state(pid, CHECK_DEADLINE_MS, &state) == 0);
    CHECK(tr_map_get_atom(state.term, "confinement", &confinement));
    CHECK(tr_match(confinement,
                   "#{limits => #{memory => 67108864}, sandbox => light, not_enforced => N}",
                   &lacking) == 0);
    CHECK(is_what_landlock_lacks(lacking));
    struct tr_out info = {0};
    CHECK(tr_process_info(pid, &info) == 0);
    CHECK(tr_map_get_atom(tr_out_term(&info), "confinement", &lacking));
    CHECK(tr_equal(lacking, confinement));
    tr_out_deinit(&info);
}
