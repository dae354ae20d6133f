/* map: jobs from a shell to workers that crash, hang and lie, and what comes out. */
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell.h"

static void answers_come_in_the_order_of_the_jobs(void **state)
{
    (void)state;
    struct program *shell = run_shell("seq 5000 > in && map -j4 -- \"$mapper\" < in > out && "
                                      "sed 's/.*/<&>/' in | cmp - out");
    assert_string_equal(expect_fine(shell), "");
    shell = run_shell("printf 'sleep 300\\nfast\\n' | map -j2 -- \"$mapper\"");
    assert_string_equal(expect_fine(shell), "<sleep 300>\n<fast>\n");
    /* The first job ends when somebody has read the answer to the second one. */
    shell = run_shell("printf 'until seen\\nfast\\n' | map -j2 -u -- \"$mapper\" | "
                      "while read answer; do echo \"$answer\"; : > seen; done");
    assert_string_equal(expect_fine(shell), "<fast>\n<until seen>\n");
    sweep_folder();
}

/* The jobs around it are given to a worker at once with it, and none of them may be lost or blamed. */
static void a_crash_costs_the_job_that_has_caused_it_and_no_other(void **state)
{
    (void)state;
    struct program *shell =
        run_shell("(seq 1000; echo crash; seq 1002 2000; echo abort; seq 2002 3000) > in; "
                  "map -j3 -- \"$mapper\" < in > out; test $? = 1 && "
                  "grep -v '[ab]' in | sed 's/.*/<&>/' | cmp - out");
    program_expect_exit(shell, 0);
    const char *said = program_stderr(shell);
    expect_in(said, "      1001      ");
    expect_in(said, "sigsegv");
    expect_in(said, "      2001      ");
    expect_in(said, "sigabrt");
    expect_in(said, "2998 done, 2 failed");
    sweep_folder();
}

static void who_dies_of_no_job_costs_none_and_is_told_of(void **state)
{
    (void)state;
    struct program *shell =
        run_shell("printf 'leave\nleave\nleave\n' | map -j1 -- \"$mapper\" did; cat did");
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "<leave>\n<leave>\n<leave>\nleave\nleave\nleave\n");
    expect_in(program_stderr(shell), "3 workers ended with no job in hand (the last: sigsegv)");
    shell = run_shell("seq 3 | map -j1 -- sh -c 'exit 3'"); /* which reads nothing, ever */
    program_expect_exit(shell, 1);
    expect_in(program_stderr(shell), "1  exit status 3  3\n");
    sweep_folder();
}

static void a_job_that_takes_too_long_is_ended_with_all_that_it_has_started(void **state)
{
    (void)state;
    struct program *shell =
        run_shell("printf 'a\\nfamily\\nhang\\nb\\n' | map -j1 -t 3s -- \"$mapper\"");
    program_expect_exit(shell, 1);
    assert_string_equal(program_stdout(shell), "<a>\n<family>\n<b>\n");
    expect_in(program_stderr(shell), "timeout");
    assert_int_equal(fixture_descendants(), 0);
}

static void a_job_is_tried_again_as_often_as_is_said(void **state)
{
    (void)state;
    struct program *shell =
        run_shell("printf 'a\\nexit 7\\n' | map -j2 -r 2 -- \"$mapper\" did; grep -c exit did");
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "<a>\n3\n");
    expect_in(program_stderr(shell), "    3  exit status 7");
    sweep_folder();
}

static void the_reasons_are_told_apart(void **state)
{
    (void)state;
    struct program *shell = run_shell("printf 'exit 0\\nexit 3\\ncomplain\\nclose\\n' | "
                                      "map -j1 -t 10s -- \"$mapper\"");
    program_expect_exit(shell, 1);
    const char *said = program_stderr(shell);
    expect_in(said, "ended without an answer  exit 0");
    expect_in(said, "exit status 3            exit 3");
    expect_in(said, "the mapper complains");
    expect_in(said, "closed its output        close");
    shell = run_shell("printf 'a\\ntwice\\n' | map -j1 -- \"$mapper\"");
    program_expect_exit(shell, 1);
    expect_in(program_stderr(shell), "more answers than it had jobs");
}

static void braces_make_a_process_for_each_job(void **state)
{
    (void)state;
    struct program *shell =
        run_shell("seq 50 | map -j4 -- sh -c 'echo a{}b; echo {}; test {} != 33 || kill -BUS $$'");
    program_expect_exit(shell, 1);
    assert_int_equal(count_lines(program_stdout(shell)), 100);
    expect_in(program_stdout(shell), "a1b\n1\na2b\n2\na3b\n3\n");
    expect_in(program_stderr(shell), "sigbus  33");
    shell = run_shell("printf 'x y\\n$(exit 3)\\n' | map -- printf '%s.' {}");
    assert_string_equal(expect_fine(shell), "x y.$(exit 3).");
}

