/* The queue gives messages in the order of their arrival, from any place on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mailbox/message.h"
#include "mailbox/queue.h"

static void put_messages(struct tri_queue *queue, int count)
{
    for (int i = 0; i < count; i++)
        tri_queue_put(queue, tri_message_new(TR_NO_PID, 0, 1), 1);
}

static void messages_come_oldest_first(void **state)
{
    (void)state;
    struct tri_queue queue = {0};
    put_messages(&queue, 3);
    uint64_t after = 0;
    for (uint64_t arrival = 1; arrival <= 3; arrival++) {
        struct tr_message *message = tri_queue_next(&queue, after);
        assert_int_equal(message->arrival, arrival);
        after = message->arrival;
    }
    assert_null(tri_queue_next(&queue, after));
    tri_queue_deinit(&queue);
}

static void what_was_passed_over_is_found_again(void **state)
{
    (void)state;
    struct tri_queue queue = {0};
    put_messages(&queue, 5);
    struct tr_message *third = tri_queue_next(&queue, 2);
    tri_queue_remove(&queue, third);
    tri_message_free(third);
    assert_int_equal(tri_queue_next(&queue, 2)->arrival, 4);
    assert_int_equal(tri_queue_next(&queue, 0)->arrival, 1);
    assert_int_equal(queue.length, 4);
    tri_queue_deinit(&queue);
}

static void a_removed_message_is_the_callers(void **state)
{
    (void)state;
    struct tri_queue queue = {0};
    put_messages(&queue, 1);
    struct tr_message *message = tri_queue_next(&queue, 0);
    tri_queue_remove(&queue, message);
    tri_queue_deinit(&queue);
    tri_message_free(message);
}

/* Against the plain definition: the smallest arrival number that is greater. */
static void any_mix_of_searches_and_removals_agrees_with_the_definition(void **state)
{
    (void)state;
    enum { MOST = 400 };
    struct tri_queue queue = {0};
    struct tr_message *there[4 * MOST + 1] = {0};
    srand(4);
    for (int round = 0; round < 20000; round++) {
        if (queue.arrivals < 4 * MOST && rand() % 12 == 0) {
            put_messages(&queue, 1);
            there[queue.arrivals] = queue.newest;
        }
        uint64_t after = (uint64_t)rand() % (queue.arrivals + 2), want = after + 1;
        while (want <= queue.arrivals && !there[want])
            want++;
        struct tr_message *found = tri_queue_next(&queue, after);
        assert_ptr_equal(found, want <= queue.arrivals ? there[want] : NULL);
        if (found && rand() % 13 == 0) {
            there[found->arrival] = NULL;
            tri_queue_remove(&queue, found);
            tri_message_free(found);
        }
    }
    tri_queue_deinit(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_oldest_first),
        cmocka_unit_test(what_was_passed_over_is_found_again),
        cmocka_unit_test(a_removed_message_is_the_callers),
        cmocka_unit_test(any_mix_of_searches_and_removals_agrees_with_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
