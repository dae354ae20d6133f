/* Fetching: who is awake takes what was recorded for it out of its sender's ring, and misses nothing when it stops. */
#include "unit/mailbox/plane.h"

#include "mailbox/inside.h"

static tr_pid sender_pid(void) { return tr_pid_make(1, 1); }
static tr_pid receiver_pid(void) { return tr_pid_make(2, 1); }
static tr_pid other_pid(void) { return tr_pid_make(3, 1); }

/* Mailboxes of one process, whose steps the test decides. */
struct three {
    struct tri_mailbox *sender, *receiver, *other;
};

static void alone(plane_fn *body)
{
    plane_add(1, 1);
    plane_add(2, 1);
    plane_add(3, 1);
    plane_expect_end(plane_start(body, sender_pid(), 0));
}

static struct tri_peer *peer_of(struct tri_mailbox *mailbox, tr_pid to)
{
    return tri_outbox_find(&mailbox->outbox, to);
}

static unsigned attended(const struct tri_mailbox *mailbox) { return mailbox->intake.fetch.count; }

/* It has been taken in: by this thread just now, or by the mailbox's helper. */
static void expect_number(struct tri_mailbox *mailbox, uint64_t number)
{
    uint64_t value;
    struct tr_message *message = tri_mailbox_next(mailbox, 0);
    must(message && tr_get_unsigned(message->term, &value) && value == number);
    tri_mailbox_remove(mailbox, message);
    tri_mailbox_free(mailbox, message);
}

/* Takes in until a number has come, which the sender had to hand to nanomsg. */
static void await_number(struct three *three, uint64_t number)
{
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    while (tri_mailbox_length(three->receiver) == 0) {
        must(tri_clock_ns() < deadline_ns);
        tri_mailbox_flush(three->sender);
        must(tri_mailbox_take_in(three->sender) >= 0);
        must(tri_mailbox_take_in(three->receiver) >= 0);
    }
    expect_number(three->receiver, number);
}

/* A receiver that has heard of its sender. */
static struct three open_three(void)
{
    struct three three = {open_mailbox(sender_pid()), open_mailbox(receiver_pid()),
                          open_mailbox(other_pid())};
    send_number(three.sender, receiver_pid(), 1);
    await_number(&three, 1);
    must(attended(three.receiver) == 1);
    return three;
}

static void close_three(struct three *three)
{
    tri_mailbox_close(three->other);
    tri_mailbox_close(three->receiver);
    tri_mailbox_close(three->sender);
}

/* From now on nothing that is sent to the receiver can come through nanomsg. */
static void cut_off(struct three *three)
{
    must(tri_socket_is_open(&peer_of(three->sender, receiver_pid())->socket));
    tri_socket_close(&peer_of(three->sender, receiver_pid())->socket);
}

static void fetches(tr_pid self, uint64_t argument)
{
    (void)self;
    (void)argument;
    struct three three = open_three();
    cut_off(&three);
    for (uint64_t number = 2; number <= 5000; number++) {
        send_number(three.sender, receiver_pid(), number);
        tri_mailbox_flush(three.sender);
        struct tri_peer *peer = peer_of(three.sender, receiver_pid());
        must(peer->sent == number && !peer->is_unsent && !tri_socket_is_open(&peer->socket));
        must(tri_mailbox_take_in(three.receiver) >= 0);
        expect_number(three.receiver, number);
    }
    must(!three.sender->helper.is_started);
    close_three(&three);
}

static void who_is_attended_to_leaves_nanomsg_alone(void **state)
{
    (void)state;
    alone(fetches);
}

static void sleeps(tr_pid self, uint64_t argument)
{
    bool other;
    (void)self;
    (void)argument;
    struct three three = open_three();
    must(tri_mailbox_wait(three.receiver, -1, tri_deadline_ns(10), &other) == 0);
    must(attended(three.receiver) == 0);
    send_number(three.sender, receiver_pid(), 2);
    must(peer_of(three.sender, receiver_pid())->framed_ns > 0);
    await_number(&three, 2);
    must(attended(three.receiver) == 1);
    close_three(&three);
}

static void who_sleeps_is_sent_to_and_attends_again(void **state)
{
    (void)state;
    alone(sleeps);
}

/* The sender has looked before, and sends after, the receiver said that it attends to nobody any more. */
static void looks_a_last_time(tr_pid self, uint64_t argument)
{
    (void)self;
    (void)argument;
    struct three three = open_three();
    cut_off(&three);
    send_number(three.sender, receiver_pid(), 2);
    tri_fetch_leave_all(&three.receiver->intake.fetch);
    must(attended(three.receiver) == 1);
    must(tri_mailbox_take_in(three.receiver) >= 0);
    expect_number(three.receiver, 2);
    must(tri_mailbox_take_in(three.receiver) == 0);
    must(attended(three.receiver) == 0);
    send_number(three.sender, receiver_pid(), 3);
    must(peer_of(three.sender, receiver_pid())->is_unsent || /* or sent on a new connection */
         tri_socket_is_open(&peer_of(three.sender, receiver_pid())->socket));
    await_number(&three, 3);
    close_three(&three);
}

