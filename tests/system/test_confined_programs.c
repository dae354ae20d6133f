/* Confined programs: limits and sandboxes of executables. The cases are actors, in actors/confined_programs.c. */
#include "system/confined.h"

#define BINARY "confined_programs"

static void run_where_groups_can_be_made(void **state)
{
    if (access("/sys/fs/cgroup/cgroup.procs", W_OK) < 0 &&
        access("/sys/fs/cgroup/unified/cgroup.procs", W_OK) < 0)
        skip_because("no control group of version 2 can be made here");
    run_here(state);
}

static const struct CMUnitTest tests[] = {
    case_of(who_takes_too_much_memory_is_killed_with_all_that_it_started, run_both_unsanitized),
    case_of(an_allocation_of_twice_as_much_as_it_may_fails, run_both_unsanitized),
    case_of(a_program_that_computes_too_long_dies_of_the_cpu_limit, run_here),
    case_of(a_program_has_descriptors_nice_and_files_as_it_may, run_both),
    case_of(a_program_has_umask_and_core_as_asked, run_both),
    case_of(what_a_program_cannot_have_is_refused_if_asked, run_without_rights),
    case_of(a_program_of_roots_with_too_many_processes_is_killed, run_as_root),
    case_of(a_program_with_as_many_processes_as_it_may_cannot_fork, run_without_rights),
    case_of(a_program_is_in_a_control_group_of_its_own, run_where_groups_can_be_made),
    case_of(a_call_that_a_program_is_denied_is_told_by_its_name, run_both),
    case_of(a_sandboxed_program_writes_where_it_may, run_both),
    case_of(a_program_in_a_full_sandbox_is_alone, run_both),
    case_of(a_program_in_a_full_sandbox_has_namespaces_of_its_own, run_both),
    case_of(a_program_in_a_light_sandbox_signals_nobody_outside, run_both_without_signals),
    case_of(a_sandboxed_program_is_the_user_that_it_is_to_be, run_as_root),
    case_of(what_cannot_be_had_of_a_program_is_told, run_both_unsanitized),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
