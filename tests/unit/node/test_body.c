/* Reasons: what the kernel says about a death, as a term, as text, and as the launcher's exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "node/body.h"

static void death_reads(int code, int status, const char *text, int exit_status)
{
    char buffer[128];
    struct tri_body *body = tri_body_of_death(code, status);
    assert_string_equal(tri_body_text(body, buffer, sizeof buffer), text);
    assert_int_equal(tri_body_exit_status(body), exit_status);
    tri_body_unref(body);
}

static void a_native_death_is_a_reason(void **state)
{
    (void)state;
    death_reads(CLD_EXITED, 0, "normal", 0);
    death_reads(CLD_EXITED, 3, "{exit_status,3}", 3);
    death_reads(CLD_KILLED, SIGKILL, "{signal,sigkill,#{core_dumped => false}}", 128 + SIGKILL);
    death_reads(CLD_DUMPED, SIGSEGV, "{signal,sigsegv,#{core_dumped => true}}", 128 + SIGSEGV);
    death_reads(CLD_KILLED, SIGRTMIN + 2, "{signal,sigrt2,#{core_dumped => false}}",
                128 + SIGRTMIN + 2);
}

static void a_death_at_the_cpu_limit_is_a_limits(void **state)
{
    (void)state;
    death_reads(CLD_KILLED, SIGXCPU, "{limit,cpu,#{core_dumped => false}}", 128 + SIGXCPU);
    death_reads(CLD_DUMPED, SIGXCPU, "{limit,cpu,#{core_dumped => true}}", 128 + SIGXCPU);
    death_reads(CLD_EXITED, SIGXCPU, "{exit_status,24}", 24);
}

static void a_reason_gives_the_launchers_exit_status(void **state)
{
    static const struct {
        const char *reason;
        int status;
    } table[] = {{"normal", 0},
                 {"shutdown", 0},
                 {"{shutdown, why}", 0},
                 {"{exit_status, 7}", 7},
                 {"{exit_status, 0}", 1},
                 {"{exit_status, 1000}", 1},
                 {"killed", 137},
                 {"{limit, cpu, x}", 152},
                 {"{limit, memory, x}", 1},
                 {"{signal, nonsense, x}", 1},
                 {"noproc", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct tr_out out = {0};
        assert_int_equal(tr_parse(table[i].reason, &out, NULL, NULL), 0);
        struct tri_body *body = tri_body_of_out(&out);
        assert_int_equal(tri_body_exit_status(body), table[i].status);
        tri_body_unref(body);
        tr_out_deinit(&out);
    }
}

static void only_the_atoms_normal_and_kill_are_special(void **state)
{
    static const struct {
        const char *atom;
        enum tri_exit_reason reason;
    } table[] = {{"normal", TRI_REASON_NORMAL},
                 {"kill", TRI_REASON_KILL},
                 {"killed", TRI_REASON_OTHER},
                 {"shutdown", TRI_REASON_OTHER}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct tri_body *body = tri_body_of_atom(table[i].atom);
        assert_int_equal(tri_body_reason(body), table[i].reason);
        tri_body_unref(body);
    }
}

static void a_packets_malformed_reason_becomes_badarg(void **state)
{
    const uint8_t junk[] = {0xff, 1, 2};
    char text[32];
    struct tri_packet packet = {.head = {.body_bytes = sizeof junk}, .body = junk, .passed_fd = -1};
    (void)state;
    struct tri_body *body = tri_body_of_packet(&packet);
    assert_string_equal(tri_body_text(body, text, sizeof text), "badarg");
    tri_body_unref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_native_death_is_a_reason),
        cmocka_unit_test(a_death_at_the_cpu_limit_is_a_limits),
        cmocka_unit_test(a_reason_gives_the_launchers_exit_status),
        cmocka_unit_test(only_the_atoms_normal_and_kill_are_special),
        cmocka_unit_test(a_packets_malformed_reason_becomes_badarg),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
