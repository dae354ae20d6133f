/* Death: what the kernel's word and a crash together are called (SEMANTICS 8), and an exec that failed. */
#include "wire/death.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/crash.h"

#define ME 4711

static void reads_as(const struct tri_end *end, const char *expected)
{
    struct tr_out out = {0};
    tri_death_put_end(&out, end);
    char *text = tr_print_new(tr_out_term(&out));
    assert_string_equal(text, expected);
    free(text);
    tr_out_deinit(&out);
}

static void dies_by(int signal, struct tri_crash crash, const char *expected)
{
    crash.cause = TRI_CRASH_SIGNAL;
    crash.signal = signal;
    crash.os_pid = ME;
    crash.thread_id = crash.thread_id ? crash.thread_id : ME;
    const struct tri_end end = {.code = CLD_KILLED, .status = signal, .crash = &crash};
    reads_as(&end, expected);
}

static void a_fault_tells_its_code_and_address(void **state)
{
    (void)state;
    dies_by(SIGSEGV, (struct tri_crash){.code = SEGV_ACCERR, .has_address = 1, .address = 64},
            "{signal,sigsegv,#{core_dumped => false,code => segv_accerr,address => 64}}");
    dies_by(SIGFPE, (struct tri_crash){.code = FPE_INTDIV, .has_address = 1, .address = 8},
            "{signal,sigfpe,#{core_dumped => false,code => fpe_intdiv,address => 8}}");
    dies_by(SIGSEGV, (struct tri_crash){.code = SI_KERNEL},
            "{signal,sigsegv,#{core_dumped => false,code => si_kernel}}");
    dies_by(SIGSEGV, (struct tri_crash){.code = 12345}, "{signal,sigsegv,#{core_dumped => false}}");
}

static void a_sender_is_told_unless_it_is_the_dead_one(void **state)
{
    (void)state;
    dies_by(SIGTERM,
            (struct tri_crash){
                .code = SI_USER, .has_sender = 1, .sender_os_pid = 9, .sender_uid = 1000},
            "{signal,sigterm,#{core_dumped => false,code => si_user,sender => 9,"
            "sender_uid => 1000}}");
    dies_by(SIGABRT, (struct tri_crash){.code = SI_TKILL, .has_sender = 1, .sender_os_pid = ME},
            "{signal,sigabrt,#{core_dumped => false,code => si_tkill}}");
}

static void another_thread_is_named(void **state)
{
    (void)state;
    dies_by(SIGABRT, (struct tri_crash){.code = SI_TKILL, .thread_id = 5, .thread_name = "decoder"},
            "{signal,sigabrt,#{core_dumped => false,code => si_tkill,thread => <<\"decoder\">>}}");
}

static void limits_are_told_apart(void **state)
{
    (void)state;
    struct tri_crash refused = {.code = SEGV_MAPERR,
                                .has_address = 1,
                                .was_refused_memory = 1,
                                .data_limit_bytes = 1000,
                                .data_bytes = 999};
    dies_by(SIGSEGV, refused,
            "{limit,memory,#{core_dumped => false,code => segv_maperr,address => 0,"
            "signal => sigsegv,limit_bytes => 1000,data_bytes => 999}}");
    dies_by(SIGTERM, (struct tri_crash){.was_refused_memory = 1, .code = SI_USER},
            "{signal,sigterm,#{core_dumped => false,code => si_user}}");
    dies_by(SIGXFSZ, (struct tri_crash){.code = SI_KERNEL},
            "{limit,file_size,#{core_dumped => false,code => si_kernel}}");
    dies_by(SIGXCPU, (struct tri_crash){.code = SI_KERNEL},
            "{limit,cpu,#{core_dumped => false,code => si_kernel}}");
}

static void an_exit_without_memory_is_the_limits(void **state)
{
    (void)state;
    struct tri_crash crash = {
        .cause = TRI_CRASH_EXIT, .code = 12, .was_refused_memory = 1, .data_limit_bytes = 5};
    struct tri_end end = {.code = CLD_EXITED, .status = 12, .crash = &crash};
    reads_as(&end, "{limit,memory,#{exit_status => 12,limit_bytes => 5,data_bytes => 0}}");
    end.status = 13; /* another exit than it told of */
    reads_as(&end, "{exit_status,13}");
    crash.was_refused_memory = 0;
    end.status = 12;
    reads_as(&end, "{exit_status,12}");
}

static void what_the_kernel_chose_is_told_apart(void **state)
{
    (void)state;
    struct tri_end end = {.code = CLD_KILLED, .status = SIGKILL, .by_oom_killer = true};
    reads_as(&end, "{limit,memory,#{core_dumped => false,by => oom_killer}}");
    end.group_limit_bytes = 4096;
    reads_as(&end, "{limit,memory,#{core_dumped => false,by => cgroup,limit_bytes => 4096}}");
    end.by_oom_killer = false;
    reads_as(&end, "{signal,sigkill,#{core_dumped => false}}");
}

