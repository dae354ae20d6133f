/* A bounded mailbox at its intake: frames that are gone on with, senders that do not repeat, files that do not stay. */
#include "unit/mailbox/plane.h"

#include <dirent.h>

#include "mailbox/care.h"
#include "mailbox/inside.h"
#include "mailbox/knot.h"

static tr_pid sender_pid(void) { return tr_pid_make(1, 1); }
static tr_pid receiver_pid(void) { return tr_pid_make(2, 1); }

/* Sender and receiver are two mailboxes of one process, so that each step is the test's. */
struct pair {
    struct tri_mailbox *sender, *receiver;
};

static struct pair open_pair(struct tri_bound bound)
{
    static struct tri_mailbox_options options;
    struct pair pair = {.sender = open_mailbox(sender_pid())};
    options = (struct tri_mailbox_options){
        .dir = &plane.dir, .table = &plane.table, .self = receiver_pid(), .bound = bound};
    must(tri_mailbox_open(&pair.receiver, &options) == 0);
    return pair;
}

static void close_pair(struct pair *pair)
{
    tri_mailbox_close(pair->receiver);
    tri_mailbox_close(pair->sender);
}

/* Both do what they can: one sends, the other takes in. */
static void go_on(struct pair *pair)
{
    tri_mailbox_flush(pair->sender);
    must(tri_mailbox_take_in(pair->sender) >= 0);
    must(tri_mailbox_take_in(pair->receiver) >= 0);
}

static void go_on_until_length(struct pair *pair, uint64_t length)
{
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS / 2);
    while (tri_mailbox_length(pair->receiver) < length) {
        must(tri_clock_ns() < deadline_ns);
        go_on(pair);
    }
    for (int i = 0; i < 10; i++)
        go_on(pair);
    must(tri_mailbox_length(pair->receiver) == length);
}

/* Takes in until the mailbox holds so many and has no room for more. */
static void fill(struct pair *pair, uint64_t length)
{
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS / 2);
    while (!tri_mailbox_is_full(pair->receiver)) {
        must(tri_clock_ns() < deadline_ns);
        go_on(pair);
    }
    must(tri_mailbox_length(pair->receiver) == length);
    must(tri_mailbox_box(pair->receiver)->full_since_ns > 0);
}

/* Receives the oldest message, without taking in more than the mailbox has. */
static uint64_t take_oldest(struct tri_mailbox *mailbox)
{
    uint64_t value;
    struct tr_message *message = tri_mailbox_next(mailbox, 0);
    must(message);
    must(tr_get_unsigned(message->term, &value));
    tri_mailbox_remove(mailbox, message);
    tri_message_free(message);
    return value;
}

static void send_numbers(struct pair *pair, uint64_t first, uint64_t last)
{
    for (uint64_t number = first; number <= last; number++)
        send_number(pair->sender, receiver_pid(), number);
}

static void alone(plane_fn *body, int status)
{
    plane_add(1, 1);
    plane_add(2, 1);
    assert_int_equal(plane_wait(plane_start(body, sender_pid(), 0)), status);
}

static void receives_as_there_is_room(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct pair pair = open_pair((struct tri_bound){.max_messages = 3});
    send_numbers(&pair, 1, 500);
    fill(&pair, 3);
    for (uint64_t number = 1; number <= 497; number++) {
        must(tri_mailbox_last_taken(pair.receiver, self) == number + 2);
        must(take_oldest(pair.receiver) == number);
        go_on_until_length(&pair, 3);
    }
    must(tri_mailbox_box(pair.receiver)->full_since_ns == 0);
    must(tri_mailbox_box(pair.receiver)->duplicates == 0);
    close_pair(&pair);
}

static void a_frame_is_gone_on_with_message_by_message(void **state)
{
    (void)state;
    alone(receives_as_there_is_room, 0);
}

static void wants_more(tr_pid self, uint64_t argument)
{
    (void)self;
    (void)argument;
    struct pair pair = open_pair((struct tri_bound){.max_messages = 3});
    send_numbers(&pair, 1, 50);
    fill(&pair, 3);
    tri_mailbox_want(pair.receiver, 1);
    go_on_until_length(&pair, 4);
    tri_mailbox_want(pair.receiver, 2);
    go_on_until_length(&pair, 6);
    tri_mailbox_want(pair.receiver, 1);
    tri_mailbox_want(pair.receiver, 0);
    go_on_until_length(&pair, 6);
    close_pair(&pair);
}

