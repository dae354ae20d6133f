/* System messages: every behaviour answers them, as sys.h says. The cases are actors, in actors/rules_sys.c. What a server does
 * with each in detail is in test_servers.c.
 */
#include "conformance/rule.h"

/* Beside its exit status: what is traced is printed, and nothing any more when the trace is off. */
static void traced_rule_run(void **state)
{
    struct program *node = rule_start(state);
    program_expect_exit(node, 0);
    const char *said = program_stderr(node), *off = strstr(said, "the trace is off\n"),
               *traced = strstr(said, "*DBG* ");
    assert_non_null(off);
    assert_non_null(traced);
    assert_true(traced < off);
    assert_null(strstr(off, "*DBG* "));
}

#define rule(name) rule_by(traced_rule_run, "bin/tests/rules_sys", name)

static const struct CMUnitTest tests[] = {
    rule(a_server_answers_system_messages),
    rule(a_supervisor_with_an_order_answers_system_messages),
    rule(a_supervisor_without_an_order_answers_system_messages),
    rule(an_agent_answers_system_messages),
    rule(a_registry_answers_system_messages),
    rule(a_pool_answers_system_messages),
    rule(a_worker_answers_system_messages),
    rule(a_program_answers_system_messages),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
