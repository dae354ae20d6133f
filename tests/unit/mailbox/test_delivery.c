/* Delivery: exactly once and in order, although nanomsg alone loses, and although receivers stop and senders die. */
#include "unit/mailbox/plane.h"

static tr_pid sender_pid(void) { return tr_pid_make(1, 1); }
static tr_pid receiver_pid(void) { return tr_pid_make(2, 1); }

static void add_both(void)
{
    plane_add(1, 1);
    plane_add(2, 1);
}

/* ---------------------------------------------------------------- roles */

static void send_numbers(struct tri_mailbox *mailbox, tr_pid to, uint64_t count)
{
    for (uint64_t number = 1; number <= count; number++)
        send_number(mailbox, to, number);
}

static void expect_numbers(struct tri_mailbox *mailbox, uint64_t first, uint64_t last)
{
    for (uint64_t number = first; number <= last; number++)
        must(receive_number(mailbox, NULL) == number);
}

/* Nothing more comes: what would still be on its way has been published and sent again by now. */
static void expect_no_more(struct tri_mailbox *mailbox)
{
    must(tri_mailbox_take_in(mailbox) == 0);
    must(tri_mailbox_length(mailbox) == 0);
}

static void sends_and_lingers(tr_pid self, uint64_t count)
{
    struct tri_mailbox *mailbox = open_mailbox(self);
    send_numbers(mailbox, receiver_pid(), count);
    linger(mailbox);
}

static void receives(tr_pid self, uint64_t count)
{
    struct tri_mailbox *mailbox = open_mailbox(self);
    expect_numbers(mailbox, 1, count);
    expect_no_more(mailbox);
}

static void a_hundred_thousand_messages_arrive_in_order(void **state)
{
    (void)state;
    add_both();
    pid_t receiver = plane_start(receives, receiver_pid(), 100000);
    pid_t sender = plane_start(sends_and_lingers, sender_pid(), 100000);
    plane_expect_end(sender);
    plane_expect_end(receiver);
}

static void floods_and_receives(tr_pid self, uint64_t other)
{
    struct tri_mailbox *mailbox = open_mailbox(self);
    send_numbers(mailbox, (tr_pid){other}, 30000);
    expect_numbers(mailbox, 1, 30000);
    linger(mailbox);
}

static void two_that_flood_each_other_do_not_hang(void **state)
{
    (void)state;
    add_both();
    pid_t one = plane_start(floods_and_receives, sender_pid(), receiver_pid().id);
    pid_t two = plane_start(floods_and_receives, receiver_pid(), sender_pid().id);
    plane_expect_end(one);
    plane_expect_end(two);
}

/* ---------------------------------------------------------------- last words */

enum { WORDS = 500 };

static void sends_and_dies(tr_pid self, uint64_t count)
{
    struct tri_mailbox *mailbox = open_mailbox(self);
    must(steps_reach(1));
    send_numbers(mailbox, receiver_pid(), count);
    kill(getpid(), SIGKILL);
}

/* What the node does: reads a dead sender's ring and hands on what this receiver has not published. */
static unsigned hear_last_words(struct tri_mailbox *mailbox, tr_pid dead)
{
    struct tri_box box;
    uint8_t *ring = malloc(TRI_RING_BYTES);
    unsigned told = 0;
    must(tri_box_read(plane.boxes_fd, PLANE_SLOTS, tr_pid_slot(dead), &box) == 0);
    must(tri_fd_read_at(plane.boxes_fd, ring, TRI_RING_BYTES,
                        tri_box_ring_offset(PLANE_SLOTS, tr_pid_slot(dead))) == TRI_RING_BYTES);
    uint64_t published = tri_mailbox_last_taken(mailbox, dead);
    for (uint64_t at = box.ring_tail; at < box.ring_head;) {
        struct tri_record record;
        const uint8_t *body;
        size_t offset = at % TRI_RING_BYTES, left = TRI_RING_BYTES - offset;
        memcpy(&record, ring + offset, sizeof record);
        if (record.kind == TRI_RECORD_FILLER) {
            at += left;
            continue;
        }
        must(tri_record_check(ring + offset, left, &record, &body));
        if (record.number > published && ++told)
            must(tri_mailbox_deliver(mailbox, dead, ring + offset,
                                     sizeof record + record.size_bytes) == 0);
        at += tri_record_room(record.size_bytes);
    }
    free(ring);
    return told;
}

