/* Policy: who is started again, in which order, and when it is enough (SEMANTICS 35 to 47, 50). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy_world.h"

static struct world world;

/* Children a, b, c … with these kinds of restart: p(ermanent), r (transient), t(emporary); capitals are significant. */
static void plant(enum tr_strategy strategy, uint32_t intensity, const char *kinds)
{
    world_init(&world, strategy, intensity);
    for (const char *kind = kinds; *kind; kind++) {
        enum tr_restart restart = strchr("pP", *kind)   ? TR_PERMANENT
                                  : strchr("rR", *kind) ? TR_TRANSIENT
                                                        : TR_TEMPORARY;
        world_add(&world, restart)->child.is_significant = *kind < 'a';
    }
}

static void grow(enum tr_strategy strategy, uint32_t intensity, const char *kinds)
{
    plant(strategy, intensity, kinds);
    tri_policy_begin(&world.policy);
    world_act(&world);
    world.trace[0] = '\0';
}

/* What has been done since the last time is this. */
static void expect(const char *trace)
{
    world_act(&world);
    assert_string_equal(world.trace, trace);
    world.trace[0] = '\0';
}

static struct being *being(char name) { return &world.beings[name - 'a']; }

static void fails(char name) { world_die(&world, being(name), TRI_DEATH_UNPLANNED); }
static void ends(char name) { world_die(&world, being(name), TRI_DEATH_PLANNED); }

static int teardown(void **state)
{
    (void)state;
    tri_policy_deinit(&world.policy);
    return 0;
}

/* ---------------------------------------------------------------- 35 to 37: beginning and end */

static void children_start_first_to_last_and_stop_last_to_first(void **state)
{
    (void)state;
    plant(TR_ONE_FOR_ONE, 1, "ppp");
    tri_policy_begin(&world.policy);
    expect("+a +b +c");
    tri_policy_end(&world.policy, TRI_END_ASKED);
    expect("-c -b -a END");
}

static void when_one_fails_at_first_those_before_it_are_stopped(void **state)
{
    (void)state;
    plant(TR_ONE_FOR_ONE, 1, "pppp");
    being('c')->fate = '!';
    tri_policy_begin(&world.policy);
    expect("+a +b !c -b -a END");
    assert_ptr_equal(world.policy.culprit, &being('c')->child);
    assert_int_equal(world.policy.end, TRI_END_FIRST_FAILED);
}

static void one_that_ignores_is_kept_unless_it_is_temporary(void **state)
{
    (void)state;
    plant(TR_ONE_FOR_ONE, 1, "ptp");
    being('a')->fate = being('b')->fate = '?';
    tri_policy_begin(&world.policy);
    expect("?a ?b xb +c");
}

static void without_room_at_first_all_wait(void **state)
{
    (void)state;
    plant(TR_ONE_FOR_ONE, 0, "ppp");
    being('b')->fate = '#';
    tri_policy_begin(&world.policy);
    expect("+a #b ~b");
    assert_true(tri_policy_is_busy(&world.policy));
    being('b')->fate = '#';
    world_again(&world, being('b'));
    expect("#b ~b");
    world_again(&world, being('b'));
    expect("+b +c");
    assert_false(tri_policy_is_busy(&world.policy));
}

static void one_that_waits_for_room_at_first_can_be_ended(void **state)
{
    (void)state;
    plant(TR_REST_FOR_ONE, 0, "ppp");
    being('b')->fate = '#';
    tri_policy_begin(&world.policy);
    expect("+a #b ~b");
    tri_policy_end(&world.policy, TRI_END_ASKED);
    expect("-a END");
}

/* ---------------------------------------------------------------- 38 to 40: who is started again */

static void one_for_one_starts_that_one(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 1, "ppp");
    fails('b');
    expect("+b");
}