static void what_is_wanted_enters_one_by_one(void **state)
{
    (void)state;
    alone(wants_more, 0);
}

/* What the node does when the sender has died: hands on all that was not published. */
static void deliver(struct tri_mailbox *mailbox, uint64_t number)
{
    _Alignas(8) uint8_t bytes[256];
    struct tr_out out = {0};
    tr_put_unsigned(&out, number);
    struct tri_record record = {.size_bytes = (uint32_t)out.size_bytes,
                                .receiver = receiver_pid().id,
                                .number = number,
                                .kind = TRI_RECORD_TERM};
    tri_record_write(bytes, &record, &(struct iovec){out.data, out.size_bytes}, 1);
    must(tri_mailbox_deliver(mailbox, sender_pid(), bytes, sizeof record + out.size_bytes) == 0);
    tr_out_deinit(&out);
}

static void hears_last_words(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct pair pair = open_pair((struct tri_bound){.max_messages = 3});
    send_numbers(&pair, 1, 50);
    fill(&pair, 3);
    for (uint64_t number = 4; number <= 50; number++)
        deliver(pair.receiver, number);
    plane_end(self);
    tri_mailbox_forget(pair.receiver, self);
    for (uint64_t number = 1; number <= 50; number++)
        must(take_oldest(pair.receiver) == number);
    must(tri_mailbox_take_in(pair.receiver) == 0 && !tri_mailbox_is_full(pair.receiver));
    must(tri_mailbox_length(pair.receiver) == 0);
    close_pair(&pair);
}

static void last_words_find_room_and_come_once(void **state)
{
    (void)state;
    alone(hears_last_words, 0);
}

/* As care finds it after many seconds: the receiver has looked into its mailbox, and has published nothing. */
static void grow_impatient(struct pair *pair, struct tri_peer *peer)
{
    tri_outbox_refresh_all(&pair->sender->outbox);
    peer->published_then = peer->published;
    peer->patience_ns = 4 * TRI_NS_PER_S;
    peer->check_ns = 1;
    pair->sender->outbox.care_ns = 0;
    tri_mailbox_box(pair->receiver)->heartbeat_ns = tri_clock_ns();
}

static void cares(tr_pid self, uint64_t argument)
{
    (void)self;
    (void)argument;
    plane_connects = true; /* what is sent again by a knock is not taken twice anyway */
    struct pair pair = open_pair((struct tri_bound){.max_messages = 3});
    plane_let_connect(pair.sender);
    plane_let_connect(pair.receiver);
    send_numbers(&pair, 1, 1);
    await_connection(pair.sender, receiver_pid());
    send_numbers(&pair, 2, 50);
    fill(&pair, 3);
    struct tri_peer *peer = tri_outbox_find(&pair.sender->outbox, receiver_pid());
    while (peer->sent < peer->last)
        tri_mailbox_flush(pair.sender);
    {
        TRI_IN_TURN(pair.sender);
        peer->connections_then = tri_socket_connections(&peer->socket);
        grow_impatient(&pair, peer);
        tri_care(&pair.sender->outbox, tri_clock_ns());
    }
    for (uint64_t number = 1; number <= 50; number++) {
        while (tri_mailbox_length(pair.receiver) == 0)
            go_on(&pair);
        must(take_oldest(pair.receiver) == number);
    }
    must(tri_mailbox_take_in(pair.receiver) == 0);
    must(tri_mailbox_box(pair.receiver)->duplicates == 0);
    close_pair(&pair);
}

static void nothing_is_sent_again_to_a_full_mailbox(void **state)
{
    (void)state;
    alone(cares, 0);
}