static void hears_some_and_then_the_rest(tr_pid self, uint64_t words)
{
    struct tri_mailbox *mailbox = open_mailbox(self);
    step();
    must(steps_reach(2)); /* it is dead, and nanomsg throws away what was not read of it */
    while (tri_mailbox_take_in(mailbox) > 0)
        ;
    uint64_t taken = tri_mailbox_last_taken(mailbox, sender_pid());
    must(taken < words);
    must(hear_last_words(mailbox, sender_pid()) == words - taken);
    expect_numbers(mailbox, 1, words);
    tri_mailbox_forget(mailbox, sender_pid());
    expect_no_more(mailbox);
}

static void a_dying_senders_last_words_are_in_its_ring(void **state)
{
    (void)state;
    add_both();
    pid_t receiver = plane_start(hears_some_and_then_the_rest, receiver_pid(), WORDS);
    pid_t sender = plane_start(sends_and_dies, sender_pid(), WORDS);
    assert_int_equal(plane_wait(sender), 128 + SIGKILL);
    plane_end(sender_pid());
    step();
    plane_expect_end(receiver);
}

/* ---------------------------------------------------------------- storms and late receivers */

enum { STORM = 200, EACH = 5 };

static void sends_a_few(tr_pid self, uint64_t to)
{
    struct tri_mailbox *mailbox = open_mailbox(self);
    send_numbers(mailbox, (tr_pid){to}, EACH);
    linger(mailbox);
}

static void receives_from_all(tr_pid self, uint64_t senders)
{
    uint64_t *last = calloc(PLANE_SLOTS, sizeof *last);
    must(steps_reach(1)); /* the senders have begun long ago */
    struct tri_mailbox *mailbox = open_mailbox(self);
    for (uint64_t i = 0; i < senders * EACH; i++) {
        tr_pid from;
        uint64_t number = receive_number(mailbox, &from);
        must(number == ++last[tr_pid_slot(from)]);
    }
    expect_no_more(mailbox);
}

static void a_storm_of_connects_to_a_late_receiver_loses_nothing(void **state)
{
    (void)state;
    pid_t senders[STORM];
    add_both();
    pid_t receiver = plane_start(receives_from_all, receiver_pid(), STORM);
    for (uint32_t i = 0; i < STORM; i++)
        senders[i] = plane_start(sends_a_few, plane_add(10 + i, 1), receiver_pid().id);
    step();
    for (uint32_t i = 0; i < STORM; i++)
        plane_expect_end(senders[i]);
    plane_expect_end(receiver);
}

static void answers_all(tr_pid self, uint64_t count)
{
    struct tri_mailbox *mailbox = open_mailbox(self);
    for (uint64_t i = 0; i < count; i++) {
        tr_pid from;
        uint64_t number = receive_number(mailbox, &from);
        send_number(mailbox, from, number + 1);
    }
    linger(mailbox);
}

static void pings_all(tr_pid self, uint64_t count)
{
    struct tri_mailbox *mailbox = open_mailbox(self);
    for (uint32_t i = 0; i < count; i++)
        send_number(mailbox, tr_pid_make(10 + i, 1), i);
    for (uint64_t i = 0; i < count; i++) {
        tr_pid from;
        uint64_t number = receive_number(mailbox, &from);
        must(number == tr_pid_slot(from) - 10 + 1);
    }
    linger(mailbox);
}