static void rest_for_one_starts_it_and_those_behind_it(void **state)
{
    (void)state;
    grow(TR_REST_FOR_ONE, 1, "ppp");
    fails('b');
    expect("-c +b +c");
}

static void one_for_all_starts_all(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ALL, 1, "ppp");
    fails('b');
    expect("-c -a +a +b +c");
}

static void permanent_transient_and_temporary_differ(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 9, "prt");
    ends('a');
    expect("+a");
    ends('b');
    expect("");
    assert_true(being('b')->is_there);
    fails('c');
    expect("xc");
}

static void a_transient_child_that_fails_is_started_again(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 1, "r");
    fails('a');
    expect("+a");
}

static void a_temporary_sibling_that_was_taken_down_is_forgotten(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ALL, 1, "tpt");
    fails('b');
    expect("-c xc -a xa +b");
}

static void one_for_all_revives_one_that_had_ended(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ALL, 1, "pr");
    ends('b');
    expect("");
    fails('a');
    expect("+a +b");
}

/* ---------------------------------------------------------------- 41 to 43: enough */

static void more_restarts_than_the_intensity_end_it(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 2, "pp");
    for (int i = 0; i < 2; i++) {
        fails('a');
        expect("+a");
    }
    fails('b');
    expect("-a END");
    assert_int_equal(world.policy.end, TRI_END_GAVE_UP);
}

static void restarts_of_another_period_do_not_count(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 1, "p");
    for (int i = 0; i < 100; i++) {
        fails('a');
        expect("+a");
        world.now_ns += world.policy.intensity.period_ns + 1;
    }
}

static void a_restart_as_old_as_the_period_counts(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 1, "p");
    fails('a');
    expect("+a");
    world.now_ns += world.policy.intensity.period_ns;
    fails('a');
    expect("END");
}

static void a_death_counts_once_however_many_restart(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ALL, 1, "ppppp");
    fails('c');
    expect("-e -d -b -a +a +b +c +d +e");
}

static void deaths_that_start_nobody_do_not_count(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 0, "tttr");
    fails('a');
    fails('b');
    fails('c');
    ends('d');
    expect("xa xb xc");
}

static void a_restart_that_fails_is_tried_again_and_each_try_counts(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 2, "pp");
    being('a')->fate = '!';
    fails('a');
    expect("!a ~a");
    assert_int_equal(being('a')->due_ns, world.now_ns);
    being('a')->fate = '!';
    world_again(&world, being('a'));
    expect("!a ~a");
    world_again(&world, being('a'));
    expect("-b END");
}

static void a_restart_without_room_is_tried_later_and_does_not_count(void **state)
{
    (void)state;
    uint64_t began_ns;
    grow(TR_ONE_FOR_ONE, 1, "p");
    began_ns = world.now_ns;
    being('a')->fate = '#';
    fails('a');
    expect("#a ~a");
    for (int i = 0; i < 20; i++) {
        assert_true(being('a')->due_ns > world.now_ns);
        being('a')->fate = '#';
        world_again(&world, being('a'));
        expect("#a ~a");
    }
    assert_in_range(world.now_ns - began_ns, 10 * TRI_NS_PER_S, 20 * TRI_NS_PER_S);
    world_again(&world, being('a'));
    expect("+a");
}

static void after_a_failed_restart_those_behind_wait_too(void **state)
{
    (void)state;
    grow(TR_REST_FOR_ONE, 3, "pppp");
    being('c')->fate = '!';
    fails('b');
    expect("-d -c +b !c ~c");
    world_again(&world, being('c'));
    expect("+c +d");
}

static void one_for_all_begins_anew_after_a_failed_restart(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ALL, 3, "ppp");
    being('c')->fate = '!';
    fails('a');
    expect("-c -b +a +b !c ~c");
    world_again(&world, being('c'));
    expect("-b -a +a +b +c");
}

/* ---------------------------------------------------------------- 46: what is asked for */

