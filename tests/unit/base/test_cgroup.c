/* Control group: one is made where that is allowed, entered, and killed with all that is in it. What it can bound depends on the
 * machine; where there is no version 2 that this user may change, only what is read can be tested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/skip.h"

static char group[256];

static int setup(void **state)
{
    char line[1024], place[200], type[32];
    FILE *file = fopen("/proc/self/mounts", "re");
    (void)state;
    group[0] = '\0';
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "%*s %199s %31s", place, type) == 2 && strcmp(type, "cgroup2") == 0)
            snprintf(group, sizeof group, "%s/troupe-test.%d", place, getpid());
    if (file)
        fclose(file);
    if (!group[0] || mkdir(group, 0755) < 0)
        group[0] = '\0';
    else
        setenv(TRI_CGROUP_VARIABLE, group, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unsetenv(TRI_CGROUP_VARIABLE);
    return group[0] ? rmdir(group) : 0;
}

static void need_group(void)
{
    if (!group[0])
        skip_because("no control group of version 2 can be made here");
}

static void open_own(struct tri_cgroup *cgroup, const struct tr_resource_limits *limits)
{
    char name[TRI_CGROUP_NAME_BYTES];
    tri_cgroup_name(name, getpid(), 0, 0);
    assert_int_equal(tri_cgroup_open(cgroup, name, limits), 0);
}

/* The os_pid of somebody who has been here, and is not any more. */
static int os_pid_of_nobody(void)
{
    int os_pid = fork();
    if (os_pid == 0)
        _exit(0);
    assert_int_equal(waitpid(os_pid, NULL, 0), os_pid);
    return os_pid;
}

/* A process that lives until it is killed; it is in that group, or in the test's when that is NULL. */
static int start_one(const char *path)
{
    char procs[450];
    int os_pid = fork();
    assert_true(os_pid >= 0);
    if (os_pid == 0)
        for (;;)
            pause();
    if (path) {
        snprintf(procs, sizeof procs, "%s/cgroup.procs", path);
        FILE *file = fopen(procs, "we");
        assert_non_null(file);
        assert_true(fprintf(file, "%d", os_pid) > 0);
        assert_int_equal(fclose(file), 0);
    }
    return os_pid;
}