static void two_hundred_answer_one_that_pings_them_all(void **state)
{
    (void)state;
    pid_t others[STORM];
    add_both();
    for (uint32_t i = 0; i < STORM; i++)
        others[i] = plane_start(answers_all, plane_add(10 + i, 1), 1);
    plane_expect_end(plane_start(pings_all, sender_pid(), STORM));
    for (uint32_t i = 0; i < STORM; i++)
        plane_expect_end(others[i]);
}

/* ---------------------------------------------------------------- stopped receivers */

enum { PATIENT = 20000 };

static tr_pid stopped_pid(void) { return tr_pid_make(3, 1); }

/* Sends to the stopped one until its share is used up: how many were accepted. */
static uint64_t fill_share(struct tri_mailbox *mailbox, tr_pid to)
{
    struct tr_out out = {0};
    for (uint64_t number = 1;; number++) {
        tr_out_reset(&out);
        tr_put_unsigned(&out, number);
        int r = tri_mailbox_send(mailbox, to, 0, tr_out_term(&out));
        must(r == 0 || r == TR_BUSY);
        if (r == TR_BUSY) {
            tr_out_deinit(&out);
            return number - 1;
        }
    }
}

static void sends_to_a_stopped_one_and_to_another(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    must(steps_reach(2));
    uint64_t accepted = fill_share(mailbox, stopped_pid());
    must(accepted > 1000);
    send_numbers(mailbox, receiver_pid(), PATIENT);
    atomic_store(&plane.board->counts[0], accepted);
    step();
    linger(mailbox);
}

static void receives_what_was_accepted(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    step();
    raise(SIGSTOP);
    expect_numbers(mailbox, 1, atomic_load(&plane.board->counts[0]));
    expect_no_more(mailbox);
}

static void receives_patiently(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    step();
    expect_numbers(mailbox, 1, PATIENT);
}

static void a_stopped_receiver_holds_back_nobody_elses_mail(void **state)
{
    (void)state;
    add_both();
    plane_add(3, 1);
    pid_t stopped = plane_start(receives_what_was_accepted, stopped_pid(), 0);
    pid_t receiver = plane_start(receives_patiently, receiver_pid(), 0);
    pid_t sender = plane_start(sends_to_a_stopped_one_and_to_another, sender_pid(), 0);
    plane_expect_end(receiver);
    assert_true(steps_reach(3));
    kill(stopped, SIGCONT);
    plane_expect_end(stopped);
    plane_expect_end(sender);
}

static void finds_the_share_used_up_and_waits(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    uint64_t accepted = fill_share(mailbox, receiver_pid());
    atomic_store(&plane.board->counts[0], accepted + 100);
    step();
    for (uint64_t number = accepted + 1; number <= accepted + 100; number++)
        send_number(mailbox, receiver_pid(), number);
    linger(mailbox);
}

static void reads_late(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    must(steps_reach(1));
    expect_numbers(mailbox, 1, atomic_load(&plane.board->counts[0]));
}

static void a_sender_that_waited_for_room_goes_on(void **state)
{
    (void)state;
    add_both();
    pid_t receiver = plane_start(reads_late, receiver_pid(), 0);
    pid_t sender = plane_start(finds_the_share_used_up_and_waits, sender_pid(), 0);
    plane_expect_end(receiver);
    plane_expect_end(sender);
}

/* ---------------------------------------------------------------- lost connections */

static void tears_down_its_connection(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    for (uint64_t number = 1; number <= 2000; number++) {
        send_number(mailbox, receiver_pid(), number);
        if (number % 100 == 0) {
            TRI_IN_TURN(mailbox);
            tri_outbox_reconnect(&mailbox->outbox, peer_of(mailbox, receiver_pid()));
        }
    }
    linger(mailbox);
}

static void a_connection_torn_down_under_load_loses_nothing(void **state)
{
    (void)state;
    add_both();
    pid_t receiver = plane_start(receives, receiver_pid(), 2000);
    pid_t sender = plane_start(tears_down_its_connection, sender_pid(), 0);
    plane_expect_end(receiver);
    plane_expect_end(sender);
}