static void a_terminated_child_keeps_its_place(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 1, "ptp");
    tri_policy_stop(&world.policy, &being('a')->child);
    expect("-a");
    tri_policy_stop(&world.policy, &being('b')->child);
    expect("-b xb");
    tri_policy_start(&world.policy, &being('a')->child, TRI_START_ASKED);
    expect("+a");
}

static void one_that_waits_and_is_terminated_is_not_started(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 9, "p");
    being('a')->fate = '!';
    fails('a');
    expect("!a ~a");
    tri_policy_stop(&world.policy, &being('a')->child);
    world_again(&world, being('a'));
    expect("");
}

static void a_wait_that_is_out_of_date_is_ignored(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 9, "p");
    being('a')->fate = '!';
    fails('a');
    expect("!a ~a");
    unsigned old = being('a')->attempt;
    tri_policy_stop(&world.policy, &being('a')->child);
    tri_policy_start(&world.policy, &being('a')->child, TRI_START_ASKED);
    expect("+a");
    being('a')->fate = '!';
    fails('a');
    expect("!a ~a");
    tri_policy_again(&world.policy, &being('a')->child, old, world.now_ns);
    expect("");
    world_again(&world, being('a'));
    expect("+a");
}

static void a_new_child_that_fails_leaves_nothing(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 0, "p");
    struct being *new = world_add(&world, TR_PERMANENT);
    new->fate = '!';
    tri_policy_start(&world.policy, &new->child, TRI_START_NEW);
    expect("!b xb");
}

static void one_that_fails_when_it_is_asked_to_start_stays(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 0, "p");
    tri_policy_stop(&world.policy, &being('a')->child);
    expect("-a");
    being('a')->fate = '!';
    tri_policy_start(&world.policy, &being('a')->child, TRI_START_ASKED);
    expect("!a");
    assert_int_equal(being('a')->child.state, TRI_CHILD_IDLE);
}

/* ---------------------------------------------------------------- 47: auto-shutdown */

static void any_significant_child_that_ends_ends_it(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 5, "pRT");
    world.policy.auto_shutdown = TR_ANY_SIGNIFICANT;
    fails('b');
    expect("+b");
    ends('b');
    expect("-c -a END");
    assert_int_equal(world.policy.end, TRI_END_AUTO_SHUTDOWN);
}

static void all_significant_children_must_have_ended(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 5, "pRTt");
    world.policy.auto_shutdown = TR_ALL_SIGNIFICANT;
    fails('d');
    ends('b');
    expect("xd");
    fails('c');
    expect("xc -a END");
}

static void a_death_that_was_asked_for_does_not_end_it(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ONE, 5, "pRT");
    world.policy.auto_shutdown = TR_ANY_SIGNIFICANT;
    tri_policy_stop(&world.policy, &being('b')->child);
    tri_policy_stop(&world.policy, &being('c')->child);
    expect("-b -c xc");
}

/* ---------------------------------------------------------------- 45: side by side */

static void children_without_order_start_and_stop_side_by_side(void **state)
{
    (void)state;
    grow(TR_DYNAMIC, 1, "");
    for (int i = 0; i < 3; i++)
        tri_policy_start(&world.policy, &world_add(&world, TR_TEMPORARY)->child, TRI_START_NEW);
    expect("");
    assert_int_equal(world.policy.busy, 3);
    assert_false(tri_policy_is_busy(&world.policy));
    world_finish_start(&world, being('b'));
    world_finish_start(&world, being('a'));
    expect("+b +a");
    tri_policy_end(&world.policy, TRI_END_ASKED);
    expect("");
    assert_true(being('a')->is_being_stopped && being('b')->is_being_stopped &&
                being('c')->is_being_stopped);
    world_finish_stop(&world, being('c'));
    world_finish_stop(&world, being('a'));
    expect("-c -a");
    world_finish_stop(&world, being('b'));
    expect("-b END");
}

