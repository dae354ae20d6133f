/* Rules 6 to 8 of SEMANTICS.md, and each cell of its table of exit(P, R). The cases are actors, in actors/rules_exit.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/rules_exit", name)

static const struct CMUnitTest tests[] = {
    /* SEMANTICS, the table, cell by cell */
    rule(exit_normal_from_another_is_dropped),
    rule(exit_normal_from_another_is_a_message_when_trapped),
    rule(exit_normal_from_itself_is_an_end),
    rule(exit_normal_from_itself_is_a_message_when_trapped),
    rule(exit_kill_kills),
    rule(exit_kill_cannot_be_trapped),
    rule(exit_kill_from_itself_kills),
    rule(kill_through_a_link_is_a_reason_as_any),
    rule(kill_through_a_link_can_be_trapped),
    rule(any_other_reason_ends_with_that_reason),
    rule(any_other_reason_is_a_message_when_trapped),
    rule(any_other_reason_from_itself),
    rule(exit_signals_to_the_dead_are_silent),
    rule(a_large_reason_arrives_whole),
    /* SEMANTICS 6, 7: what links pass on */
    rule(a_killed_process_passes_killed_to_its_links),
    rule(a_normal_end_leaves_linked_processes_alive),
    rule(shutdown_takes_down_those_that_do_not_trap),
    rule(a_reason_runs_along_a_chain_of_links),
    /* SEMANTICS 8: native deaths */
    rule(returning_is_normal),
    rule(exit_status_0_is_normal),
    rule(_exit_status_0_is_normal),
    rule(exit_status_3_is_a_reason),
    rule(_exit_status_3_is_a_reason),
    rule(exit_status_255_is_a_reason),
    rule(a_segmentation_fault_is_sigsegv),
    rule(a_stack_overflow_is_sigsegv),
    rule(abort_is_sigabrt),
    rule(a_division_by_zero_is_sigfpe),
    rule(an_illegal_instruction_is_sigill),
    rule(a_bus_error_is_sigbus),
    rule(a_strangers_sigkill_is_sigkill),
    rule(a_strangers_sigterm_is_sigterm),
    signal_rule_of("bin/tests/rules_exit", the_cpu_limit_is_a_reason),
    rule(any_signal_has_its_name),
    rule(the_runtimes_sigkill_is_told_by_its_reason),
    rule(an_exec_failure_is_the_outcome_of_spawn),
    rule(an_exec_failure_is_the_answer_to_spawn_request),
    rule(an_exec_failure_is_told_to_who_watches_by_name),
    rule(exit_1_tells_its_reason),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
