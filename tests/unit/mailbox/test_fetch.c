/* Fetching: who is awake takes what was recorded for it out of its sender's ring, and misses nothing when it stops. */
#include "unit/mailbox/plane.h"

#include <malloc.h>
#include <sys/syscall.h>

#include "mailbox/care.h"
#include "mailbox/inside.h"

static tr_pid sender_pid(void) { return tr_pid_make(1, 1); }
static tr_pid receiver_pid(void) { return tr_pid_make(2, 1); }
static tr_pid other_pid(void) { return tr_pid_make(3, 1); }

/* Mailboxes of one process, whose steps the test decides. */
struct three {
    struct tri_mailbox *sender, *receiver, *other;
};

/* ---------------------------------------------------------------- between two steps of a fetch */

/* What happens just before something is read there, once; false: it cannot be read. */
static struct {
    off_t at;
    bool (*act)(struct three *three);
    struct three *three;
} before_read;

/* The library's: what is read of others' windows passes here. */
ssize_t pread(int fd, void *data, size_t size_bytes, off_t at)
{
    if (before_read.act && before_read.at == at) {
        bool (*act)(struct three *) = before_read.act;
        before_read.act = NULL;
        if (!act(before_read.three)) {
            errno = EIO;
            return -1;
        }
    }
    return syscall(SYS_pread64, fd, data, size_bytes, at);
}

static void on_read(struct three *three, off_t at, bool (*act)(struct three *three))
{
    before_read.at = at;
    before_read.act = act;
    before_read.three = three;
}

/* Where the sender's ring begins. */
static off_t ring_at(void) { return tri_box_ring_offset(PLANE_SLOTS, tr_pid_slot(sender_pid())); }

/* The sender goes on from the ring's beginning. */
static void rewind_ring(struct three *three)
{
    tri_outbox_refresh_all(&three->sender->outbox);
    must(three->sender->outbox.live_bytes == 0);
    tri_ring_rewind(&three->sender->outbox.ring);
}

/* ---------------------------------------------------------------- one process */

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

/* Until nobody stands at its door any more. */
static void hear_all(struct tri_mailbox *mailbox)
{
    struct pollfd door = {.fd = mailbox->doorbell_fd, .events = POLLIN};
    while (poll(&door, 1, 0) > 0)
        must(tri_mailbox_take_in(mailbox) >= 0);
}

/* A receiver that has heard of its sender. */
static struct three open_three(void)
{
    struct three three = {open_mailbox(sender_pid()), open_mailbox(receiver_pid()),
                          open_mailbox(other_pid())};
    send_number(three.sender, receiver_pid(), 1);
    await_number(&three, 1);
    must(attended(three.receiver) == 1);
    if (plane_connects)
        await_connection(three.sender, receiver_pid());
    hear_all(three.receiver);
    return three;
}

static void close_three(struct three *three)
{
    tri_mailbox_close(three->other);
    tri_mailbox_close(three->receiver);
    tri_mailbox_close(three->sender);
}

typedef void steps_fn(struct three *three);

static void take_steps(tr_pid self, uint64_t steps)
{
    (void)self;
    struct three three = open_three();
    ((steps_fn *)(uintptr_t)steps)(&three);
    close_three(&three);
}

static void alone(steps_fn *steps)
{
    plane_add(1, 1);
    plane_add(2, 1);
    plane_add(3, 1);
    plane_expect_end(plane_start(take_steps, sender_pid(), (uintptr_t)steps));
}

/* From now on nothing that is sent to the receiver can come through nanomsg. */
static void cut_off(struct three *three)
{
    must(tri_socket_is_open(&peer_of(three->sender, receiver_pid())->socket));
    tri_socket_close(&peer_of(three->sender, receiver_pid())->socket);
}

static void fetches(struct three *three)
{
    cut_off(three);
    for (uint64_t number = 2; number <= 5000; number++) {
        send_number(three->sender, receiver_pid(), number);
        tri_mailbox_flush(three->sender);
        const struct tri_peer *peer = peer_of(three->sender, receiver_pid());
        must(peer->sent == number && !peer->is_unsent && !tri_socket_is_open(&peer->socket));
        must(tri_mailbox_take_in(three->receiver) >= 0);
        expect_number(three->receiver, number);
    }
    must(!three->sender->helper.is_started);
}