static void sends_everything_twice(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    send_number(mailbox, receiver_pid(), 1);
    await_connection(mailbox, receiver_pid());
    for (uint64_t number = 2; number <= 50; number++)
        send_number(mailbox, receiver_pid(), number);
    tri_mailbox_flush(mailbox);
    {
        TRI_IN_TURN(mailbox);
        tri_outbox_resend(&mailbox->outbox, peer_of(mailbox, receiver_pid()));
    }
    step();
    linger(mailbox);
}

static void receives_once(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    must(steps_reach(1));
    expect_numbers(mailbox, 1, 50);
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    while (tri_mailbox_box(mailbox)->duplicates < 50 && tri_clock_ns() < deadline_ns)
        wait_for_mail(mailbox, tri_deadline_ns(1));
    must(tri_mailbox_box(mailbox)->duplicates >= 50);
    expect_no_more(mailbox);
}

static void what_comes_twice_is_dropped_and_counted(void **state)
{
    (void)state;
    add_both();
    pid_t receiver = plane_start(receives_once, receiver_pid(), 0);
    pid_t sender = plane_start(sends_everything_twice, sender_pid(), 0);
    plane_expect_end(receiver);
    plane_expect_end(sender);
}

/* The receiver has heard what there was to hear, and sleeps: what is sent next has to wake it up. */
static void await_sleep(tr_pid self, const struct tri_peer *peer)
{
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    struct tri_received said;
    do {
        usleep(1000);
        must(tri_clock_ns() < deadline_ns);
        said = tri_box_received(plane.boxes_fd, PLANE_SLOTS, tr_pid_slot(receiver_pid()), self);
    } while (TRI_IS_ATTENDED(said.attention) || TRI_LAST_KNOCK(said.attention) != peer->knocks);
}

/* nanomsg is made to have lost the fifth message: it was never given it, nor was anybody knocked for. */
static void loses_one(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    send_numbers(mailbox, receiver_pid(), 4);
    await_connection(mailbox, receiver_pid());
    tri_mailbox_flush(mailbox);
    TRI_IN_TURN(mailbox); /* no helper meddles */
    struct tri_peer *peer = peer_of(mailbox, receiver_pid());
    await_sleep(self, peer);
    struct tri_socket hidden = peer->socket;
    peer->socket = TRI_SOCKET_CLOSED;
    mailbox->outbox.is_helped = true; /* who opens no socket */
    tri_table_set_state(&plane.table, receiver_pid(), TRI_STATE_STARTING);
    send_number(mailbox, receiver_pid(), 5);
    tri_table_set_state(&plane.table, receiver_pid(), TRI_STATE_RUNNING);
    must(peer->is_refused);
    peer->is_refused = mailbox->outbox.is_helped = false;
    peer->socket = hidden;
    for (uint64_t number = 6; number <= 10; number++)
        send_number(mailbox, receiver_pid(), number);
    linger(mailbox);
}

static void a_message_that_nanomsg_lost_is_sent_again(void **state)
{
    (void)state;
    add_both();
    pid_t receiver = plane_start(receives, receiver_pid(), 10);
    pid_t sender = plane_start(loses_one, sender_pid(), 0);
    plane_expect_end(receiver);
    plane_expect_end(sender);
}

/* ---------------------------------------------------------------- many receivers */

enum { CROWD = 600, HALF = 300, ROUNDS = 3 };

static void is_a_crowd(tr_pid self, uint64_t argument)
{
    (void)argument;
    static struct tri_mailbox *mailboxes[HALF];
    static uint64_t taken[HALF];
    uint64_t left = HALF * ROUNDS, deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    for (uint32_t i = 0; i < HALF; i++)
        mailboxes[i] = open_mailbox(tr_pid_make(tr_pid_slot(self) + i, 1));
    step();
    while (left > 0 && tri_clock_ns() < deadline_ns) {
        for (uint32_t i = 0; i < HALF; i++) {
            must(tri_mailbox_take_in(mailboxes[i]) >= 0);
            for (; tri_mailbox_length(mailboxes[i]) > 0; left--)
                must(receive_number(mailboxes[i], NULL) == ++taken[i]);
        }
        usleep(100);
    }
    must(left == 0);
}

