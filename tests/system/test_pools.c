/* Pools, seen by their clients. The cases are actors, in actors/pools.c and actors/program_pools.c. */
#include "conformance/rule.h"
#include "support/skip.h"

#define rule(name) rule_of("bin/tests/pools", name)
#define program_rule(name) rule_of("bin/tests/program_pools", name)

static void a_worker_that_takes_too_much_memory_costs_one_job(void **state)
{
    (void)state;
    need_exact_memory();
    program_expect_exit(
        node_start("bin/tests/pools", ":a_worker_that_takes_too_much_memory_costs_one_job", NULL),
        0);
}

/* Few, and they may sleep long: the machine may be busy with other things than processors. The storm has ten thousand. */
static void run_mixed_jobs(const char *kind)
{
    need_exact_memory();
    program_expect_exit(node_start("bin/tests/mixed_jobs", "400", kind, "mixed", "1000", NULL), 0);
}

static void every_good_job_is_done_and_every_bad_one_is_told_of_as_its_own(void **state)
{
    (void)state;
    run_mixed_jobs("sleep");
}

static void so_it_is_with_jobs_that_want_more_processors_than_there_are(void **state)
{
    (void)state;
    run_mixed_jobs("compute");
}

static void the_end_of_a_worker_is_told_whole_however_large_its_job_was(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/pools", ":a_worker_leaves_with_a_large_job", NULL);
    program_expect_exit(node, 0);
    assert_non_null(strstr(program_stderr(node), "terminating: reason {enough,<<\"xxx"));
    assert_non_null(strstr(program_stderr(node), "; last message {'$job',"));
    assert_non_null(strstr(program_stderr(node), "; state #{jobs => 0}"));
}

static const struct CMUnitTest tests[] = {
    /* results */
    rule(each_job_gets_its_own_answer),
    rule(a_result_comes_as_a_message),
    rule(who_submits_can_wait_at_once),
    rule(a_worker_knows_its_argument),
    rule(jobs_and_answers_of_any_size_arrive),
    /* deaths */
    rule(a_crash_costs_one_job),
    rule(a_job_at_least_once_is_tried_again),
    rule(a_job_is_tried_again_after_waits_that_grow),
    rule(a_crash_costs_no_birth),
    rule(a_job_that_kills_three_workers_is_set_aside),
    rule(a_job_that_cannot_be_set_aside_is_told_of_all_the_same),
    rule(a_deadline_kills_one_worker_and_nothing_else),
    rule(a_worker_that_hangs_costs_one_job),
    node_test(a_worker_that_takes_too_much_memory_costs_one_job),
    rule(a_worker_that_dies_idle_blames_nobody),
    node_test(every_good_job_is_done_and_every_bad_one_is_told_of_as_its_own),
    node_test(so_it_is_with_jobs_that_want_more_processors_than_there_are),
    /* cancelling */
    rule(a_queued_job_is_cancelled),
    rule(what_a_dead_submitter_had_queued_is_dropped),
    rule(what_a_dead_submitter_had_running_is_cancelled_if_asked),
    /* the queue */
    rule(jobs_of_high_priority_go_first),
    rule(a_full_queue_refuses),
    rule(a_full_queue_drops_the_oldest),
    rule(a_full_queue_lets_submitters_wait),
    /* the number of workers */
    rule(a_worker_is_replaced_after_so_many_jobs),
    rule(a_worker_that_has_grown_is_replaced),
    rule(a_pool_grows_and_shrinks),
    rule(a_pool_without_worker_does_not_start),
    node_test(the_end_of_a_worker_is_told_whole_however_large_its_job_was),
    /* the end */
    rule(a_drained_pool_has_done_everything),
    rule(who_stops_a_pool_outlives_it),
    rule(who_waits_for_a_job_hears_of_the_end_of_the_pool),
    rule(a_supervised_pool_is_started_again),
    rule(a_client_that_is_stopped_delays_nobody),
    /* programs */
    program_rule(a_program_does_jobs_line_by_line),
    program_rule(a_program_that_dies_costs_one_job),
    program_rule(a_program_that_hangs_is_killed_at_the_deadline),
    program_rule(a_program_does_jobs_in_packets),
    program_rule(a_program_that_is_out_of_step_is_ended),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