static void who_is_attended_to_leaves_nanomsg_alone(void **state)
{
    (void)state;
    alone(fetches);
}

static void sleeps(struct three *three)
{
    bool other;
    for (int waits = 0; attended(three->receiver) > 0 && waits < 1000; waits++) {
        must(tri_mailbox_wait(three->receiver, -1, tri_deadline_ns(10), &other) == 0);
        must(tri_mailbox_take_in(three->receiver) == 0); /* what has woken it up: a connection */
    }
    must(attended(three->receiver) == 0);
    send_number(three->sender, receiver_pid(), 2);
    await_number(three, 2);
    must(attended(three->receiver) == 1);
}

static void who_sleeps_is_sent_to_and_attends_again(void **state)
{
    (void)state;
    alone(sleeps);
}

/* The sender has looked before, and sends after, the receiver said that it attends to nobody any more. */
static void looks_a_last_time(struct three *three)
{
    cut_off(three);
    send_number(three->sender, receiver_pid(), 2);
    tri_fetch_leave_all(&three->receiver->intake.fetch);
    must(attended(three->receiver) == 1);
    must(tri_mailbox_take_in(three->receiver) >= 0);
    expect_number(three->receiver, 2);
    for (int looks = 0; attended(three->receiver) > 0 && looks < 1000; looks++)
        must(tri_mailbox_take_in(three->receiver) == 0);
    must(attended(three->receiver) == 0);
    uint32_t knocks = peer_of(three->sender, receiver_pid())->knocks;
    send_number(three->sender, receiver_pid(), 3);
    must(peer_of(three->sender, receiver_pid())->knocks == knocks + 1 || /* or it is connected */
         peer_of(three->sender, receiver_pid())->is_connected);
    await_number(three, 3);
}

static void the_last_look_finds_what_was_left(void **state)
{
    (void)state;
    alone(looks_a_last_time);
}

static void put_bytes(struct tri_mailbox *mailbox, tr_pid to, size_t size)
{
    static const char zeros[60000];
    struct tr_out out = {0};
    tr_put_binary(&out, zeros, size);
    must(tri_mailbox_send(mailbox, to, 0, tr_out_term(&out)) == 0);
    tr_out_deinit(&out);
}

