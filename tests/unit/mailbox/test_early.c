/* What comes early is held back, and let go in its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mailbox/early.h"

static tr_pid her(void) { return tr_pid_make(2, 1); }
static tr_pid him(void) { return tr_pid_make(3, 1); }

static void hold(struct tri_early *early, tr_pid sender, uint64_t number, uint32_t size)
{
    uint8_t *body = calloc(1, size + 1);
    struct tri_record record = {.number = number, .size_bytes = size, .kind = TRI_RECORD_TERM};
    body[0] = (uint8_t)number;
    tri_early_hold(early, sender, &record, body);
    free(body);
}

static bool gives(struct tri_early *early, tr_pid sender, uint64_t number)
{
    struct tri_early_record *held = tri_early_take(early, sender, number);
    bool result = held && held->record.number == number && held->body[0] == (uint8_t)number;
    free(held);
    return result;
}

static void records_are_given_by_number(void **state)
{
    (void)state;
    struct tri_early early = {0};
    hold(&early, her(), 4, 10);
    hold(&early, her(), 2, 10);
    hold(&early, her(), 3, 10);
    assert_false(gives(&early, her(), 1));
    for (uint64_t number = 2; number <= 4; number++)
        assert_true(gives(&early, her(), number));
    assert_false(gives(&early, her(), 5));
    assert_null(early.senders);
}

static void senders_do_not_mix(void **state)
{
    (void)state;
    struct tri_early early = {0};
    hold(&early, her(), 2, 10);
    hold(&early, him(), 3, 10);
    assert_false(gives(&early, him(), 2));
    assert_true(gives(&early, him(), 3));
    assert_true(gives(&early, her(), 2));
}

static void what_is_held_twice_is_given_once(void **state)
{
    (void)state;
    struct tri_early early = {0};
    hold(&early, her(), 2, 10);
    hold(&early, her(), 2, 10);
    assert_true(gives(&early, her(), 2));
    assert_false(gives(&early, her(), 2));
}

static void what_is_over_is_let_go(void **state)
{
    (void)state;
    struct tri_early early = {0};
    hold(&early, her(), 2, 10);
    hold(&early, her(), 9, 10);
    assert_false(gives(&early, her(), 5));
    assert_false(gives(&early, her(), 2));
    assert_true(gives(&early, her(), 9));
}

static void no_more_is_held_than_a_ring_can_owe(void **state)
{
    (void)state;
    struct tri_early early = {0};
    unsigned held = 0;
    for (uint64_t number = 2; number < 1000; number++)
        hold(&early, her(), number, TRI_RECORD_BODY_BYTES);
    for (uint64_t number = 2; number < 1000; number++)
        held += gives(&early, her(), number);
    assert_int_equal(held, TRI_RING_BYTES / tri_record_room(TRI_RECORD_BODY_BYTES));
}

static void a_forgotten_sender_has_nothing_held(void **state)
{
    (void)state;
    struct tri_early early = {0};
    hold(&early, her(), 2, 10);
    hold(&early, him(), 2, 10);
    tri_early_forget(&early, her());
    assert_false(gives(&early, her(), 2));
    tri_early_deinit(&early);
    assert_null(early.senders);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_given_by_number),
        cmocka_unit_test(senders_do_not_mix),
        cmocka_unit_test(what_is_held_twice_is_given_once),
        cmocka_unit_test(what_is_over_is_let_go),
        cmocka_unit_test(no_more_is_held_than_a_ring_can_owe),
        cmocka_unit_test(a_forgotten_sender_has_nothing_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
