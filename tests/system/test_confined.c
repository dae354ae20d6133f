/* Confined: actors with limits and in sandboxes. The cases are actors, in actors/confined.c; most are run twice, by root and by
 * nobody, for whom other rules hold. */
#include "system/confined.h"

#define BINARY "confined"

static void run_as_root_and_hear(void **state)
{
    need_root("root's own rules");
    struct program *node = node_start(
        "bin/tests/confined", ":what_cannot_be_enforced_is_told_and_refused_if_asked", NULL);
    program_expect_exit(node, 0);
    assert_non_null(strstr(program_stderr(node),
                           "of its confinement this machine cannot enforce: processes\n"));
    (void)state;
}

static const struct CMUnitTest tests[] = {
    case_of(an_actor_can_allocate_as_much_as_it_may_and_no_more, run_both_unsanitized),
    case_of(who_is_refused_memory_and_does_not_look_dies_of_that, run_both_unsanitized),
    case_of(who_computes_without_a_sign_of_life_hangs, run_both),
    case_of(who_computes_too_long_dies_of_the_cpu_limit, run_here),
    case_of(who_writes_too_long_a_file_dies_of_that, run_here),
    case_of(descriptors_nice_umask_and_core_are_as_asked, run_both),
    case_of(who_has_as_many_processes_as_it_may_cannot_fork, run_without_rights),
    case_of(what_cannot_be_enforced_is_told_and_refused_if_asked, run_as_root_and_hear),
    case_of(an_actor_in_a_light_sandbox_lives_a_normal_life, run_both),
    case_of(an_actor_in_a_full_sandbox_lives_a_normal_life, run_both),
    case_of(an_actor_that_may_read_almost_nothing_lives_a_normal_life, run_both),
    case_of(a_sandboxed_actor_writes_where_it_may, run_both),
    case_of(a_call_that_a_sandbox_denies_is_told_by_its_name, run_both),
    case_of(a_full_sandbox_has_no_network_and_kills_nobody, run_both),
    case_of(a_child_of_a_sandboxed_actor_dies_of_its_own_signal, run_both_unsanitized),
    case_of(a_light_sandbox_signals_nobody_outside, run_both_without_signals),
    case_of(whom_a_sandboxed_actor_spawns_is_in_its_sandbox, run_both),
    case_of(a_sandboxed_actor_has_only_roots_binaries_executed, run_both),
    case_of(who_comes_from_a_sandbox_cannot_join_the_node, run_both),
    case_of(a_path_that_is_not_there_is_told, run_both),
    case_of(a_child_that_is_started_again_is_confined_again, run_both_unsanitized),
    case_of(a_strict_full_sandbox_is_had_or_refused, run_both),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
