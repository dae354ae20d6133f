/* Ten thousand: so many actors at once, each a process of two threads that answers, and all dead in the end. Nothing may
 * fail; how long it takes is printed, and is not asserted.
 *
 * A machine that cannot have so many says which of its limits is in the way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "support/node.h"
#include "support/skip.h"

enum {
    ACTORS = 10000,
    THREADS_EACH = 2,
    KB_EACH = 320,       /* of the machine's memory; with room to spare */
    RUNDIR_KB_EACH = 20, /* of which so much in the run directory       */
    SPARE = 500,         /* threads and descriptors for all the rest    */
};

/* The number behind a key in a file of the kernel's, or the file's only number; -1 when there is none. */
static double kernel_number(const char *path, const char *key)
{
    char line[256];
    double number = -1;
    FILE *file = fopen(path, "re");
    while (file && number < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            sscanf(line + strlen(key), "%lf", &number);
    if (file)
        fclose(file);
    return number;
}

/* How many threads the machine has now: the fourth field of loadavg is RUNNING/ALL. */
static double threads_now(void)
{
    char line[128] = "";
    FILE *file = fopen("/proc/loadavg", "re");
    const char *slash = file && fgets(line, sizeof line, file) ? strchr(line, '/') : NULL;
    if (file)
        fclose(file);
    return slash ? atof(slash + 1) : 0;
}

static double limit_of(int resource)
{
    struct rlimit limit;
    assert_int_equal(getrlimit((__rlimit_resource_t)resource, &limit), 0);
    return limit.rlim_max == RLIM_INFINITY ? 1e18 : (double)limit.rlim_max;
}

static double rundir_free_kb(void)
{
    struct statvfs status;
    assert_int_equal(statvfs(fixture_run_dir(), &status), 0);
    return (double)status.f_bavail * (double)status.f_frsize / 1024;
}

/* Skips the test when there is less than needed. A limit that the machine does not know (-1) is none. */
static void need(const char *what, double there_is, double needed)
{
    if (there_is >= 0 && there_is < needed)
        skip_because("%s is %.0f, and %d actors need %.0f", what, there_is, ACTORS, needed);
}

static void need_a_large_machine(void)
{
    double threads = ACTORS * THREADS_EACH + SPARE;
    if (IS_SANITIZED)
        skip_because("a sanitizer takes more memory than this test has for each actor");
    need("kernel.pid_max", kernel_number("/proc/sys/kernel/pid_max", ""), threads + threads_now());
    need("kernel.threads-max", kernel_number("/proc/sys/kernel/threads-max", ""),
         threads + threads_now());
    need("the hard limit of processes (ulimit -u)", limit_of(RLIMIT_NPROC), threads);
    need("the hard limit of open files (ulimit -n)", limit_of(RLIMIT_NOFILE), ACTORS + SPARE);
    need("the memory that is free, in kB,", kernel_number("/proc/meminfo", "MemAvailable:"),
         (double)ACTORS * KB_EACH);
    need("what is free where run directories are, in kB,", rundir_free_kb(),
         (double)ACTORS * RUNDIR_KB_EACH);
}

static void ten_thousand_actors_live_answer_and_die(void **state)
{
    (void)state;
    char count[16];
    need_a_large_machine();
    snprintf(count, sizeof count, "%d", ACTORS);
    struct program *node = node_start("bin/tests/crowd", count, NULL);
    wait_until_ms(240000, program_is_over(node));
    program_expect_exit(node, 0);
    print_message("%s", program_stdout(node));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(ten_thousand_actors_live_answer_and_die),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
