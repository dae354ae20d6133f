/* groups: actors with limits where control groups may be made. Each case is a root actor. The resident does what its message
 * says. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"

#define MIB ((size_t)1 << 20)
/* A sanitizer takes some 20 TiB, of which hardly any is there. */
#define PLENTY ((uint64_t)64 << 40)
#define PATH_BYTES 400

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- the resident */

/* One that has left its home, its parent, and whatever it had open. */
static int leave_a_daemon(void)
{
    int ends[2], daemon_os_pid = -1;
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    int os_pid = fork();
    CHECK(os_pid >= 0);
    if (os_pid == 0) {
        setsid();
        daemon_os_pid = fork();
        if (daemon_os_pid == 0) {
            close_range(0, ~0u, 0);
            for (;;)
                pause();
        }
        _exit(write(ends[1], &daemon_os_pid, sizeof daemon_os_pid) < 0);
    }
    CHECK(waitpid(os_pid, NULL, 0) == os_pid);
    CHECK(read(ends[0], &daemon_os_pid, sizeof daemon_os_pid) == sizeof daemon_os_pid);
    close(ends[0]);
    close(ends[1]);
    CHECK(daemon_os_pid > 1);
    return daemon_os_pid;
}

static int fork_some(int count)
{
    int fault = 0, n = 0, os_pids[64];
    for (; n < count && n < 64 && fault == 0; n++) {
        os_pids[n] = fork();
        while (os_pids[n] == 0)
            pause();
        fault = os_pids[n] < 0 ? -errno : 0;
    }
    for (int i = 0; i < n; i++)
        if (os_pids[i] > 0 && kill(os_pids[i], SIGKILL) == 0)
            waitpid(os_pids[i], NULL, 0);
    return fault;
}

/* No limit of a process counts what is shared. */
static void fill_shared(int mib)
{
    void *at =
        mmap(NULL, (size_t)mib * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    memset(at, 1, (size_t)mib * MIB);
    munmap(at, (size_t)mib * MIB);
}

static tr_pid run_program(void)
{
    static const char *const arguments[] = {"1000", NULL};
    const struct tr_program program = {.path = "sleep", .arguments = arguments};
    tr_pid pid;
    CHECK(tr_program_start(&program, 0, NULL, &pid, NULL) == 0);
    return pid;
}

TR_ACTOR(resident)
{
    tr_pid from;
    int n;
    (void)argument;
    for (;;)
        tr_receive {
            tr_case("{From, leave_a_daemon}", &from)
                CHECK(tr_send(from, "{left, N}", leave_a_daemon()) == 0);
            tr_case("{From, fork_some, N}", &from, &n)
                CHECK(tr_send(from, "{forked, R}", fork_some(n)) == 0);
            tr_case("{From, fill_shared, N}", &from, &n) {
                fill_shared(n);
                CHECK(tr_send(from, "filled") == 0);
            }
            tr_case("{From, run_program}", &from)
                CHECK(tr_send(from, "{runs, Pid}", run_program()) == 0);
            tr_case("crash")
                abort();
            tr_case("stop")
                return;
        }
}

/* ---------------------------------------------------------------- verbs */

static tr_pid spawn_limited(struct tr_resource_limits limits, tr_ref *ret_monitor)
{
    tr_pid pid;
    const struct tr_spawn_options options = {.flags = TR_SPAWN_MONITOR, .limits = &limits};
    CHECK(tr_spawn_term("resident", &options, (tr_term){NULL, 0}, &pid, ret_monitor) == 0);
    return pid;
}

static int daemon_of(tr_pid pid)
{
    int os_pid = 0;
    CHECK(tr_send(pid, "{From, leave_a_daemon}", tr_self()) == 0);
    EXPECT("{left, N}", &os_pid);
    return os_pid;
}

/* Where it is, as the kernel tells: below the place where version 2 is mounted. */
static void look_at_group(int os_pid, char group[PATH_BYTES])
{
    char path[64], line[PATH_BYTES];
    snprintf(path, sizeof path, "/proc/%d/cgroup", os_pid);
    FILE *file = fopen(path, "re");
    CHECK(file);
    group[0] = '\0';
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "0::", 3) == 0)
            snprintf(group, PATH_BYTES, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
    fclose(file);
}

