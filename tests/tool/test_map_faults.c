/* map, when what it stands on gives way: killed and stopped processes, no more descriptors or processes, a full disk, a reader
 * that does not read, jobs of many megabytes. */
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shell.h"
#include "support/copy.h"
#include "support/process_state.h"
#include "support/small_disk.h"
#include "terminal.h"

#define MAP "exec \"$(dirname \"$mapper\")/../troupe\" map "

/* How many lines of the file `did` begin with that. */
static size_t begun(const char *job)
{
    char path[4096], line[256];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/did", fixture_run_dir());
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        count += strncmp(line, job, strlen(job)) == 0;
    if (file)
        fclose(file);
    return count;
}

/* The only worker of a run, and its keeper. */
static pid_t keeper_of(struct program *map)
{
    pid_t keeper = census_child(map->os_pid, "keeper");
    assert_int_not_equal(keeper, 0);
    return keeper;
}

static pid_t worker_of(struct program *map)
{
    pid_t worker = census_child(keeper_of(map), "mapper");
    assert_int_not_equal(worker, 0);
    return worker;
}

static void a_keeper_that_is_killed_costs_its_job_and_leaves_nothing(void **state)
{
    (void)state;
    struct program *map = start_shell("printf 'family\\nhang\\nhang\\na\\n' > in && " MAP
                                      "-j1 -- \"$mapper\" did < in");
    wait_until(begun("hang") == 1);
    assert_int_equal(fixture_descendants(), 6);
    kill(keeper_of(map), SIGKILL);
    wait_until(begun("hang") == 2 && fixture_descendants() == 3);
    kill(worker_of(map), SIGKILL);
    program_expect_exit(map, 1);
    assert_string_equal(program_stdout(map), "<family>\n<a>\n");
    expect_in(program_stderr(map), "its keeper was killed  hang");
    expect_in(program_stderr(map), "sigkill                hang");
    sweep_folder();
}

static void who_was_stopped_is_ended_by_its_time(void **state)
{
    (void)state;
    struct program *map =
        start_shell("printf 'hang\\nhang\\na\\n' > in && " MAP "-j1 -t 3s -- \"$mapper\" did < in");
    wait_until(begun("hang") == 1);
    process_stop(worker_of(map));
    wait_until(begun("hang") == 2);
    process_stop(keeper_of(map));
    program_expect_exit(map, 1);
    assert_string_equal(program_stdout(map), "<a>\n");
    expect_in(program_stderr(map), "timeout  hang\n         2      1  timeout  hang\n");
    sweep_folder();
}

static void with_few_descriptors_fewer_workers_do_it(void **state)
{
    (void)state;
    struct program *shell = run_shell("seq 200 > in; (ulimit -n 24; map -j16 -- \"$mapper\" < in) "
                                      "> out; sed 's/.*/<&>/' in | cmp - out");
    program_expect_exit(shell, 0);
    sweep_folder();
}

static void with_too_few_descriptors_for_any_worker_it_ends(void **state)
{
    (void)state;
    struct program *shell = run_shell("seq 3 | (ulimit -n 12; map -j2 -- cat)");
    program_expect_exit(shell, 2);
    expect_in(program_stderr(shell), "no worker can be started: Too many open files");
}

static void with_few_processes_fewer_workers_do_it(void **state)
{
    (void)state;
    need_root("another user");
    struct copies copies;
    char script[512], troupe[COPY_PATH_BYTES], mapper[COPY_PATH_BYTES];
    copies_begin(&copies);
    copies_add(&copies, "troupe", "troupe", troupe);
    copies_add(&copies, "tests/mapper", "mapper", mapper);
    snprintf(script, sizeof script,
             "seq 200 > in; chmod 711 .; setpriv --reuid %d --clear-groups prlimit --nproc=7 %s "
             "map -j8 -- %s < in > out; echo $?; sed 's/.*/<&>/' in | cmp - out",
             1000000 + (int)getpid(), troupe, mapper);
    struct program *shell = run_shell(script);
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "0\n");
    copies_end(&copies);
    sweep_folder();
}

static void a_full_disk_is_told_and_the_rest_is_done_when_there_is_room(void **state)
{
    (void)state;
    small_disk_mount("size=300k");
    struct program *shell = run_shell("seq 30000 > in; map --joblog log -- \"$mapper\" < in > out");
    program_expect_exit(shell, 2);
    expect_in(program_stderr(shell), "No space left");
    assert_true(small_disk_resize(8 << 20));
    shell = run_shell("map --joblog log --resume -- \"$mapper\" < in >> out && "
                      "sed 's/.*/<&>/' in | cmp - out");
    program_expect_exit(shell, 0);
    sweep_folder();
    small_disk_expect_empty();
}

