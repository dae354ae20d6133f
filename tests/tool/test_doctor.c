/* doctor: what is in the way is said, how to raise it is true, and what is not in the way is left alone. Limits are
 * really lowered here: for a shell that runs the doctor, or for a file system of the test's own. */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/magic.h>

#include "support/small_disk.h"
#include "tool.h"

/* Runs the doctor in a shell that has done something before. */
static struct program *doctor_after(const char *before, const char *arguments)
{
    static char command[8192];
    snprintf(command, sizeof command, "%s %s/troupe doctor %s", before, program_folder(),
             arguments);
    const char *const argv[] = {"/bin/bash", "-c", command, NULL};
    struct program *doctor = program_start(argv);
    program_wait(doctor);
    return doctor;
}

/* The line about a limit; "" when there is none. Valid until the next call. */
static const char *line_about(struct program *doctor, const char *limit)
{
    static char line[1024];
    assert_string_equal(program_stderr(doctor), "");
    const char *at = strstr(program_stdout(doctor), limit);
    snprintf(line, sizeof line, "%.*s", at ? (int)strcspn(at, "\n") : 0, at ? at : "");
    return line;
}

static void expect_in_the_way(struct program *doctor, const char *limit)
{
    expect_in(line_about(doctor, limit), "in the way");
    assert_int_equal(doctor->status, 1);
}

static void expect_ok(struct program *doctor, const char *limit)
{
    expect_in(line_about(doctor, limit), " ok");
    expect_not_in(line_about(doctor, limit), "in the way");
}

/* Whatever it is, it is in the way of nothing else. */
static void what_can_be_enforced_is_told(void **state)
{
    (void)state;
    struct program *doctor = run_tool("doctor", "--actors", "1", NULL);
    static const char *const parts[] = {"sandbox: paths",
                                        "sandbox: truncation",
                                        "sandbox: signals",
                                        "sandbox: system calls",
                                        "full: namespaces",
                                        "full: pid namespace",
                                        "limit: processes of an actor",
                                        "cgroup: memory.max",
                                        "cgroup: pids.max"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *line = line_about(doctor, parts[i]);
        assert_true(strstr(line, " ok") || strstr(line, " partial"));
    }
    if (geteuid() == 0 && strstr(line_about(doctor, "cgroup: pids.max"), " partial"))
        expect_in(line_about(doctor, "limit: processes of an actor"), " partial");
    assert_int_equal(doctor->status, 0);
}

static void nothing_is_in_the_way_of_one_actor(void **state)
{
    (void)state;
    const char *text = expect_fine(run_tool("doctor", "--actors", "1", NULL));
    static const char *const limits[] = {
        "kernel.pid_max",   "kernel.threads-max", "fs.file-max",
        "vm.max_map_count", "RLIMIT_NPROC",       "RLIMIT_NOFILE",
        "RLIMIT_FSIZE",     "net.core.wmem_max",  "memory",
        "slots of a node",  "socket paths",       "is a tmpfs",
        "free room",        "free inodes",        "fs.epoll.max_user_watches",
        "libdw.so.1",       "crash reports: /"};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        expect_in(text, limits[i]);
    expect_not_in(text, "in the way");
}

static void ten_thousand_are_looked_at_by_default(void **state)
{
    (void)state;
    struct program *doctor = doctor_after("", "");
    expect_in(line_about(doctor, "slots of a node"), " 10002 ");
    expect_in(line_about(doctor, "vm.max_map_count"), " 256 ");
}

static void more_processes_than_the_kernel_has_are_refused_by_it(void **state)
{
    (void)state;
    struct program *doctor = doctor_after("", "-a 4000000");
    expect_in_the_way(doctor, "kernel.pid_max");
    expect_in(line_about(doctor, "kernel.pid_max"), "4194304 at most");
    expect_in_the_way(doctor, "slots of a node");
}

static void too_few_slots_are_answered_with_an_option_of_run(void **state)
{
    (void)state;
    struct program *doctor = doctor_after("", "-a 20000");
    expect_in_the_way(doctor, "slots of a node");
    expect_in(line_about(doctor, "slots of a node"), "troupe run --slots 20002 ");
}