static void the_last_look_finds_what_was_left(void **state)
{
    (void)state;
    alone(looks_a_last_time);
}

static void send_bytes(struct tri_mailbox *mailbox, struct tri_mailbox *taker, tr_pid to,
                       size_t size)
{
    static const char zeros[60000];
    struct tr_out out = {0};
    struct tr_message *message;
    tr_put_binary(&out, zeros, size);
    must(tri_mailbox_send(mailbox, to, 0, tr_out_term(&out)) == 0);
    tr_out_deinit(&out);
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    while (!(message = tri_mailbox_next(taker, 0))) {
        must(tri_clock_ns() < deadline_ns);
        tri_mailbox_flush(mailbox);
        must(tri_mailbox_take_in(taker) >= 0);
    }
    tri_mailbox_remove(taker, message);
    tri_mailbox_free(taker, message);
}

/* Between two messages to the receiver the ring goes round, once or several times, with messages to somebody else. */
static void goes_round(tr_pid self, uint64_t argument)
{
    (void)self;
    (void)argument;
    struct three three = open_three();
    cut_off(&three);
    for (uint64_t number = 2; number <= 60; number++) {
        for (uint64_t i = 0; i < number; i++)
            send_bytes(three.sender, three.other, other_pid(), 997 * number);
        send_number(three.sender, receiver_pid(), number);
        for (uint64_t i = 0; i < number % 7; i++)
            send_bytes(three.sender, three.other, other_pid(), 31 * number);
        must(tri_mailbox_take_in(three.receiver) >= 0);
        expect_number(three.receiver, number);
    }
    must(tri_mailbox_box(three.receiver)->bad_frames == 0);
    close_three(&three);
}

static void it_is_found_wherever_the_ring_has_gone(void **state)
{
    (void)state;
    alone(goes_round);
}

/* It is not taken for a long time, so it is moved along. */
static void is_moved(tr_pid self, uint64_t argument)
{
    (void)self;
    (void)argument;
    struct three three = open_three();
    cut_off(&three);
    for (uint64_t number = 2; number <= 9; number++)
        send_number(three.sender, receiver_pid(), number);
    for (int i = 0; i < 100; i++)
        send_bytes(three.sender, three.other, other_pid(), 50000);
    must(peer_of(three.sender, receiver_pid())->has_moved);
    must(tri_mailbox_take_in(three.receiver) >= 0);
    for (uint64_t number = 2; number <= 9; number++)
        expect_number(three.receiver, number);
    close_three(&three);
}

static void it_is_found_when_it_has_been_moved(void **state)
{
    (void)state;
    alone(is_moved);
}

static void outlives(tr_pid self, uint64_t argument)
{
    (void)self;
    (void)argument;
    struct three three = open_three();
    plane_end(sender_pid());
    tri_box_clear(plane.boxes_fd, PLANE_SLOTS, tr_pid_slot(sender_pid()));
    must(tri_mailbox_take_in(three.receiver) == 0);
    tri_mailbox_forget(three.receiver, sender_pid());
    must(attended(three.receiver) == 0);
    close_three(&three);
}

static void the_dead_are_not_attended_to(void **state)
{
    (void)state;
    alone(outlives);
}

/* ---------------------------------------------------------------- two processes */

enum { EXCHANGES = 20000 };

/* Rests now and then, so that its partner falls asleep in every way. */
static void rest(uint64_t number)
{
    if (number % 97 == 0)
        usleep((useconds_t)(number % 300));
}

static void plays(tr_pid self, uint64_t other)
{
    struct tri_mailbox *mailbox = open_mailbox(self);
    bool begins = tr_pid_slot(self) == 1;
    for (uint64_t number = 1; number <= EXCHANGES; number++) {
        if (begins)
            send_number(mailbox, (tr_pid){other}, number);
        must(receive_number(mailbox, NULL) == number);
        if (!begins)
            send_number(mailbox, (tr_pid){other}, number);
        rest(number + begins);
    }
    linger(mailbox);
}

static void a_long_conversation_with_pauses_misses_nothing(void **state)
{
    (void)state;
    plane_add(1, 1);
    plane_add(2, 1);
    pid_t one = plane_start(plays, sender_pid(), receiver_pid().id);
    pid_t two = plane_start(plays, receiver_pid(), sender_pid().id);
    plane_expect_end(one);
    plane_expect_end(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        plane_test(who_is_attended_to_leaves_nanomsg_alone),
        plane_test(who_sleeps_is_sent_to_and_attends_again),
        plane_test(the_last_look_finds_what_was_left),
        plane_test(it_is_found_wherever_the_ring_has_gone),
        plane_test(it_is_found_when_it_has_been_moved),
        plane_test(the_dead_are_not_attended_to),
        plane_test(a_long_conversation_with_pauses_misses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