/* A group in the test's, in the name of that process. */
static void make_left(char path[400], int os_pid, uint32_t slot, uint32_t generation)
{
    char name[TRI_CGROUP_NAME_BYTES];
    tri_cgroup_name(name, os_pid, slot, generation);
    snprintf(path, 400, "%s/%s", group, name);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void who_is_in_a_group_ends_with_it_also_who_has_left_home(void **state)
{
    const struct tr_resource_limits limits = {.memory_bytes = 64 << 20, .processes = 10};
    struct tri_cgroup cgroup = TRI_CGROUP_NONE;
    int ready[2], status;
    char byte;
    (void)state;
    need_group();
    bool is_of_limit;
    open_own(&cgroup, &limits);
    assert_int_equal(pipe(ready), 0);
    int os_pid = fork();
    assert_true(os_pid >= 0);
    if (os_pid == 0) {
        if (tri_cgroup_enter(cgroup.fd))
            _exit(1);
        if (fork() == 0) {
            setsid();
            ssize_t n = write(ready[1], "x", 1);
            (void)n;
            pause();
        }
        pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    tri_cgroup_kill(&cgroup);
    assert_int_equal(waitpid(os_pid, &status, 0), os_pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(read(ready[0], &byte, 1), 0); /* the other one has closed its end, too */
    close(ready[0]);
    assert_int_equal(tri_cgroup_oom_kills(cgroup.path, &is_of_limit), 0);
    assert_false(is_of_limit);
    tri_cgroup_close(&cgroup);
    assert_int_equal(access(cgroup.path, F_OK), -1);
}

static void what_the_dead_have_left_is_cleared_away(void **state)
{
    char empty[400], full[400];
    int status;
    (void)state;
    need_group();
    make_left(empty, os_pid_of_nobody(), 0, 0);
    make_left(full, os_pid_of_nobody(), 3, 1);
    int os_pid = start_one(full);
    tri_cgroup_clear(0); /* patient with nobody, it kills nobody */
    assert_int_equal(access(empty, F_OK), -1);
    assert_int_equal(access(full, F_OK), 0);
    assert_int_equal(waitpid(os_pid, &status, WNOHANG), 0);
    tri_cgroup_clear(30000);
    assert_int_equal(access(full, F_OK), -1);
    assert_int_equal(waitpid(os_pid, &status, 0), os_pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* For those who start something, too: nobody looks for it again. */
static void what_is_named_and_cannot_be_used_is_named_no_longer(void **state)
{
    static const char *const no_groups[] = {"/nonexistent", "/etc/passwd", "/tmp"};
    (void)state;
    for (size_t i = 0; i < sizeof no_groups / sizeof no_groups[0]; i++) {
        setenv(TRI_CGROUP_VARIABLE, no_groups[i], 1);
        assert_true(tri_cgroup_announce() < 0);
        assert_null(tri_cgroup_announced());
    }
}

/* A node that an actor with a limit starts, say. */
static void who_is_in_a_group_of_ours_has_none_to_make_others_in(void **state)
{
    char own[400];
    int status;
    (void)state;
    need_group();
    make_left(own, getpid(), 3, 1);
    assert_int_equal(tri_cgroup_announce(), 0);
    assert_string_equal(tri_cgroup_announced(), group);
    int os_pid = fork();
    if (os_pid == 0) {
        int fd = open(own, O_RDONLY | O_DIRECTORY);
        if (tri_cgroup_enter(fd))
            _exit(2);
        int r = tri_cgroup_announce();
        _exit(r || tri_cgroup_announced() ? 3 : 0);
    }
    assert_int_equal(waitpid(os_pid, &status, 0), os_pid);
    assert_int_equal(status, 0);
    assert_int_equal(rmdir(own), 0);
}

/* Between the making and the entering a group is empty, and is its maker's all the same. */
static void the_group_of_somebody_who_lives_is_nobody_elses(void **state)
{
    char own[400];
    (void)state;
    need_group();
    int os_pid = start_one(NULL);
    make_left(own, os_pid, 3, 1);
    tri_cgroup_clear(0);
    tri_cgroup_clear(30000);
    assert_int_equal(access(own, F_OK), 0);
    assert_int_equal(kill(os_pid, SIGKILL), 0);
    /* A zombie still is somebody: whose parent wants to know how it ended. */
    assert_int_equal(waitid(P_PID, (id_t)os_pid, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    tri_cgroup_clear(30000);
    assert_int_equal(access(own, F_OK), 0);
    assert_int_equal(waitpid(os_pid, NULL, 0), os_pid);
    tri_cgroup_clear(30000);
    assert_int_equal(access(own, F_OK), -1);
}

static void what_is_not_named_as_ours_stays(void **state)
{
    static const char *const names[] = {"other", "troupe-node", "troupe-0", "troupe-12x",
                                        "troupe-"};
    char path[400];
    (void)state;
    need_group();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", group, names[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    tri_cgroup_clear(30000);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", group, names[i]);
        assert_int_equal(rmdir(path), 0);
    }
}

/* … who has had the same os_pid before us. */
static void an_empty_group_of_the_same_name_is_made_anew_and_a_full_one_is_not_entered(void **state)
{
    const struct tr_resource_limits limits = {.processes = 10};
    struct tri_cgroup cgroup = TRI_CGROUP_NONE;
    char left[400];
    (void)state;
    need_group();
    make_left(left, getpid(), 0, 0);
    open_own(&cgroup, &limits);
    tri_cgroup_close(&cgroup);
    assert_int_equal(access(left, F_OK), -1);
    make_left(left, getpid(), 0, 0);
    int os_pid = start_one(left);
    assert_int_equal(tri_cgroup_open(&cgroup, strrchr(left, '/') + 1, &limits), -EEXIST);
    while (tri_cgroup_end(left) == -EBUSY)
        usleep(1000);
    assert_int_equal(access(left, F_OK), -1);
    assert_int_equal(tri_cgroup_end(left), -ENOENT);
    assert_int_equal(waitpid(os_pid, NULL, 0), os_pid);
}

/* As a service's is that was delegated: the kernel has either processes in it, or parts that are bounded. */
static void who_is_in_the_group_above_makes_room_for_his_own(void **state)
{
    const struct tr_resource_limits each[] = {{.processes = 10}, {.memory_bytes = 64 << 20}};
    char path[300];
    bool has_memory, has_pids;
    int status;
    (void)state;
    need_group();
    assert_int_equal(tri_cgroup_find(path, sizeof path, &has_memory, &has_pids), 0);
    if (!has_memory || !has_pids)
        skip_because("control groups of version 2 have no controllers memory and pids here");
    int os_pid = fork();
    assert_true(os_pid >= 0);
    if (os_pid == 0) {
        int fd = open(group, O_RDONLY | O_DIRECTORY);
        for (int i = 0; i < 2; i++) {
            struct tri_cgroup cgroup = TRI_CGROUP_NONE;
            char name[TRI_CGROUP_NAME_BYTES];
            tri_cgroup_name(name, getpid(), 0, 0);
            if (i == 0 && tri_cgroup_enter(fd))
                _exit(1);
            if (tri_cgroup_open(&cgroup, name, &each[i]) || !(cgroup.has_pids || cgroup.has_memory))
                _exit(2);
            int own_fd = openat(fd, "troupe-node", O_RDONLY | O_DIRECTORY);
            if (tri_cgroup_enter(cgroup.fd) || tri_cgroup_enter(own_fd))
                _exit(3);
            close(own_fd);
            tri_cgroup_close(&cgroup);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(os_pid, &status, 0), os_pid);
    assert_int_equal(status, 0);
    snprintf(path, sizeof path, "%s/troupe-node", group);
    assert_int_equal(rmdir(path), 0);
}

static void a_group_that_is_not_there_is_none(void **state)
{
    char path[256];
    bool has_memory, has_pids;
    (void)state;
    setenv(TRI_CGROUP_VARIABLE, "/no/such/group", 1);
    assert_int_equal(tri_cgroup_find(path, sizeof path, &has_memory, &has_pids), -ENOENT);
    setenv(TRI_CGROUP_VARIABLE, "/tmp", 1); /* nor is a folder that is none */
    assert_int_equal(tri_cgroup_find(path, sizeof path, &has_memory, &has_pids), -ENOENT);
}

/* ---------------------------------------------------------------- what the kernel tells */

static uint64_t kills_told_by(const char *events, bool *ret_is_of_limit)
{
    char folder[] = "/tmp/troupe-test.XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/memory.events", folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(events, file) >= 0);
    assert_int_equal(fclose(file), 0);
    uint64_t kills = tri_cgroup_oom_kills(folder, ret_is_of_limit);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    return kills;
}

/* Files as Linux 6.1 writes them. */
static void a_kill_by_the_groups_own_limit_is_told_from_anothers(void **state)
{
    bool is_of_limit;
    (void)state;
    assert_int_equal(
        kills_told_by("low 0\nhigh 0\nmax 38\noom 2\noom_kill 3\noom_group_kill 1\n", &is_of_limit),
        3);
    assert_true(is_of_limit);
    assert_int_equal(
        kills_told_by("low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\noom_group_kill 0\n", &is_of_limit),
        1);
    assert_false(is_of_limit);
    assert_int_equal(
        kills_told_by("low 7\nhigh 9\nmax 12\noom 0\noom_kill 0\noom_group_kill 0\n", &is_of_limit),
        0);
    assert_false(is_of_limit);
    /* Linux 4.19 does not know the last line, and one before that none of both. */
    assert_int_equal(kills_told_by("low 0\nhigh 0\nmax 5\noom 1\noom_kill 1\n", &is_of_limit), 1);
    assert_true(is_of_limit);
    assert_int_equal(kills_told_by("low 0\nhigh 0\nmax 5\noom 1\n", &is_of_limit), 0);
    assert_int_equal(kills_told_by("", &is_of_limit), 0);
    assert_int_equal(tri_cgroup_oom_kills("/no/such/group", &is_of_limit), 0);
    assert_false(is_of_limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_in_a_group_ends_with_it_also_who_has_left_home,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_dead_have_left_is_cleared_away, setup, teardown),
        cmocka_unit_test_setup_teardown(the_group_of_somebody_who_lives_is_nobody_elses, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_not_named_as_ours_stays, setup, teardown),
        cmocka_unit_test(what_is_named_and_cannot_be_used_is_named_no_longer),
        cmocka_unit_test_setup_teardown(who_is_in_a_group_of_ours_has_none_to_make_others_in, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            an_empty_group_of_the_same_name_is_made_anew_and_a_full_one_is_not_entered, setup,
            teardown),
        cmocka_unit_test_setup_teardown(who_is_in_the_group_above_makes_room_for_his_own, setup,
                                        teardown),
        cmocka_unit_test(a_kill_by_the_groups_own_limit_is_told_from_anothers),
        cmocka_unit_test_setup_teardown(a_group_that_is_not_there_is_none, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