#define PRINT "sh -c 'head -c {} /dev/zero | tr \"\\0\" x'"

/* More than is kept in memory, between others. */
static void a_process_may_print_as_much_as_it_likes(void **state)
{
    (void)state;
    struct program *shell =
        run_shell("printf '5\n3000000\n1048576\n0\n9\n' > in; "
                  "while read n; do head -c $n /dev/zero | tr '\\0' x; done < in > want; "
                  "map -j4 -- " PRINT " < in | cmp - want && map -j4 -- " PRINT " < in > out && "
                  "cmp out want && map -j4 -u -- " PRINT " < in | wc -c; rm want");
    assert_string_equal(expect_fine(shell), "4048590\n");
    sweep_folder();
}

static void a_process_may_print_more_than_the_memory_that_is_allowed(void **state)
{
    (void)state;
    need_exact_memory();
    struct program *shell = run_shell("ulimit -d 50000; echo 100000000 | map -- " PRINT " | wc -c");
    assert_string_equal(expect_fine(shell), "100000000\n");
}

static void a_job_fails_when_there_is_no_room_for_what_it_prints(void **state)
{
    (void)state;
    struct program *shell = run_shell("export TMPDIR=/nowhere/at/all; "
                                      "printf '5\n3000000\n9\n' | map -- " PRINT);
    program_expect_exit(shell, 1);
    assert_string_equal(program_stdout(shell), "xxxxxxxxxxxxxx");
    expect_in(program_stderr(shell), "no room for what it prints  3000000");
    expect_in(program_stderr(shell), "cannot be put aside: No such file or directory");
}

static void jobs_may_have_any_bytes_in_them(void **state)
{
    (void)state;
    struct program *shell =
        run_shell("printf 'a\\nb\\0c\\0' | map -0 -j1 -- sed -uz 's/.*/[&]/' | tr '\\0' '|'");
    assert_string_equal(expect_fine(shell), "[a\nb]|[c]|");
    shell =
        run_shell("printf '\\0\\2ab\\0\\1c' | map --packet 2 -j1 -- cat | od -An -c | tr -d ' '");
    assert_string_equal(expect_fine(shell), "\\0002ab\\0001c\n");
}

/* Killed at whatever moment, as often as it takes: what comes out in the end is what would have come out at once. */
static void a_run_that_was_killed_goes_on_where_it_was(void **state)
{
    (void)state;
    program_expect_exit(run_shell("seq 1500 | sed 's/^/sleep 1 /' > in"), 0);
    unsigned kills = 0;
    for (;;) {
        struct program *shell = start_shell(
            "exec \"$(dirname \"$mapper\")/../troupe\" map -j4 --joblog log --resume -- "
            "\"$mapper\" did < in >> out");
        usleep(150000);
        if (program_is_over(shell) || kills == 8) {
            program_expect_exit(shell, 0);
            break;
        }
        program_signal(shell, SIGKILL);
        program_wait(shell);
        kills++;
        wait_until(fixture_descendants() == 0);
    }
    assert_true(kills > 0);
    struct program *shell =
        run_shell("sed 's/.*/<&>/' in | cmp - out && cut -f1,5 log | grep -c ok && "
                  "map --joblog log --resume -- false < in");
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "1500\n");
    expect_in(program_stderr(shell), "1500 done by an earlier run");
    sweep_folder();
}

/* Only what a run that was killed has printed and not entered goes. */
static void what_others_have_printed_behind_a_run_stays(void **state)
{
    (void)state;
    struct program *shell =
        run_shell("seq 3 > in; (map --joblog log -- \"$mapper\" < in; echo behind it; seq 4 >> in; "
                  "map --joblog log --resume -- \"$mapper\" < in) > out; cat out");
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "<1>\n<2>\n<3>\nbehind it\n<1>\n<2>\n<3>\n<4>\n");
    sweep_folder();
}

/* One file has everything, as in a log: nothing of it that was entered goes. */
static void what_others_print_between_is_not_counted_as_answers(void **state)
{
    (void)state;
    struct program *shell = start_shell(
        "(yes | head -40; echo hang) > in; exec \"$(dirname \"$mapper\")/../troupe\" map -j1 "
        "--joblog log -- sh -c 'while read job; do echo a worker of many words tells >&2; "
        "test $job = y || sleep 1000; echo answer; done' < in >> out 2>&1");
    wait_until(program_is_over(shell) ||
               program_wait(run_shell("test $(cut -f5 log | grep -c ok) = 40")) == 0);
    program_signal(shell, SIGKILL);
    program_wait(shell);
    wait_until(fixture_descendants() == 0);
    shell = run_shell("map -j1 --joblog log --resume -- sh -c 'while read job; do echo last; done' "
                      "< in >> out; grep -c answer out; tail -n1 out; grep -c moved log >&2");
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "40\nlast\n");
    sweep_folder();
}