/* A node needs a descriptor for each actor, and some 256 besides. */
static void too_few_descriptors_are_in_the_way(void **state)
{
    (void)state;
    struct program *few = doctor_after("ulimit -n 755;", "-a 500");
    expect_in_the_way(few, "RLIMIT_NOFILE");
    expect_in(line_about(few, "RLIMIT_NOFILE"), " 755 ");
    expect_in(line_about(few, "RLIMIT_NOFILE"), "prlimit --pid $$ --nofile=:756");
    expect_ok(doctor_after("ulimit -n 756;", "-a 500"), "RLIMIT_NOFILE");
    expect_ok(doctor_after("ulimit -S -n 64;", "-a 500"), "RLIMIT_NOFILE");
}

/* The command that the doctor gives puts it right: done in the same shell, before it is asked again. Where nobody may raise
 * a hard limit, the shell has more before: the command then lowers it to what is said to suffice. */
static void the_remedy_for_descriptors_helps(void **state)
{
    char before[2048];
    (void)state;
    struct program *few = doctor_after("ulimit -n 500;", "-a 1000");
    const char *remedy = strstr(line_about(few, "RLIMIT_NOFILE"), "prlimit --pid $$");
    assert_non_null(remedy);
    bool may_raise =
        doctor_after("ulimit -n 500; ulimit -n 501 2>/dev/null || exit 77;", "-a 1")->status != 77;
    snprintf(before, sizeof before, "%s %s; test $(ulimit -H -n) = 1256 || exit 78;",
             may_raise ? "ulimit -n 500;" : "ulimit -S -n 500;", remedy);
    expect_ok(doctor_after(before, "-a 1000"), "RLIMIT_NOFILE");
}

static void too_small_files_are_in_the_way(void **state)
{
    (void)state;
    struct program *small = doctor_after("ulimit -S -f 1000000;", "-a 1");
    expect_in_the_way(small, "RLIMIT_FSIZE");
    expect_in(line_about(small, "RLIMIT_FSIZE"), "ulimit -S -f ");
}

/* Whoever may override it is not bound by it: so the doctor must not have that capability. */
static void too_few_processes_of_the_user_are_in_the_way(void **state)
{
    (void)state;
    struct program *bound = geteuid() == 0
                                ? doctor_after("setpriv --bounding-set -all --inh-caps -all "
                                               "prlimit --nproc=1500:1500",
                                               "-a 1000")
                                : doctor_after("ulimit -u 1500;", "-a 1000");
    expect_in_the_way(bound, "RLIMIT_NPROC");
}

static void who_may_override_a_limit_is_not_bound_by_it(void **state)
{
    (void)state;
    need_root("overriding a limit of processes");
    if (prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) != 1 && prctl(PR_CAPBSET_READ, CAP_SYS_RESOURCE) != 1)
        skip_because("this root has neither CAP_SYS_ADMIN nor CAP_SYS_RESOURCE");
    expect_ok(doctor_after("ulimit -u 1500;", "-a 1000"), "RLIMIT_NPROC");
}

static void a_long_path_is_in_the_way(void **state)
{
    char before[512];
    (void)state;
    snprintf(before, sizeof before, "export XDG_RUNTIME_DIR=%s/%0*d; mkdir $XDG_RUNTIME_DIR;",
             fixture_run_dir(), 50, 0);
    struct program *doctor = doctor_after(before, "-a 1");
    expect_in_the_way(doctor, "room for a node's name");
    expect_in(line_about(doctor, "room for a node's name"), "unset XDG_RUNTIME_DIR");
    snprintf(before, sizeof before, "rmdir %s/%0*d;", fixture_run_dir(), 50, 0);
    expect_ok(doctor_after(before, "-a 1 -n abc"), "room for a node's name");
}

static void a_place_that_is_not_there_is_in_the_way(void **state)
{
    (void)state;
    struct program *doctor = doctor_after("export XDG_RUNTIME_DIR=/nowhere/at/all;", "-a 1");
    expect_in_the_way(doctor, "/nowhere/at/all may be written to");
    expect_in(line_about(doctor, "/nowhere/at/all"), "unset XDG_RUNTIME_DIR");
}

static void a_disk_is_slow_but_not_in_the_way(void **state)
{
    char before[4200];
    struct statfs fs;
    (void)state;
    assert_int_equal(statfs(program_folder(), &fs), 0);
    if (fs.f_type == TMPFS_MAGIC)
        skip_because("%s, where a disk was expected, is a tmpfs", program_folder());
    snprintf(before, sizeof before, "export XDG_RUNTIME_DIR=%s;", program_folder());
    expect_in(line_about(doctor_after(before, "-a 1"), "is a tmpfs"), " slow");
}