static unsigned count_blobs(void)
{
    char path[TRI_PATH_BYTES];
    unsigned count = 0;
    DIR *folder = opendir(tri_rundir_blobs(&plane.dir, receiver_pid(), path));
    must(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void drops_a_blob(tr_pid self, uint64_t argument)
{
    static uint8_t body[200000];
    (void)self;
    (void)argument;
    struct tr_out out = {0};
    struct pair pair = open_pair((struct tri_bound){.max_bytes = 1000, .policy = TRI_POLICY_DROPS});
    struct tri_box *box = tri_mailbox_box(pair.receiver);
    tr_put_binary(&out, body, sizeof body);
    send_term(pair.sender, receiver_pid(), 0, tr_out_term(&out));
    must(count_blobs() == 1);
    while (box->dropped == 0)
        go_on(&pair);
    must(count_blobs() == 0 && tri_mailbox_length(pair.receiver) == 0);
    must(tri_mailbox_last_taken(pair.receiver, sender_pid()) == 1);
    tr_out_deinit(&out);
    close_pair(&pair);
}

static void a_large_body_that_is_dropped_leaves_no_file(void **state)
{
    (void)state;
    alone(drops_a_blob, 0);
    tri_rundir_forget(&plane.dir, receiver_pid());
}

static void overflows(tr_pid self, uint64_t argument)
{
    (void)self;
    (void)argument;
    struct pair pair = open_pair((struct tri_bound){.max_messages = 3, .policy = TRI_POLICY_KILLS});
    send_numbers(&pair, 1, 3);
    go_on_until_length(&pair, 3);
    send_number(pair.receiver, receiver_pid(), 4); /* to itself: does not kill */
    must(tri_mailbox_length(pair.receiver) == 4);
    send_numbers(&pair, 4, 4);
    for (;;)
        go_on(&pair);
}

static void an_overflow_ends_the_process_and_the_box_says_why(void **state)
{
    struct tri_box box;
    (void)state;
    alone(overflows, TRI_FATE_STATUS);
    assert_int_equal(tri_box_read(plane.boxes_fd, PLANE_SLOTS, 2, &box), 0);
    assert_int_equal(box.fate, TRI_FATE_MAILBOX);
}

/* ---------------------------------------------------------------- knots */

/* A box as one leaves it who waits, with a full mailbox or not. */
static void write_box(uint32_t slot, tr_pid waits_for, bool is_full)
{
    struct tri_box box = {.magic = TRI_BOX_MAGIC,
                          .version = TRI_BOX_VERSION,
                          .pid = tr_pid_make(slot, 1).id,
                          .full_since_ns = is_full,
                          .waits_for = waits_for.id};
    must(pwrite(plane.boxes_fd, &box, sizeof box, tri_box_offset(PLANE_SLOTS, slot)) == sizeof box);
}

static bool leads_back_to_one(void)
{
    struct tri_recorder recorder = {
        .fd = plane.boxes_fd, .slots = PLANE_SLOTS, .self = tr_pid_make(1, 1)};
    return tri_knot_leads_back(&recorder, tr_pid_make(2, 1));
}

static void a_ring_of_full_mailboxes_is_a_knot(void **state)
{
    (void)state;
    write_box(2, tr_pid_make(3, 1), true);
    write_box(3, tr_pid_make(1, 1), true);
    assert_true(leads_back_to_one());
}

static void a_ring_with_room_in_it_is_none(void **state)
{
    (void)state;
    write_box(2, tr_pid_make(3, 1), true);
    write_box(3, tr_pid_make(1, 1), false);
    assert_false(leads_back_to_one());
}

static void a_way_that_ends_or_turns_elsewhere_is_none(void **state)
{
    (void)state;
    write_box(2, tr_pid_make(3, 1), true);
    write_box(3, TR_NO_PID, true);
    assert_false(leads_back_to_one());
    write_box(3, tr_pid_make(2, 1), true); /* a ring without us */
    assert_false(leads_back_to_one());
    write_box(3, tr_pid_make(1, 2), true); /* another tenant of our slot */
    assert_false(leads_back_to_one());
    write_box(3, tr_pid_make(5000, 1), true); /* nonsense */
    assert_false(leads_back_to_one());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        plane_test(a_frame_is_gone_on_with_message_by_message),
        plane_test(what_is_wanted_enters_one_by_one),
        plane_test(last_words_find_room_and_come_once),
        plane_test(nothing_is_sent_again_to_a_full_mailbox),
        plane_test(a_large_body_that_is_dropped_leaves_no_file),
        plane_test(an_overflow_ends_the_process_and_the_box_says_why),
        plane_test(a_ring_of_full_mailboxes_is_a_knot),
        plane_test(a_ring_with_room_in_it_is_none),
        plane_test(a_way_that_ends_or_turns_elsewhere_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
