/* Steps: which callback may return what (SEMANTICS 29), and how a step is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "behaviour/step.h"

static const struct tr_step zeroed;

static void assert_told(struct tr_step step, const char *expected)
{
    struct tr_out out = {0};
    tri_step_put(&out, &step);
    char *text = tr_print_new(tr_out_term(&out));
    assert_string_equal(text, expected);
    free(text);
    tr_out_deinit(&out);
}

/* For each callback whether it may return that step. */
static void assert_proper(struct tr_step step, bool init, bool call, bool cast, bool info,
                          bool continuation)
{
    assert_int_equal(tri_step_is_proper(&step, TRI_ON_INIT), init);
    assert_int_equal(tri_step_is_proper(&step, TRI_ON_CALL), call);
    assert_int_equal(tri_step_is_proper(&step, TRI_ON_CAST), cast);
    assert_int_equal(tri_step_is_proper(&step, TRI_ON_INFO), info);
    assert_int_equal(tri_step_is_proper(&step, TRI_ON_CONTINUE), continuation);
}

static void each_callback_has_its_steps(void **state)
{
    struct tr_step unknown = {.kind = 99};
    (void)state;
    assert_proper(tr_ok(), true, false, false, false, false);
    assert_proper(tr_ignore(), true, false, false, false, false);
    assert_proper(tr_noreply(), false, true, true, true, true);
    assert_proper(tr_answer("yes"), false, true, false, false, false);
    assert_proper(tr_stop("normal"), true, true, true, true, true);
    assert_proper(tr_with_stop(tr_answer("yes"), "normal"), false, true, false, false, false);
    assert_proper(zeroed, false, false, false, false, false);
    assert_proper(unknown, false, false, false, false, false);
}

static void a_timeout_or_a_continuation_fits_what_goes_on(void **state)
{
    (void)state;
    assert_proper(tr_with_timeout(tr_ok(), 5), true, false, false, false, false);
    assert_proper(tr_with_continue(tr_answer("yes"), "more"), false, true, false, false, false);
    assert_proper(tr_with_timeout(tr_ignore(), 5), false, false, false, false, false);
    assert_proper(tr_with_continue(tr_ignore(), "more"), false, false, false, false, false);
}

/* Its terms have become another's: whoever waits must not be told those. */
static void a_step_that_was_kept_or_made_by_hand_is_nonsense(void **state)
{
    (void)state;
    struct tr_step kept = tr_answer("for_one"),
                   by_hand = {.kind = TR_STEP_NOREPLY, .has_reply = true};
    struct tr_step last = tr_answer("for_another");
    assert_proper(kept, false, false, false, false, false);
    assert_proper(tr_with_stop(kept, "normal"), false, false, false, false, false);
    assert_proper(by_hand, false, false, false, false, false);
    assert_told(by_hand, "{step,stale}");
    by_hand = (struct tr_step){.kind = TR_STEP_STOP};
    assert_proper(by_hand, false, false, false, false, false);
    last = tr_answer("for_another");
    assert_proper(last, false, true, false, false, false);
}

static void the_last_of_timeout_and_continuation_counts(void **state)
{
    (void)state;
    struct tr_step step = tr_with_timeout(tr_with_continue(tr_noreply(), "more"), 5);
    assert_true(step.has_timeout && !step.has_continue && step.timeout_ms == 5);
    step = tr_with_continue(tr_with_timeout(tr_noreply(), 5), "more");
    assert_true(step.has_continue && !step.has_timeout);
    assert_false(tr_with_timeout(tr_noreply(), -1).has_timeout);
}

static void a_step_is_told_as_the_term_it_stands_for(void **state)
{
    (void)state;
    assert_told(tr_ok(), "ok");
    assert_told(tr_ignore(), "ignore");
    assert_told(tr_noreply(), "noreply");
    assert_told(tr_answer("{value, N}", 5), "{reply,{value,5}}");
    assert_told(tr_stop("{no, N}", 1), "{stop,{no,1}}");
    assert_told(tr_with_stop(tr_answer("bye"), "normal"), "{stop,normal,bye}");
    assert_told(tr_with_timeout(tr_noreply(), 7), "{noreply,7}");
    assert_told(tr_with_continue(tr_ok(), "{load, 1}"), "{ok,{continue,{load,1}}}");
    assert_told(zeroed, "{step,0}");
}

static void a_term_that_was_taken_outlives_the_next_step(void **state)
{
    struct tr_out first = {0}, second = {0};
    (void)state;
    tr_with_continue(tr_ok(), "{first, 1}");
    tri_step_take_continue(&first);
    tr_with_continue(tr_ok(), "{second, 2}");
    assert_int_equal(tr_match(tr_out_term(&first), "{first, 1}"), 0);
    tri_step_take_continue(&second);
    assert_int_equal(tr_match(tr_out_term(&second), "{second, 2}"), 0);
    tr_stop("{third, 3}");
    tri_step_take_reason(&first);
    assert_int_equal(tr_match(tr_out_term(&first), "{third, 3}"), 0);
    tr_out_deinit(&first);
    tr_out_deinit(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_callback_has_its_steps),
        cmocka_unit_test(a_timeout_or_a_continuation_fits_what_goes_on),
        cmocka_unit_test(a_step_that_was_kept_or_made_by_hand_is_nonsense),
        cmocka_unit_test(the_last_of_timeout_and_continuation_counts),
        cmocka_unit_test(a_step_is_told_as_the_term_it_stands_for),
        cmocka_unit_test(a_term_that_was_taken_outlives_the_next_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