/* Where it is, as it tells; "": it tells of none. And what is not enforced, as text. */
static void read_told(tr_pid pid, char group[PATH_BYTES], char lacking[100])
{
    struct tr_out info = {0};
    tr_term all, about, list;
    tr_bin path = {NULL, 0};
    CHECK(tr_process_info(pid, &info) == 0);
    CHECK(tr_map_get_atom(tr_out_term(&info), "confinement", &all));
    CHECK(tr_map_get_atom(all, "not_enforced", &list));
    tr_print(list, lacking, 100);
    if (tr_map_get_atom(all, "cgroup", &about))
        CHECK(tr_match(about, "#{path => P, limits => _}", &path) == 0);
    snprintf(group, PATH_BYTES, "%.*s", (int)path.size_bytes, (const char *)path.data);
    tr_out_deinit(&info);
}

static bool is_gone(int os_pid) { return kill(os_pid, 0) < 0 && errno == ESRCH; }

static void expect_gone(int os_pid)
{
    for (int ms = 0; !is_gone(os_pid); ms++) {
        CHECK(ms < CHECK_DEADLINE_MS);
        usleep(1000);
    }
}

static void expect_no_group(const char *path)
{
    for (int ms = 0; access(path, F_OK) == 0; ms++) {
        CHECK(ms < CHECK_DEADLINE_MS);
        usleep(1000);
    }
}

