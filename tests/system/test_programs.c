/* Programs as actors, in whole nodes. The cases are actors, in actors/programs.c; that nothing of their programs is left is
 * checked by the fixture, too. */
#include "conformance/rule.h"

#define BINARY "bin/tests/programs"
#define rule(name) rule_of(BINARY, name)

static void standard_error_goes_to_the_log(void **state)
{
    (void)state;
    struct program *node = node_start(BINARY, ":standard_error_goes_to_the_log", NULL);
    program_expect_exit(node, 0);
    const char *seen = program_stderr(node);
    assert_non_null(strstr(seen, "<0.2.1> sh: oops\n"));
    assert_non_null(strstr(seen, "<0.2.1> sh: a\\x1b[31mb\\xff\n"));
}

static void the_output_of_a_program_without_owner_goes_to_the_log(void **state)
{
    (void)state;
    struct program *node =
        node_start(BINARY, ":the_output_of_a_program_without_owner_goes_to_the_log", NULL);
    program_expect_exit(node, 0);
    assert_non_null(strstr(program_stderr(node), "<0.2.1> sh: lonely\n"));
    assert_non_null(strstr(program_stderr(node), "reason {exit_status,3}"));
}

static const struct CMUnitTest tests[] = {
    rule(sort_prints_when_its_input_has_ended),
    rule(bc_answers_line_by_line),
    rule(a_python_script_has_arguments_environment_and_directory),
    rule(a_program_runs_as_another_user),
    /* frames */
    rule(a_line_of_ten_megabytes),
    rule(bytes_that_are_no_UTF8_come_as_they_are),
    rule(packets_with_lengths_of_one_two_and_four_bytes),
    rule(a_packet_that_cannot_be_framed_ends_the_program),
    rule(a_packet_that_is_too_long_or_cut_short_is_a_reason),
    rule(a_stream_comes_in_pieces_of_which_nothing_is_missing),
    /* standard error */
    node_test(standard_error_goes_to_the_log),
    rule(standard_error_comes_as_messages_where_that_is_asked_for),
    node_test(the_output_of_a_program_without_owner_goes_to_the_log),
    /* SEMANTICS 8, 32: clear reasons */
    rule(a_program_that_cannot_be_started_is_a_reason),
    rule(how_a_program_ended_is_the_reason_of_its_actor),
    rule(a_program_that_closes_its_output_goes_on),
    rule(a_program_that_closes_its_input_is_told_once),
    rule(messages_that_mean_nothing_are_dropped),
    /* as a behaviour */
    rule(a_program_is_started_by_its_description_as_any_behaviour),
    rule(a_linked_program_takes_its_starter_along),
    rule(a_hundred_programs_come_and_go),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