static void send_bytes(struct tri_mailbox *mailbox, struct tri_mailbox *taker, tr_pid to,
                       size_t size)
{
    struct tr_message *message;
    put_bytes(mailbox, to, size);
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
static void goes_round(struct three *three)
{
    cut_off(three);
    for (uint64_t number = 2; number <= 60; number++) {
        for (uint64_t i = 0; i < number; i++)
            send_bytes(three->sender, three->other, other_pid(), 997 * number);
        send_number(three->sender, receiver_pid(), number);
        for (uint64_t i = 0; i < number % 7; i++)
            send_bytes(three->sender, three->other, other_pid(), 31 * number);
        must(tri_mailbox_take_in(three->receiver) >= 0);
        expect_number(three->receiver, number);
    }
    must(tri_mailbox_box(three->receiver)->bad_frames == 0);
}

static void it_is_found_wherever_the_ring_has_gone(void **state)
{
    (void)state;
    alone(goes_round);
}

/* It is not taken for a long time, so it is moved along. */
static void is_moved(struct three *three)
{
    cut_off(three);
    for (uint64_t number = 2; number <= 9; number++)
        send_number(three->sender, receiver_pid(), number);
    for (int i = 0; i < 100; i++)
        send_bytes(three->sender, three->other, other_pid(), 50000);
    must(peer_of(three->sender, receiver_pid())->has_moved);
    must(tri_mailbox_take_in(three->receiver) >= 0);
    for (uint64_t number = 2; number <= 9; number++)
        expect_number(three->receiver, number);
}

static void it_is_found_when_it_has_been_moved(void **state)
{
    (void)state;
    alone(is_moved);
}

static void outlives(struct three *three)
{
    plane_end(sender_pid());
    tri_box_clear(plane.boxes_fd, PLANE_SLOTS, tr_pid_slot(sender_pid()));
    must(tri_mailbox_take_in(three->receiver) == 0);
    tri_mailbox_forget(three->receiver, sender_pid());
    must(attended(three->receiver) == 0);
}

static void the_dead_are_not_attended_to(void **state)
{
    (void)state;
    alone(outlives);
}

/* ---------------------------------------------------------------- a ring that changes while it is read */

static void spoil(struct three *three)
{
    uint8_t *body = three->sender->outbox.ring.bytes + sizeof(struct tri_record);
    for (size_t i = 0; i < 4; i++)
        body[i] ^= 0xff;
}

static bool finishes_writing(struct three *three)
{
    spoil(three);
    return true;
}

/* At the place that the receiver is about to read, the sender is writing the next record for it. */
static bool begins_to_write(struct three *three)
{
    rewind_ring(three);
    send_number(three->sender, receiver_pid(), 2);
    spoil(three);
    on_read(three, tri_box_offset(PLANE_SLOTS, 1) + (off_t)offsetof(struct tri_box, ring_pid),
            finishes_writing);
    return true;
}

static void is_written_meanwhile(struct three *three)
{
    cut_off(three);
    rewind_ring(three);
    send_bytes(three->sender, three->other, other_pid(), 8);
    on_read(three, ring_at(), begins_to_write);
    must(tri_mailbox_take_in(three->receiver) >= 0);
    expect_number(three->receiver, 2);
}

static void what_is_half_written_is_not_taken(void **state)
{
    (void)state;
    alone(is_written_meanwhile);
}

static bool sends_something_longer(struct three *three)
{
    rewind_ring(three);
    put_bytes(three->sender, receiver_pid(), 2000);
    return true;
}

static void grows_meanwhile(struct three *three)
{
    cut_off(three);
    rewind_ring(three);
    send_bytes(three->sender, three->other, other_pid(), 8);
    on_read(three, ring_at(), sends_something_longer);
    must(tri_mailbox_take_in(three->receiver) == 1);
}

static void a_longer_record_at_the_same_place_is_read_to_its_end(void **state)
{
    (void)state;
    alone(grows_meanwhile);
}

static void is_damaged(struct three *three)
{
    cut_off(three);
    rewind_ring(three);
    send_number(three->sender, receiver_pid(), 2);
    ((struct tri_record *)(void *)three->sender->outbox.ring.bytes)->size_bytes = 5000;
    must(tri_mailbox_take_in(three->receiver) == 0);
    send_number(three->sender, receiver_pid(), 3);
    must(tri_mailbox_take_in(three->receiver) == 0); /* it comes before its turn */
}

static void a_record_beyond_the_head_keeps_nobody_reading(void **state)
{
    (void)state;
    alone(is_damaged);
}

/* Records stand behind each other all around the ring. */
static void fill_ring(struct tri_mailbox *mailbox)
{
    static uint8_t zeros[50000];
    const struct iovec part = {zeros, sizeof zeros};
    struct tri_ring *ring = &mailbox->outbox.ring;
    struct tri_record record = {
        .size_bytes = sizeof zeros, .receiver = other_pid().id, .kind = TRI_RECORD_TERM};
    must(tri_recorder_grow_ring(&mailbox->recorder, TRI_RING_BYTES) == 0);
    for (int i = 0; i < 50; i++) {
        while (!tri_ring_accepts(ring, tri_record_room(sizeof zeros)))
            tri_ring_release(ring);
        tri_ring_append(ring, &record, &part, 1);
    }
}

static void loses_its_ends(struct three *three)
{
    fill_ring(three->sender);
    *three->sender->outbox.ring.shown_head += (uint64_t)1 << 50;
    must(tri_mailbox_take_in(three->receiver) == 0);
}

static void ends_that_make_no_sense_keep_nobody_reading(void **state)
{
    (void)state;
    alone(loses_its_ends);
}

/* ---------------------------------------------------------------- what is not fetched */

/* The receiver passes over what was left to it, as when it has no memory for it. */
static void passes_over(struct three *three)
{
    struct tri_fetch *fetch = &three->receiver->intake.fetch;
    tri_fetch_forget(fetch, sender_pid());
    tri_fetch_attend(fetch, sender_pid(), tri_ring_head(&three->sender->outbox.ring));
    must(tri_mailbox_take_in(three->receiver) == 0);
}

static void is_sent_again(struct three *three)
{
    cut_off(three);
    send_number(three->sender, receiver_pid(), 2);
    passes_over(three);
    tri_outbox_resend(&three->sender->outbox, peer_of(three->sender, receiver_pid()));
    await_number(three, 2);
}

static void what_is_sent_again_is_not_left(void **state)
{
    (void)state;
    alone(is_sent_again);
}

static void is_cared_for(struct three *three)
{
    cut_off(three);
    send_number(three->sender, receiver_pid(), 2);
    passes_over(three);
    show_activity(three->receiver, TRI_ACTIVITY_WAITING);
    uint64_t now_ns = tri_clock_ns();
    for (unsigned i = 0; i < 4; i++)
        tri_care(&three->sender->outbox, now_ns += 10 * TRI_NS_PER_S);
    await_number(three, 2);
}

static void what_was_left_and_not_fetched_is_sent_without_a_socket_too(void **state)
{
    (void)state;
    alone(is_cared_for);
}

static bool cannot_be_read(struct three *three)
{
    on_read(three, ring_at(), cannot_be_read);
    return false;
}

static void fails_at_the_last_look(struct three *three)
{
    bool other;
    cut_off(three);
    rewind_ring(three);
    send_number(three->sender, receiver_pid(), 2);
    on_read(three, ring_at(), cannot_be_read);
    uint64_t begin_ns = tri_clock_ns();
    must(tri_mailbox_wait(three->receiver, -1, tri_deadline_ns(5000), &other) == 0);
    must(tri_clock_ns() - begin_ns < 2500 * TRI_NS_PER_MS);
    int first = tri_mailbox_take_in(three->receiver), second = tri_mailbox_take_in(three->receiver);
    must(first == -ENOMEM || second == -ENOMEM);
    before_read.act = NULL;
    must(tri_mailbox_take_in(three->receiver) == 1);
    expect_number(three->receiver, 2);
}

static void who_cannot_look_a_last_time_does_not_sleep(void **state)
{
    (void)state;
    alone(fails_at_the_last_look);
}

/* Of what was read only a little is for the receiver, which lets it wait. */
static void keeps_little(struct three *three)
{
    enum { KEPT = 200 };
    cut_off(three);
    size_t before = mallinfo2().uordblks;
    for (uint64_t number = 2; number < 2 + KEPT; number++) {
        send_bytes(three->sender, three->other, other_pid(), 20000);
        send_number(three->sender, receiver_pid(), number);
        must(tri_mailbox_take_in(three->receiver) == 1);
    }
    must(mallinfo2().uordblks - before < KEPT * (size_t)1000);
    for (uint64_t number = 2; number < 2 + KEPT; number++)
        expect_number(three->receiver, number);
}

static void what_is_kept_of_a_ring_takes_no_more_memory_than_it_needs(void **state)
{
    (void)state;
    alone(keeps_little);
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
        plane_test_connecting(who_is_attended_to_leaves_nanomsg_alone),
        plane_test_connecting(who_sleeps_is_sent_to_and_attends_again),
        plane_test_connecting(the_last_look_finds_what_was_left),
        plane_test_connecting(it_is_found_wherever_the_ring_has_gone),
        plane_test_connecting(it_is_found_when_it_has_been_moved),
        plane_test_connecting(the_dead_are_not_attended_to),
        plane_test_connecting(what_is_half_written_is_not_taken),
        plane_test_connecting(a_longer_record_at_the_same_place_is_read_to_its_end),
        plane_test_connecting(a_record_beyond_the_head_keeps_nobody_reading),
        plane_test_connecting(ends_that_make_no_sense_keep_nobody_reading),
        plane_test_connecting(what_is_sent_again_is_not_left),
        plane_test_connecting(what_was_left_and_not_fetched_is_sent_without_a_socket_too),
        plane_test_connecting(who_cannot_look_a_last_time_does_not_sleep),
        plane_test_connecting(what_is_kept_of_a_ring_takes_no_more_memory_than_it_needs),
        plane_test_connecting(a_long_conversation_with_pauses_misses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