static void what_was_under_way_is_told_or_not_begun_again(void **state)
{
    (void)state;
    struct program *shell =
        start_shell("echo hang > in; exec \"$(dirname \"$mapper\")/../troupe\" map "
                    "--joblog log -- \"$mapper\" did < in");
    wait_until(program_is_over(shell) || program_wait(run_shell("test -s did")) == 0);
    program_signal(shell, SIGKILL);
    program_wait(shell);
    shell = run_shell("map --once --joblog log --resume -- \"$mapper\" did < in");
    program_expect_exit(shell, 1);
    expect_in(program_stderr(shell), "interrupted");
    shell =
        run_shell("map --joblog log --resume-failed -t 2s -- \"$mapper\" did < in; wc -l < did");
    program_expect_exit(shell, 0);
    assert_string_equal(program_stdout(shell), "2\n");
    sweep_folder();
}

static void a_signal_ends_it_with_all_its_workers(void **state)
{
    (void)state;
    char did[4096];
    snprintf(did, sizeof did, "%s/did", fixture_run_dir());
    struct program *shell =
        start_shell("seq 5 > in; exec \"$(dirname \"$mapper\")/../troupe\" map -j2 -- "
                    "sh -c 'echo {} >> did; sleep 100' < in");
    wait_until(program_is_over(shell) || access(did, F_OK) == 0);
    program_signal(shell, SIGTERM);
    program_expect_exit(shell, 128 + SIGTERM);
    assert_int_equal(fixture_descendants(), 0);
    sweep_folder();
}

static void what_cannot_be_is_said_in_one_line(void **state)
{
    (void)state;
    expect_complaint(run_shell("seq 3 | map -- ./nothing-there"), 2, "nothing-there",
                     "No such file", NULL);
    expect_complaint(run_shell("seq 3 | map --resume -- cat"), 2, "joblog", NULL);
    expect_complaint(run_shell("seq 3 | map -j0 -- cat"), 2, "-j", NULL);
    expect_complaint(run_shell("seq 3 | map --once -r1 -- cat"), 2, "--once", NULL);
    expect_complaint(run_shell("printf '\\0\\5ab' | map --packet 2 -- cat"), 2, "ends within",
                     NULL);
    expect_complaint(run_shell("echo x > seen; seq 3 | map --joblog seen -- cat"), 2, "seen",
                     "--resume", NULL);
    expect_complaint(run_shell("seq 3 | map --joblog seen --resume -- cat"), 2, "no joblog", NULL);
    expect_complaint(run_shell("seq 3 | map --joblog no/log -- cat"), 2, "no/log", NULL);
    expect_complaint(run_shell("seq 100000 | map -- \"$mapper\" > /dev/full"), 2, "standard output",
                     NULL);
    expect_complaint(run_shell("seq 9 > in; map --joblog log -- \"$mapper\" < in > out; seq 2 10 | "
                               "map --joblog log --resume -- \"$mapper\" >> out"),
                     2, "job 1", "same input", NULL);
    expect_complaint(run_shell("seq 8 | map --joblog log --resume -- \"$mapper\" >> out"), 2,
                     "before job 9", "same input", NULL);
    expect_complaint(run_shell("map --joblog log --resume -- \"$mapper\" < in > out"), 2, ">>",
                     NULL);
    sweep_folder();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(answers_come_in_the_order_of_the_jobs),
        node_test(a_crash_costs_the_job_that_has_caused_it_and_no_other),
        node_test(who_dies_of_no_job_costs_none_and_is_told_of),
        node_test(a_job_that_takes_too_long_is_ended_with_all_that_it_has_started),
        node_test(a_job_is_tried_again_as_often_as_is_said),
        node_test(the_reasons_are_told_apart),
        node_test(braces_make_a_process_for_each_job),
        node_test(a_process_may_print_as_much_as_it_likes),
        node_test(a_process_may_print_more_than_the_memory_that_is_allowed),
        node_test(a_job_fails_when_there_is_no_room_for_what_it_prints),
        node_test(jobs_may_have_any_bytes_in_them),
        node_test(a_run_that_was_killed_goes_on_where_it_was),
        node_test(what_others_have_printed_behind_a_run_stays),
        node_test(what_others_print_between_is_not_counted_as_answers),
        node_test(what_was_under_way_is_told_or_not_begun_again),
        node_test(a_signal_ends_it_with_all_its_workers),
        node_test(what_cannot_be_is_said_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
