/* Reasons of death: what EXIT and DOWN tell of an end (SEMANTICS 8). The cases are actors, in actors/mortals.c
 * and actors/hangs.c. */
#include "conformance/rule.h"
#include "support/skip.h"

#define rule(name) rule_of("bin/tests/mortals", name)
#define memory_rule(name) memory_rule_of("bin/tests/mortals", name)
#define hang_rule(name) rule_of("bin/tests/hangs", name)

static void who_waits_for_a_processor_does_not_hang(void **state)
{
    (void)state;
    if (access("/proc/self/schedstat", R_OK) < 0)
        skip_because("the kernel does not count who waits for a processor");
    program_expect_exit(
        node_start("bin/tests/hangs", ":who_waits_for_a_processor_does_not_hang", NULL), 0);
}

static const struct CMUnitTest tests[] = {
    rule(an_exit_status_is_a_reason),
    rule(a_reason_that_was_given_is_told_as_it_is),
    rule(a_null_pointer_is_told_by_its_address),
    rule(a_wild_pointer_is_told_by_its_address),
    rule(memory_that_must_not_be_written_is_told_apart),
    rule(a_call_of_a_null_pointer_is_told),
    rule(a_call_of_a_wild_pointer_is_told_with_its_caller),
    rule(a_stack_that_overflows_is_told),
    rule(an_abort_is_told_without_a_sender),
    rule(a_division_by_zero_is_told),
    rule(an_illegal_instruction_is_told),
    rule(a_bus_error_is_told),
    rule(a_crash_of_another_thread_names_the_thread),
    memory_rule(a_crash_within_malloc_is_told),
    rule(a_crash_with_a_damaged_stack_is_told),
    rule(a_crash_of_an_actors_child_is_not_its_own),
    rule(a_programs_own_handler_stays),
    rule(a_signal_from_outside_is_told_with_its_sender),
    rule(each_signal_is_told_by_its_name),
    rule(a_kill_from_outside_is_told),
    rule(a_kill_by_the_runtime_is_told_with_its_reason),
    rule(nobody_else_may_kill),
    memory_rule(a_limit_of_memory_is_told),
    signal_rule_of("bin/tests/mortals", a_limit_of_cpu_is_told),
    rule(a_limit_of_file_size_is_told),
    rule(a_full_mailbox_is_told),
    rule(a_denied_system_call_is_told_by_its_name),
    rule(what_cannot_be_executed_is_told),
    hang_rule(who_computes_for_ever_hangs),
    hang_rule(who_is_stuck_in_a_system_call_hangs),
    hang_rule(who_is_stopped_hangs),
    hang_rule(who_hears_no_signal_hangs),
    hang_rule(who_has_a_heartbeat_or_waits_does_not_hang),
    node_test(who_waits_for_a_processor_does_not_hang),
    hang_rule(who_was_stopped_with_its_node_does_not_hang),
    rule(a_hundred_segmentation_faults),
    rule(a_hundred_aborts),
    memory_rule(a_hundred_limits_of_memory),
    rule(a_hundred_kills),
    hang_rule(a_hundred_hangs),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