static void jobs_of_many_megabytes_and_very_many_jobs_are_jobs(void **state)
{
    (void)state;
    struct program *shell = run_shell(
        "head -c 67108864 /dev/zero | tr '\\0' x | map -j2 -- cat | wc -c; "
        "head -c 67108865 /dev/zero | tr '\\0' x | map -j2 -- cat; test $? = 2 && "
        "head -c 3000000 /dev/zero | tr '\\0' x | map -j1 -- sh -c 'echo {}' 2>&1 | grep -c long");
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "67108865\n1\n");
    expect_in(program_stderr(shell), "job 1 is longer than 67108864 bytes");
    shell = run_shell("seq 1000000 > in; map -j2 -- cat < in | cmp - in");
    assert_string_equal(expect_fine(shell), "");
    sweep_folder();
}

static size_t resident_bytes(pid_t os_pid)
{
    char text[128];
    size_t size = 0, resident = 0;
    if (tri_osproc_read(os_pid, "statm", text, sizeof text))
        sscanf(text, "%zu %zu", &size, &resident);
    return resident * (size_t)getpagesize();
}

/* A pipe whose reader sleeps until it is told, with two hundred megabytes to come. It can be interrupted meanwhile. */
static void a_reader_that_does_not_read_costs_little_memory(void **state)
{
    (void)state;
    const char *const orders[] = {"", "-u"};
    for (int i = 0; i < 2; i++) {
        char line[512];
        snprintf(
            line, sizeof line,
            "mkfifo out; (sleep 1000 < out) & exec > out; yes | head -200 > in; " MAP
            "-j2 %s -t 10s -- sh -c 'while read l; do head -c 1000000 /dev/zero | tr \"\\0\" x; "
            "echo; echo >> did; done' < in",
            orders[i]);
        struct program *map = start_shell(line);
        size_t last = 0;
        wait_until(begun("\n") > 50);
        for (uint64_t still_ns = tri_deadline_ns(500); !tri_deadline_is_over(still_ns);) {
            if (begun("\n") != last)
                still_ns = tri_deadline_ns(500);
            last = begun("\n");
            usleep(1000);
        }
        assert_in_range(last, 51, 140);
        if (IS_SANITIZED)
            print_message("its memory is not measured: a sanitizer's counts as its own\n");
        else
            assert_in_range(resident_bytes(map->os_pid), 0, 160 << 20);
        program_signal(map, SIGTERM);
        program_wait(map);
        program_expect_exit(run_shell("rm out"), 0);
        sweep_folder();
    }
}

static void a_reader_that_goes_away_ends_it(void **state)
{
    (void)state;
    struct program *shell = run_shell("seq 1000000 | map -- cat | head -2");
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "1\n2\n");
    expect_in(program_stderr(shell), "standard output cannot be written: ");
}

static void an_output_that_is_closed_is_told_before_anything_is_done(void **state)
{
    (void)state;
    struct program *shell = run_shell("seq 3 | map -- \"$mapper\" did >&-");
    expect_complaint(shell, 2, "standard output cannot be used", NULL);
    assert_int_equal(begun(""), 0);
    shell = run_shell("seq 3 | map -- cat <&- >&-");
    expect_complaint(shell, 2, "standard output cannot be used", NULL);
}

static void without_any_input_there_is_nothing_to_do(void **state)
{
    (void)state;
    assert_string_equal(expect_fine(run_shell("map -- cat < /dev/null")), "");
    assert_string_equal(expect_fine(run_shell("map -- cat <&-")), "");
}

static void what_is_read_or_printed_is_no_joblog(void **state)
{
    (void)state;
    struct program *shell = run_shell("seq 3 | map --joblog out -- cat > out");
    program_expect_exit(shell, 2);
    expect_in(program_stderr(shell), "out is the output of this run");
    shell = run_shell("seq 3 > in; ln -s in log; map --joblog log --resume -- cat < in; "
                      "test $? = 2 && seq 3 | cmp - in");
    program_expect_exit(shell, 0);
    expect_in(program_stderr(shell), "log is the input of this run");
    sweep_folder();
}

/* Runs a line of shell on a terminal. */
static const char *run_on_terminal(const char *line, int *ret_status)
{
    char script[8192];
    snprintf(script, sizeof script, "cd '%s' && exec '%s/troupe' map %s", fixture_run_dir(),
             program_folder(), line);
    const char *const argv[] = {"sh", "-c", script, NULL};
    setenv("TERM", "xterm", 1);
    return terminal_run_program(100, ret_status, "/bin/sh", argv);
}

static void on_a_terminal_it_tells_how_far_it_is(void **state)
{
    int status;
    (void)state;
    program_expect_exit(run_shell("(echo SEGV; yes | head -60) > in"), 0);
    const char *text = run_on_terminal(
        "-j2 -- sh -c 'test {} = y || kill -{} $$; sleep 0.05; echo {}' < in > out", &status);
    assert_int_equal(status, 1);
    expect_in(text, "\r\033[K");
    expect_in(text, " done  1 failed  ");
    expect_in(text, "/s  [#");
    expect_in(text, " %  0:");
    expect_in(text, " left\r\033[K");
    expect_in(text, "         1      1  sigsegv  SEGV\r\n");
    expect_in(text, "\ntroupe: 60 done, 1 failed in 0:");
    expect_not_in(run_on_terminal("-q -- cat < in > out", &status), "\033");
    assert_int_equal(status, 0);
    setenv("TERM", "dumb", 1);
    sweep_folder();
}

