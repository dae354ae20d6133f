/* Control group: one is made where that is allowed, entered, and killed with all that is in it. What it can bound depends on the
 * machine; where there is no version 2 that this user may change, there is nothing to test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/cgroup.h"

#include <errno.h>
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

static void who_is_in_a_group_ends_with_it_also_who_has_left_home(void **state)
{
    const struct tr_resource_limits limits = {.memory_bytes = 64 << 20, .processes = 10};
    struct tri_cgroup cgroup = TRI_CGROUP_NONE;
    int ready[2], status;
    char byte;
    (void)state;
    need_group();
    assert_int_equal(tri_cgroup_open(&cgroup, &limits), 0);
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
    assert_false(tri_cgroup_was_out_of_memory(&cgroup));
    tri_cgroup_close(&cgroup);
    assert_int_equal(access(cgroup.path, F_OK), -1);
}

static void an_empty_group_that_was_left_behind_goes_with_the_next(void **state)
{
    const struct tr_resource_limits limits = {.processes = 10};
    struct tri_cgroup cgroup;
    char left[300];
    (void)state;
    need_group();
    snprintf(left, sizeof left, "%s/troupe-1", group);
    assert_int_equal(mkdir(left, 0755), 0);
    assert_int_equal(tri_cgroup_open(&cgroup, &limits), 0);
    assert_int_equal(access(left, F_OK), -1);
    tri_cgroup_close(&cgroup);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_in_a_group_ends_with_it_also_who_has_left_home,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_group_that_was_left_behind_goes_with_the_next,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_group_that_is_not_there_is_none, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
