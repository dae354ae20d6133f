/* How programs as actors end, in whole nodes. The cases are actors, in actors/program_ends.c; that nothing of their programs
 * is left is checked by the fixture, too. */
#include <signal.h>

#include "conformance/rule.h"
#include "support/census.h"

#define BINARY "bin/tests/program_ends"
#define rule(name) rule_of(BINARY, name)

static void programs_end_with_a_node_that_is_stopped(void **state)
{
    (void)state;
    struct program *node = node_start(BINARY, ":stays", NULL);
    wait_until(strstr(program_stderr(node), "here"));
    node_stop(node);
    wait_until(fixture_descendants() == 0);
}

static void programs_end_with_a_node_that_is_killed(void **state)
{
    (void)state;
    struct program *node = node_start(BINARY, ":stays", NULL);
    wait_until(strstr(program_stderr(node), "here"));
    kill(node_os_pid(), SIGKILL);
    wait_until(fixture_descendants() == 0);
}

static void a_stopped_keeper_does_not_hold_up_a_node_that_ends(void **state)
{
    (void)state;
    struct program *node = node_start(BINARY, ":stays_with_a_stopped_keeper", NULL);
    wait_until(strstr(program_stderr(node), "here"));
    node_stop(node);
    wait_until(fixture_descendants() == 0);
}

static const struct CMUnitTest tests[] = {
    /* stop */
    rule(close_stops_it_behind_what_was_sent_before),
    rule(an_exit_signal_stops_it_with_its_reason),
    rule(a_stopped_program_hears_that_it_is_to_end),
    rule(a_program_that_ignores_SIGTERM_is_killed_after_the_deadline),
    rule(a_program_ends_with_its_owner),
    rule(connect_changes_the_owner),
    rule(an_owner_that_is_a_name_is_waited_for),
    rule(a_program_is_never_sent_its_own_output),
    /* nothing stays behind */
    rule(what_a_program_leaves_behind_ends_with_it),
    rule(what_a_program_has_started_ends_when_it_is_stopped),
    rule(what_a_program_has_started_ends_when_it_is_killed),
    rule(what_a_program_has_started_ends_when_its_actor_is_killed),
    rule(the_death_of_an_actor_is_told_when_its_program_is_gone),
    rule(what_a_program_has_started_ends_when_its_keeper_is_killed),
    rule(a_programs_group_ends_when_actor_and_keeper_are_killed),
    node_test(programs_end_with_a_node_that_is_stopped),
    node_test(programs_end_with_a_node_that_is_killed),
    node_test(a_stopped_keeper_does_not_hold_up_a_node_that_ends),
    /* nothing grows */
    rule(who_sends_to_a_program_that_does_not_read_waits),
    rule(what_waited_for_a_slow_program_arrives),
    rule(a_program_whose_owner_does_not_keep_up_waits),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
