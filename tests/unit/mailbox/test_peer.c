/* A peer's books: which numbers are still needed, where they lie, and how much room they take. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mailbox/peer.h"

static void note(struct tri_peer *peer, uint64_t position)
{
    assert_int_equal(tri_peer_prepare(peer), 0);
    tri_peer_note(peer, position, 100);
}

static void a_noted_record_is_needed_until_it_is_published(void **state)
{
    (void)state;
    struct tri_peer *peer = tri_peer_new(tr_pid_make(2, 1));
    for (uint64_t number = 1; number <= 50; number++)
        note(peer, 1000 * number);
    assert_int_equal(peer->live_bytes, 5000);
    assert_int_equal(tri_peer_publish(peer, 20), 2000);
    assert_int_equal(peer->live_bytes, 3000);
    for (uint64_t number = 1; number <= 51; number++)
        assert_int_equal(tri_peer_needs(peer, number, 1000 * number), number > 20 && number <= 50);
    assert_false(tri_peer_needs(peer, 30, 1)); /* an old copy, elsewhere */
    tri_peer_free(peer);
}

static void a_moved_record_is_needed_in_its_new_place(void **state)
{
    (void)state;
    struct tri_peer *peer = tri_peer_new(tr_pid_make(2, 1));
    note(peer, 8);
    tri_peer_move(peer, 1, 16);
    assert_false(tri_peer_needs(peer, 1, 8));
    assert_true(tri_peer_needs(peer, 1, 16));
    tri_peer_free(peer);
}

static void a_receiver_is_not_believed_when_it_claims_too_much(void **state)
{
    (void)state;
    struct tri_peer *peer = tri_peer_new(tr_pid_make(2, 1));
    note(peer, 8);
    assert_int_equal(tri_peer_publish(peer, UINT64_MAX), 100);
    assert_int_equal(peer->published, 1);
    assert_int_equal(tri_peer_publish(peer, 0), 0);
    assert_int_equal(peer->published, 1);
    note(peer, 16);
    assert_true(tri_peer_needs(peer, 2, 16));
    tri_peer_free(peer);
}

static void what_was_published_counts_as_sent(void **state)
{
    (void)state;
    struct tri_peer *peer = tri_peer_new(tr_pid_make(2, 1));
    note(peer, 8);
    note(peer, 16);
    tri_peer_publish(peer, 1);
    assert_int_equal(peer->sent, 1);
    tri_peer_free(peer);
}

static void without_a_socket_nothing_is_handed_over(void **state)
{
    (void)state;
    struct tri_peer *peer = tri_peer_new(tr_pid_make(2, 1));
    struct tri_ring ring = {0};
    assert_int_equal(tri_peer_flush(peer, &ring, tr_pid_make(1, 1)), 0);
    note(peer, 8);
    assert_int_equal(tri_peer_flush(peer, &ring, tr_pid_make(1, 1)), -EAGAIN);
    tri_peer_free(peer);
}

/* The books agree with a plain array, whatever the order of notes and publications. */
static void long_books_stay_right(void **state)
{
    (void)state;
    static uint64_t places[20001];
    struct tri_peer *peer = tri_peer_new(tr_pid_make(2, 1));
    srand(5);
    for (uint64_t number = 1; number <= 20000; number++) {
        places[number] = 8 * (uint64_t)rand();
        note(peer, places[number]);
        if (rand() % 50 == 0)
            tri_peer_publish(peer,
                             peer->published + (uint64_t)rand() % (number - peer->published + 1));
        uint64_t any = 1 + (uint64_t)rand() % number;
        assert_int_equal(tri_peer_needs(peer, any, places[any]), any > peer->published);
        assert_int_equal(peer->live_bytes, 100 * (peer->last - peer->published));
    }
    tri_peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_noted_record_is_needed_until_it_is_published),
        cmocka_unit_test(a_moved_record_is_needed_in_its_new_place),
        cmocka_unit_test(a_receiver_is_not_believed_when_it_claims_too_much),
        cmocka_unit_test(what_was_published_counts_as_sent),
        cmocka_unit_test(without_a_socket_nothing_is_handed_over),
        cmocka_unit_test(long_books_stay_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
