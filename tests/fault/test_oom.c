/* The kernel's oom killer: a node in a control group that has too little memory for one of its actors. The group is made by the
 * test, of version 1 or 2, whichever has the memory here. The cases are actors, in actors/eaters.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/node.h"
#include "support/skip.h"

#define LIMIT "200000000"

static char group[128];

static bool write_in_group(const char *file, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", group, file);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return is_written;
}

/* A group with that limit; nothing of it is swapped out. */
static bool make_group(const char *mount, const char *limit_file)
{
    snprintf(group, sizeof group, "%s/troupe-test.%d", mount, getpid());
    if (mkdir(group, 0755) < 0) {
        group[0] = '\0';
        return false;
    }
    if (write_in_group(limit_file, LIMIT)) {
        if (!write_in_group("memory.swap.max", "0"))
            write_in_group("memory.memsw.limit_in_bytes", LIMIT);
        return true;
    }
    rmdir(group);
    group[0] = '\0';
    return false;
}

static void need_group(void)
{
    need_exact_memory();
    if (!make_group("/sys/fs/cgroup", "memory.max") &&
        !make_group("/sys/fs/cgroup/memory", "memory.limit_in_bytes"))
        skip_because("no control group with a limit of memory can be made here: %s",
                     strerror(errno));
}

static bool remove_group(void) { return rmdir(group) == 0 || errno == ENOENT; }

static int teardown(void **state)
{
    int r = fixture_teardown(state);
    if (group[0])
        wait_until(remove_group());
    group[0] = '\0';
    return r;
}

static void run_in_group(const char *entry)
{
    char command[400];
    need_group();
    snprintf(command, sizeof command, "echo $$ > %s/cgroup.procs && exec %s/tests/eaters :%s",
             group, program_folder(), entry);
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    program_expect_exit(program_start(argv), 0);
}

static void an_actor_that_is_chosen_is_told_from_one_that_is_killed(void **state)
{
    (void)state;
    run_in_group("an_actor_that_is_chosen_is_told_from_one_that_is_killed");
}

static void a_program_that_is_chosen_is_told_from_one_that_is_killed(void **state)
{
    (void)state;
    run_in_group("a_program_that_is_chosen_is_told_from_one_that_is_killed");
}

#define group_test(body) cmocka_unit_test_setup_teardown(body, fixture_setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        group_test(an_actor_that_is_chosen_is_told_from_one_that_is_killed),
        group_test(a_program_that_is_chosen_is_told_from_one_that_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