static int groups_now(void)
{
    int count = 0;
    DIR *folder = opendir(getenv("TROUPE_CGROUP"));
    CHECK(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strncmp(entry->d_name, "troupe-", 7) == 0 && atoi(entry->d_name + 7) > 0;
    closedir(folder);
    return count;
}

static void expect_no_groups(void)
{
    for (int ms = 0; groups_now() > 0; ms++) {
        CHECK(ms < CHECK_DEADLINE_MS);
        usleep(1000);
    }
}

/* ---------------------------------------------------------------- cases */

TR_ACTOR(an_actor_with_a_limit_is_in_a_group_of_its_own)
{
    char told[PATH_BYTES], seen[PATH_BYTES], other[PATH_BYTES], name[100], lacking[100];
    tr_ref monitor, another;
    tr_pid pid, unlimited;
    (void)argument;
    pid = spawn_limited((struct tr_resource_limits){.processes = 20}, &monitor);
    read_told(pid, told, lacking);
    look_at_group(actor_os_pid(pid), seen);
    snprintf(name, sizeof name, "/troupe-%d.%u.%u", actor_os_pid(pid), tr_pid_slot(pid),
             tr_pid_generation(pid));
    CHECK(strlen(seen) > strlen(name) && strlen(told) > strlen(seen));
    CHECK(strcmp(told + strlen(told) - strlen(seen), seen) == 0);
    CHECK(strcmp(seen + strlen(seen) - strlen(name), name) == 0);
    read_told(spawn_limited((struct tr_resource_limits){.memory_bytes = PLENTY}, &another), other,
              lacking);
    CHECK(other[0] && strcmp(other, told) != 0);
    CHECK(groups_now() == 2);

    const struct tr_resource_limits neither = {.open_files = 100};
    spawn_limited(neither, &another);
    CHECK(tr_spawn(&unlimited, "resident", "[]") == 0);
    look_at_group(actor_os_pid(unlimited), seen);
    look_at_group(getpid(), other);
    CHECK(strcmp(seen, other) == 0);
    CHECK(groups_now() == 2);

    CHECK(tr_send(pid, "stop") == 0);
    EXPECT("{'DOWN', Ref, process, _, normal}", monitor);
    expect_no_group(told);
}

TR_ACTOR(what_an_actor_has_forked_ends_with_it)
{
    (void)argument;
    for (int way = 0; way < 3; way++) {
        char group[PATH_BYTES], lacking[100];
        tr_ref monitor;
        tr_pid pid = spawn_limited((struct tr_resource_limits){.memory_bytes = PLENTY}, &monitor);
        int os_pid = daemon_of(pid);
        read_told(pid, group, lacking);
        if (way == 0)
            CHECK(kill(actor_os_pid(pid), SIGKILL) == 0);
        else if (way == 1)
            CHECK(tr_send(pid, "stop") == 0);
        else
            CHECK(tr_send(pid, "crash") == 0);
        EXPECT("{'DOWN', Ref, process, _, _}", monitor);
        expect_gone(os_pid);
        expect_no_group(group);
    }
}

/* Whom a sandboxed actor spawns has its limits, and the actor of a program has the program's keeper in its group, who has a
 * program to end before he goes. */
TR_ACTOR(a_keeper_is_let_end_its_program)
{
    const struct tr_resource_limits limits = {.processes = 20};
    const struct tr_spawn_options options = {
        .flags = TR_SPAWN_MONITOR, .limits = &limits, .sandbox = TR_SANDBOX_LIGHT};
    char group[PATH_BYTES], lacking[100];
    tr_pid resident, program;
    tr_ref monitor;
    (void)argument;
    CHECK(tr_spawn_term("resident", &options, (tr_term){NULL, 0}, &resident, &monitor) == 0);
    CHECK(tr_send(resident, "{From, run_program}", tr_self()) == 0);
    EXPECT("{runs, Pid}", &program);
    read_told(program, group, lacking);
    CHECK(group[0] && groups_now() == 2);
    CHECK(tr_monitor(program, &monitor) == 0);
    CHECK(kill(actor_os_pid(program), SIGKILL) == 0);
    EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", monitor);
    expect_no_group(group);
    CHECK(groups_now() == 1);
}

/* What keeps it from being removed here is a part that somebody has made in it: then the node goes on, and tries again. */
TR_ACTOR(a_group_that_cannot_be_removed_is_tried_again)
{
    char group[PATH_BYTES], part[PATH_BYTES + 8], lacking[100];
    tr_ref monitor;
    tr_pid pid = spawn_limited((struct tr_resource_limits){.memory_bytes = PLENTY}, &monitor);
    (void)argument;
    read_told(pid, group, lacking);
    snprintf(part, sizeof part, "%s/part", group);
    CHECK(mkdir(part, 0755) == 0);
    CHECK(tr_send(pid, "stop") == 0);
    EXPECT("{'DOWN', Ref, process, _, normal}", monitor);
    CHECK(tr_send(spawn_limited((struct tr_resource_limits){0}, &monitor), "stop") == 0);
    EXPECT("{'DOWN', Ref, process, _, normal}", monitor);
    CHECK(groups_now() == 1);
    CHECK(rmdir(part) == 0);
    expect_no_groups();
}

TR_ACTOR(who_cannot_be_born_leaves_no_group)
{
    const struct tr_resource_limits limits = {.processes = 20};
    const struct tr_spawn_options options = {.limits = &limits, .directory = "/no/such/folder"};
    tr_pid pid;
    (void)argument;
    CHECK(tr_spawn_term("resident", &options, (tr_term){NULL, 0}, &pid, NULL) != 0);
    expect_no_groups();
}

#define AT_ONCE 4

TR_ACTOR(a_thousand_births_and_deaths_leave_no_group)
{
    const struct tr_resource_limits limits = {.memory_bytes = PLENTY};
    (void)argument;
    for (int round = 0; round < 1000 / AT_ONCE; round++) {
        tr_pid pids[AT_ONCE];
        tr_ref monitors[AT_ONCE];
        for (int i = 0; i < AT_ONCE; i++)
            pids[i] = spawn_limited(limits, &monitors[i]);
        if (round % 8 == 0)
            daemon_of(pids[0]);
        for (int i = 0; i < AT_ONCE; i++)
            if ((round + i) % 2)
                CHECK(tr_send(pids[i], "stop") == 0);
            else
                CHECK(kill(actor_os_pid(pids[i]), SIGKILL) == 0);
        for (int i = 0; i < AT_ONCE; i++)
            EXPECT("{'DOWN', Ref, process, _, _}", monitors[i]);
    }
    expect_no_groups();
}

/* Run where no group can be made, as root, whose processes no other limit counts. */
TR_ACTOR(without_a_group_an_actor_lives_and_says_what_is_lacking)
{
    const struct tr_resource_limits limits = {.memory_bytes = PLENTY, .processes = 8};
    const struct tr_spawn_options options = {.limits = &limits, .is_strict = true};
    char group[PATH_BYTES], lacking[100];
    tr_ref monitor;
    tr_pid pid = spawn_limited(limits, &monitor);
    (void)argument;
    CHECK(tr_send(pid, "{From, fork_some, N}", tr_self(), 20) == 0);
    EXPECT("{forked, 0}");
    read_told(pid, group, lacking);
    CHECK(group[0] == '\0');
    CHECK(strcmp(lacking, "[processes]") == 0);
    CHECK(tr_spawn_term("resident", &options, (tr_term){NULL, 0}, &pid, NULL) == -EOPNOTSUPP);
}

/* Run by others than root, who have limits of processes without a group. */
TR_ACTOR(without_a_group_an_actor_has_none)
{
    char group[PATH_BYTES], lacking[100];
    tr_ref monitor;
    (void)argument;
    read_told(spawn_limited((struct tr_resource_limits){.memory_bytes = PLENTY}, &monitor), group,
              lacking);
    CHECK(group[0] == '\0');
}

/* Run where a group bounds processes. */
TR_ACTOR(a_group_bounds_the_processes_of_an_actor)
{
    const struct tr_resource_limits limits = {.processes = 8};
    const struct tr_spawn_options options = {
        .limits = &limits, .is_strict = true, .flags = TR_SPAWN_MONITOR};
    char group[PATH_BYTES], lacking[100];
    tr_pid pid;
    tr_ref monitor;
    (void)argument;
    CHECK(tr_spawn_term("resident", &options, (tr_term){NULL, 0}, &pid, &monitor) == 0);
    CHECK(tr_send(pid, "{From, fork_some, N}", tr_self(), 6) == 0);
    EXPECT("{forked, 0}");
    CHECK(tr_send(pid, "{From, fork_some, N}", tr_self(), 16) == 0);
    EXPECT("{forked, N}", -EAGAIN);
    read_told(pid, group, lacking);
    CHECK(strcmp(lacking, "[]") == 0);
}

/* Run where a group bounds memory. */
TR_ACTOR(who_fills_shared_memory_dies_of_the_limit)
{
    tr_ref monitor;
    tr_pid pid = spawn_limited((struct tr_resource_limits){.memory_bytes = 64 * MIB}, &monitor);
    (void)argument;
    CHECK(tr_send(pid, "{From, fill_shared, N}", tr_self(), 32) == 0);
    EXPECT("filled");
    CHECK(tr_send(pid, "{From, fill_shared, N}", tr_self(), 128) == 0);
    EXPECT("{'DOWN', Ref, process, _, {limit, memory, #{by => cgroup, limit_bytes => 67108864}}}",
           monitor);
}

/* Somebody with a limit and a daemon; and the sign that all of that is there. */
TR_ACTOR(house)
{
    tr_ref monitor;
    (void)argument;
    tr_pid pid = spawn_limited((struct tr_resource_limits){.memory_bytes = PLENTY}, &monitor);
    daemon_of(pid);
    CHECK(tr_register("house", tr_self()) == 0);
    EXPECT("{'DOWN', Ref, process, _, _}", monitor);
}

/* Nobody at all. */
TR_ACTOR(hut) { (void)argument; }