static void talks_to_a_crowd(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    must(steps_reach(2));
    for (uint64_t round = 1; round <= ROUNDS; round++)
        for (uint32_t i = 0; i < CROWD; i++)
            send_number(mailbox, tr_pid_make(10 + i, 1), round);
    must(mailbox->outbox.open_sockets <= TRI_OUTBOX_SOCKETS);
    linger(mailbox);
}

static void six_hundred_receivers_share_four_hundred_sockets(void **state)
{
    (void)state;
    plane_add(1, 1);
    for (uint32_t i = 0; i < CROWD; i++)
        plane_add(10 + i, 1);
    pid_t first = plane_start(is_a_crowd, tr_pid_make(10, 1), 0);
    pid_t second = plane_start(is_a_crowd, tr_pid_make(10 + HALF, 1), 0);
    plane_expect_end(plane_start(talks_to_a_crowd, sender_pid(), 0));
    plane_expect_end(first);
    plane_expect_end(second);
}

/* ---------------------------------------------------------------- idleness */

static void is_idle_after_a_message(tr_pid self, uint64_t argument)
{
    struct timespec before, after;
    bool other;
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    send_number(mailbox, receiver_pid(), 1);
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    do
        must(tri_mailbox_wait(mailbox, -1, tri_deadline_ns(200), &other) == 0);
    while (mailbox->outbox.care_ns != TRI_NEVER && tri_clock_ns() < deadline_ns);
    must(mailbox->outbox.care_ns == TRI_NEVER);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    must(tri_mailbox_wait(mailbox, -1, tri_deadline_ns(500), &other) == 0);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    must((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec < 1000000);
}

static void an_idle_actor_has_no_timer_and_uses_no_processor(void **state)
{
    (void)state;
    add_both();
    pid_t receiver = plane_start(receives, receiver_pid(), 1);
    plane_expect_end(plane_start(is_idle_after_a_message, sender_pid(), 0));
    plane_expect_end(receiver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        plane_test(a_hundred_thousand_messages_arrive_in_order),
        plane_test_connecting(a_hundred_thousand_messages_arrive_in_order),
        plane_test(two_that_flood_each_other_do_not_hang),
        plane_test_connecting(two_that_flood_each_other_do_not_hang),
        plane_test(a_dying_senders_last_words_are_in_its_ring),
        plane_test_connecting(a_dying_senders_last_words_are_in_its_ring),
        plane_test(a_storm_of_connects_to_a_late_receiver_loses_nothing),
        plane_test_connecting(a_storm_of_connects_to_a_late_receiver_loses_nothing),
        plane_test(two_hundred_answer_one_that_pings_them_all),
        plane_test_connecting(two_hundred_answer_one_that_pings_them_all),
        plane_test(a_stopped_receiver_holds_back_nobody_elses_mail),
        plane_test_connecting(a_stopped_receiver_holds_back_nobody_elses_mail),
        plane_test(a_sender_that_waited_for_room_goes_on),
        plane_test_connecting(a_sender_that_waited_for_room_goes_on),
        plane_test(a_connection_torn_down_under_load_loses_nothing),
        plane_test_connecting(a_connection_torn_down_under_load_loses_nothing),
        plane_test_connecting(what_comes_twice_is_dropped_and_counted),
        plane_test_connecting(a_message_that_nanomsg_lost_is_sent_again),
        plane_test(six_hundred_receivers_share_four_hundred_sockets),
        plane_test_connecting(six_hundred_receivers_share_four_hundred_sockets),
        plane_test(an_idle_actor_has_no_timer_and_uses_no_processor),
        plane_test_connecting(an_idle_actor_has_no_timer_and_uses_no_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