static void a_denied_call_is_told_by_name_or_number(void **state)
{
    (void)state;
    dies_by(SIGSYS, (struct tri_crash){.code = 1, .syscall = SYS_reboot}, "{denied,reboot}");
    dies_by(SIGSYS, (struct tri_crash){.code = 1, .syscall = 100000}, "{denied,100000}");
    dies_by(SIGSYS, (struct tri_crash){.code = SI_USER},
            "{signal,sigsys,#{core_dumped => false,code => si_user}}");
}

static void a_crash_that_does_not_fit_is_passed_over(void **state)
{
    (void)state;
    struct tri_crash crash = {
        .cause = TRI_CRASH_SIGNAL, .signal = SIGSEGV, .has_address = 1, .code = SEGV_MAPERR};
    struct tri_end end = {.code = CLD_KILLED, .status = SIGKILL, .crash = &crash};
    reads_as(&end, "{signal,sigkill,#{core_dumped => false}}");
    end = (struct tri_end){.code = CLD_EXITED, .status = 0, .crash = &crash};
    reads_as(&end, "normal");
}

static void failure_reads(int fault, const char *path, const char *expected)
{
    char text[128];
    struct tr_out out = {0};
    tri_death_put_exec(&out, fault, path, strlen(path));
    assert_int_equal(out.fault, 0);
    tr_print(tr_out_term(&out), text, sizeof text);
    assert_string_equal(text, expected);
    tr_out_deinit(&out);
}

static void an_exec_failure_tells_errno_and_path(void **state)
{
    (void)state;
    failure_reads(-ENOENT, "/no/such/file", "{exec,enoent,<<\"/no/such/file\">>}");
    failure_reads(-E2BIG, "", "{exec,e2big,<<>>}");
    failure_reads(-4095, "/x", "{exec,errno4095,<<\"/x\">>}");
}

static void who_was_killed_with_its_time_used_up_was_so_for_that(void **state)
{
    (void)state;
    uint64_t second = (uint64_t)sysconf(_SC_CLK_TCK);
    assert_true(tri_death_is_of_cpu(2 * second, 1));
    assert_true(tri_death_is_of_cpu(2 * second * 4 / 5, 1));
    assert_false(tri_death_is_of_cpu(second, 1));
    assert_false(tri_death_is_of_cpu(second * 4 / 3, 1));
    assert_false(tri_death_is_of_cpu(10 * second, 0)); /* it has none */
}

/* What is known of a death later, as text. */
static void becomes(const char *reason, const char *at, const char *report, const char *expected)
{
    struct tr_out given = {0}, out = {0};
    assert_int_equal(tr_parse(reason, &given, NULL, NULL), 0);
    tri_death_put_known(&out, tr_out_term(&given), at, report);
    assert_int_equal(out.fault, 0);
    char *text = tr_print_new(tr_out_term(&out));
    assert_string_equal(text, expected);
    free(text);
    tr_out_deinit(&given);
    tr_out_deinit(&out);
}

static void place_and_report_are_added_to_the_info(void **state)
{
    (void)state;
    becomes("{signal, sigsegv, #{address => 0}}", "f (a.c:1)", "ID",
            "{signal,sigsegv,#{address => 0,at => <<\"f (a.c:1)\">>,report => <<\"ID\">>}}");
    becomes("{limit, memory, #{}}", NULL, "ID", "{limit,memory,#{report => <<\"ID\">>}}");
    becomes("{hang, #{ms => 50}}", "f (a.c:1)", NULL, "{hang,#{ms => 50,at => <<\"f (a.c:1)\">>}}");
}

static void a_reason_without_info_or_with_a_report_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const reasons[] = {
        "killed",      "{}",    "{exit_status,7}", "{exec,enoent,<<\"/x\">>}",
        "#{ms => 50}", "[#{}]", "{#{},{limit,1}}", "{signal,sigkill,#{report => <<\"OLD\">>}}"};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        becomes(reasons[i], "f (a.c:1)", "ID", reasons[i]);
    becomes("{signal,sigkill,#{}}", NULL, NULL, "{signal,sigkill,#{}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_tells_its_code_and_address),
        cmocka_unit_test(a_sender_is_told_unless_it_is_the_dead_one),
        cmocka_unit_test(another_thread_is_named),
        cmocka_unit_test(limits_are_told_apart),
        cmocka_unit_test(an_exit_without_memory_is_the_limits),
        cmocka_unit_test(what_the_kernel_chose_is_told_apart),
        cmocka_unit_test(a_denied_call_is_told_by_name_or_number),
        cmocka_unit_test(a_crash_that_does_not_fit_is_passed_over),
        cmocka_unit_test(an_exec_failure_tells_errno_and_path),
        cmocka_unit_test(place_and_report_are_added_to_the_info),
        cmocka_unit_test(a_reason_without_info_or_with_a_report_stays_as_it_is),
        cmocka_unit_test(who_was_killed_with_its_time_used_up_was_so_for_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