/* Everything that is shown is what the line in the middle of which it was shown left. */
static void answers_on_a_terminal_stand_in_lines_of_their_own(void **state)
{
    int status;
    (void)state;
    program_expect_exit(run_shell("seq 30 > in"), 0);
    char *text = strdup(run_on_terminal("-j1 -- sh -c 'sleep 0.03; echo {}' < in", &status));
    assert_int_equal(status, 0);
    for (int job = 1; job <= 30; job++) {
        char own[32], cleared[32];
        snprintf(own, sizeof own, "\n%d\r\n", job);
        snprintf(cleared, sizeof cleared, "\r\033[K%d\r\n", job);
        assert_true(strstr(text, own) || strstr(text, cleared));
    }
    free(text);
    sweep_folder();
}

static void who_interrupts_it_is_told_how_to_go_on(void **state)
{
    (void)state;
    struct program *map =
        start_shell("printf 'a\\nhang\\n' > in; " MAP "-j1 --joblog log -- \"$mapper\" did < in");
    wait_until(begun("hang") == 1);
    program_signal(map, SIGINT);
    program_expect_exit(map, 128 + SIGINT);
    expect_in(program_stderr(map), "troupe: 1 done, 0 failed");
    expect_in(program_stderr(map), "interrupted; the same with --resume does the rest");
    sweep_folder();
}

static void who_wants_to_live_on_behind_a_terminal_does(void **state)
{
    (void)state;
    struct program *map = start_shell("trap '' HUP INT; printf 'sleep 300\\n' > in; " MAP
                                      "-j1 -- \"$mapper\" did < in");
    wait_until(begun("sleep") == 1);
    program_signal(map, SIGHUP);
    program_signal(map, SIGINT);
    assert_string_equal((program_expect_exit(map, 0), program_stdout(map)), "<sleep 300>\n");
    sweep_folder();
}

static void limits_and_sandbox_are_reasons(void **state)
{
    (void)state;
    struct program *shell = run_shell(
        "map -j2 --cpu 1s -- sh -c 'test {} = b || while :; do :; done; echo {}' <<-E\na\nb\nE");
    program_expect_exit(shell, 1);
    assert_string_equal(program_stdout(shell), "b\n");
    expect_in(program_stderr(shell), "cpu limit  a");
    need_exact_memory();
    shell = run_shell("printf 'small\\nlarge\\n' | map -j1 --memory 20M -- \"$mapper\"");
    program_expect_exit(shell, 1);
    assert_string_equal(program_stdout(shell), "<small>\n");
    expect_in(program_stderr(shell), "memory limit  large");
    shell = run_shell("printf 'a\\nmount\\n' | map -j1 --sandbox light --strict -- \"$mapper\"");
    if (strstr(program_stderr(shell), "cannot enforce"))
        skip_because("this machine cannot enforce all of a light sandbox");
    program_expect_exit(shell, 1);
    expect_in(program_stderr(shell), "denied call: mount  mount");
    shell = run_shell("mkdir seen; echo b | map --sandbox light --writable seen -- \"$mapper\" "
                      "seen/did; cat seen/did; echo b | map --sandbox light -- \"$mapper\" did "
                      ">&2; test ! -e did");
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "<b>\nb\n");
    sweep_folder();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_keeper_that_is_killed_costs_its_job_and_leaves_nothing),
        node_test(who_was_stopped_is_ended_by_its_time),
        node_test(with_few_descriptors_fewer_workers_do_it),
        node_test(with_too_few_descriptors_for_any_worker_it_ends),
        node_test(with_few_processes_fewer_workers_do_it),
        small_disk_test(a_full_disk_is_told_and_the_rest_is_done_when_there_is_room),
        node_test(jobs_of_many_megabytes_and_very_many_jobs_are_jobs),
        node_test(a_reader_that_does_not_read_costs_little_memory),
        node_test(a_reader_that_goes_away_ends_it),
        node_test(an_output_that_is_closed_is_told_before_anything_is_done),
        node_test(without_any_input_there_is_nothing_to_do),
        node_test(what_is_read_or_printed_is_no_joblog),
        node_test(on_a_terminal_it_tells_how_far_it_is),
        node_test(answers_on_a_terminal_stand_in_lines_of_their_own),
        node_test(who_interrupts_it_is_told_how_to_go_on),
        node_test(who_wants_to_live_on_behind_a_terminal_does),
        node_test(limits_and_sandbox_are_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