/* On a disk with those options something is in the way, and the remedy helps. */
static void expect_remedy_for_disk(const char *options, const char *limit)
{
    char before[2048];
    small_disk_mount(options);
    struct program *small = doctor_after("", "-a 1000");
    expect_in_the_way(small, limit);
    snprintf(before, sizeof before, "%s;", strstr(line_about(small, limit), "mount -o remount"));
    expect_ok(doctor_after(before, "-a 1000"), limit);
    small_disk_expect_empty();
}

static void too_small_a_tmpfs_is_in_the_way_and_its_remedy_helps(void **state)
{
    (void)state;
    expect_remedy_for_disk("size=8m", "free room");
}

static void too_few_inodes_are_in_the_way_and_their_remedy_helps(void **state)
{
    (void)state;
    expect_remedy_for_disk("size=100m,nr_inodes=500", "free inodes");
}

/* Makes a group in which 2,000 threads may live. Skips the test where that is not allowed. */
static void make_group(char folder[128])
{
    char path[160];
    const char *const hierarchies[] = {"/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified",
                                       "/sys/fs/cgroup"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(folder, 128, "%s/troupe-test-%d", hierarchies[i], (int)getpid());
        if (mkdir(folder, 0700) < 0)
            continue;
        snprintf(path, sizeof path, "%s/pids.max", folder);
        FILE *bound = fopen(path, "we");
        bool is_bound = bound && fputs("2000\n", bound) >= 0;
        if (bound && fclose(bound) == 0 && is_bound)
            return;
        rmdir(folder);
    }
    skip_because("no control group can be made here");
}

static void a_group_with_too_few_threads_is_in_the_way(void **state)
{
    char folder[128], path[160], before[256];
    (void)state;
    make_group(folder);
    snprintf(path, sizeof path, "%s/pids.max", folder);
    snprintf(before, sizeof before, "echo $$ >%s/cgroup.procs || exit 77;", folder);
    struct program *many = doctor_after(before, "-a 1500");
    struct program *some = doctor_after(before, "-a 800"), *few = doctor_after(before, "-a 100");
    assert_int_equal(rmdir(folder), 0);
    if (many->status == 77)
        skip_because("no process may be moved into a control group here");
    expect_in_the_way(many, path);
    expect_in(line_about(many, path), "tee ");
    expect_in(line_about(some, path), " tight");
    expect_ok(few, path);
}

static void json_tells_the_same(void **state)
{
    (void)state;
    expect_json(doctor_after("ulimit -n 500;", "-J -a 1000"),
                ".limits | map(select(.limit == \"RLIMIT_NOFILE (hard)\"))[0] | "
                ".there == 500 and .needed == 1256 and .verdict == \"in the way\"");
    expect_json(run_tool("doctor", "--json", "--actors=1", NULL),
                ".limits | length > 10 and all(.verdict != \"in the way\" and .remedy == null "
                "or (.verdict | IN(\"slow\", \"partial\")))");
}

static void a_number_of_actors_that_is_none_is_refused(void **state)
{
    (void)state;
    expect_complaint(run_tool("doctor", "-a", "many", NULL), 1, "--actors", "many", NULL);
    expect_complaint(run_tool("doctor", "-a", "0", NULL), 1, "--actors", NULL);
    expect_complaint(run_tool("doctor", "well", NULL), 1, "too many", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(nothing_is_in_the_way_of_one_actor),
        node_test(what_can_be_enforced_is_told),
        node_test(ten_thousand_are_looked_at_by_default),
        node_test(more_processes_than_the_kernel_has_are_refused_by_it),
        node_test(too_few_slots_are_answered_with_an_option_of_run),
        node_test(too_few_descriptors_are_in_the_way),
        node_test(the_remedy_for_descriptors_helps),
        node_test(too_small_files_are_in_the_way),
        node_test(too_few_processes_of_the_user_are_in_the_way),
        node_test(who_may_override_a_limit_is_not_bound_by_it),
        node_test(a_long_path_is_in_the_way),
        node_test(a_place_that_is_not_there_is_in_the_way),
        node_test(a_disk_is_slow_but_not_in_the_way),
        small_disk_test(too_small_a_tmpfs_is_in_the_way_and_its_remedy_helps),
        small_disk_test(too_few_inodes_are_in_the_way_and_their_remedy_helps),
        node_test(a_group_with_too_few_threads_is_in_the_way),
        node_test(json_tells_the_same),
        node_test(a_number_of_actors_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