static void children_without_order_are_forgotten_when_they_end(void **state)
{
    (void)state;
    grow(TR_DYNAMIC, 1, "");
    tri_policy_start(&world.policy, &world_add(&world, TR_TRANSIENT)->child, TRI_START_NEW);
    expect("");
    world_finish_start(&world, being('a'));
    fails('a');
    expect("+a");
    world_finish_start(&world, being('a'));
    ends('a');
    expect("+a xa");
}

/* ---------------------------------------------------------------- 50: back-off */

static void backoff_doubles_to_its_most_and_ends_with_a_long_life(void **state)
{
    (void)state;
    static const uint64_t waits_ms[] = {100, 200, 400, 500, 500};
    grow(TR_ONE_FOR_ONE, 100, "p");
    being('a')->child.backoff =
        (struct tri_backoff){.min_ms = 100, .max_ms = 500, .reset_ms = 1000};
    for (size_t i = 0; i < 5; i++) {
        fails('a');
        expect("~a");
        assert_int_equal(being('a')->due_ns - world.now_ns, waits_ms[i] * TRI_NS_PER_MS);
        world_again(&world, being('a'));
        expect("+a");
    }
    world.now_ns += 1000 * TRI_NS_PER_MS;
    fails('a');
    expect("~a");
    assert_int_equal(being('a')->due_ns - world.now_ns, 100 * TRI_NS_PER_MS);
}

static void siblings_are_stopped_at_once_and_wait_with_it(void **state)
{
    (void)state;
    grow(TR_ONE_FOR_ALL, 1, "ppp");
    being('b')->child.backoff.min_ms = 100;
    fails('b');
    expect("-c -a ~b");
    world_again(&world, being('b'));
    expect("+a +b +c");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
    const struct CMUnitTest tests[] = {
        TEST(children_start_first_to_last_and_stop_last_to_first),
        TEST(when_one_fails_at_first_those_before_it_are_stopped),
        TEST(one_that_ignores_is_kept_unless_it_is_temporary),
        TEST(without_room_at_first_all_wait),
        TEST(one_that_waits_for_room_at_first_can_be_ended),
        TEST(one_for_one_starts_that_one),
        TEST(rest_for_one_starts_it_and_those_behind_it),
        TEST(one_for_all_starts_all),
        TEST(permanent_transient_and_temporary_differ),
        TEST(a_transient_child_that_fails_is_started_again),
        TEST(a_temporary_sibling_that_was_taken_down_is_forgotten),
        TEST(one_for_all_revives_one_that_had_ended),
        TEST(more_restarts_than_the_intensity_end_it),
        TEST(restarts_of_another_period_do_not_count),
        TEST(a_restart_as_old_as_the_period_counts),
        TEST(a_death_counts_once_however_many_restart),
        TEST(deaths_that_start_nobody_do_not_count),
        TEST(a_restart_that_fails_is_tried_again_and_each_try_counts),
        TEST(a_restart_without_room_is_tried_later_and_does_not_count),
        TEST(after_a_failed_restart_those_behind_wait_too),
        TEST(one_for_all_begins_anew_after_a_failed_restart),
        TEST(a_terminated_child_keeps_its_place),
        TEST(one_that_waits_and_is_terminated_is_not_started),
        TEST(a_wait_that_is_out_of_date_is_ignored),
        TEST(a_new_child_that_fails_leaves_nothing),
        TEST(one_that_fails_when_it_is_asked_to_start_stays),
        TEST(any_significant_child_that_ends_ends_it),
        TEST(all_significant_children_must_have_ended),
        TEST(a_death_that_was_asked_for_does_not_end_it),
        TEST(children_without_order_start_and_stop_side_by_side),
        TEST(children_without_order_are_forgotten_when_they_end),
        TEST(backoff_doubles_to_its_most_and_ends_with_a_long_life),
        TEST(siblings_are_stopped_at_once_and_wait_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
