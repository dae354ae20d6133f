/* A mailbox as the process layer sees it: what enters, in which order, and what is kept out. */
#include "unit/mailbox/plane.h"

#include "mailbox/frame.h"
#include "mailbox/inside.h"
#include "mailbox/socket.h"

static tr_pid one(void) { return tr_pid_make(1, 1); }
static tr_pid two(void) { return tr_pid_make(2, 1); }

/* Most tests need a single process with a mailbox, which may talk to a second mailbox in the same process. */
static void alone(plane_fn *body)
{
    plane_add(1, 1);
    plane_add(2, 1);
    plane_expect_end(plane_start(body, one(), 0));
}

/* Does for a sender what its process would: a first connection may come late, or lose what is sent on it, and the sender
 * sends that again to who shows that it waits. */
static void look_after(struct tri_mailbox *sender)
{
    tri_mailbox_flush(sender);
    must(tri_mailbox_take_in(sender) >= 0);
}

/* Waits until `receiver` has taken in everything of `sender` up to that number. Both are this process's. */
static void await_taken(struct tri_mailbox *receiver, struct tri_mailbox *sender, tr_pid from,
                        uint64_t number)
{
    bool other;
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    show_activity(receiver, TRI_ACTIVITY_WAITING);
    while (tri_mailbox_last_taken(receiver, from) < number) {
        must(tri_clock_ns() < deadline_ns);
        must(tri_mailbox_wait(receiver, -1, tri_deadline_ns(1), &other) == 0);
        must(tri_mailbox_take_in(receiver) >= 0);
        look_after(sender);
    }
    show_activity(receiver, TRI_ACTIVITY_RUNNING);
}

/* A record as the node hands it on. */
struct made {
    uint8_t bytes[256];
    size_t size;
};

static struct made make_record(tr_pid receiver, uint64_t number, uint64_t alias, uint64_t value)
{
    struct made made = {0};
    struct tr_out out = {0};
    tr_put_unsigned(&out, value);
    struct tri_record record = {.size_bytes = (uint32_t)out.size_bytes,
                                .receiver = receiver.id,
                                .number = number,
                                .alias = alias,
                                .kind = TRI_RECORD_TERM};
    record.checksum = tri_record_checksum(&record, out.data);
    memcpy(made.bytes, &record, sizeof record);
    memcpy(made.bytes + sizeof record, out.data, out.size_bytes);
    made.size = sizeof record + out.size_bytes;
    tr_out_deinit(&out);
    return made;
}

static int deliver(struct tri_mailbox *mailbox, tr_pid from, uint64_t number, uint64_t value)
{
    struct made made = make_record(one(), number, 0, value);
    return tri_mailbox_deliver(mailbox, from, made.bytes, made.size);
}

/* ---------------------------------------------------------------- to oneself */

static void sends_to_itself(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    send_number(mailbox, self, 1);
    send_number(mailbox, self, 2);
    tr_pid from;
    must(receive_number(mailbox, &from) == 1);
    must(tr_pid_equal(from, self));
    must(receive_number(mailbox, NULL) == 2);
    must(tri_mailbox_box(mailbox)->ring_head == 0);
    tri_mailbox_close(mailbox);
}

static void what_is_sent_to_oneself_stays_in_memory(void **state)
{
    (void)state;
    alone(sends_to_itself);
}

/* ---------------------------------------------------------------- counters */

static void counts(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self), *other = open_mailbox(two());
    struct tri_box *box = tri_mailbox_box(other);
    must(tri_mailbox_last_sent(mailbox, two()) == 0);
    send_number(mailbox, two(), 1);
    send_number(mailbox, two(), 2);
    must(tri_mailbox_last_sent(mailbox, two()) == 2);
    must(tri_mailbox_box(mailbox)->messages_out == 2);
    await_taken(other, mailbox, self, 2);
    must(tri_mailbox_length(other) == 2);
    must(box->messages_in == 2 && box->bytes_in == 4);
    must(box->mailbox_length == 2 && box->oldest_arrival_ns > 0);
    receive_number(other, NULL);
    receive_number(other, NULL);
    must(box->mailbox_length == 0 && box->oldest_arrival_ns == 0);
    tri_mailbox_close(other);
    tri_mailbox_close(mailbox);
}

static void the_box_counts_what_went_in_and_out(void **state)
{
    (void)state;
    alone(counts);
}

static void takes_one_in_hand(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    struct tri_box box;
    struct tri_kept kept;
    send_number(mailbox, self, 77);
    struct tr_message *message = tri_mailbox_next(mailbox, 0);
    must(message != NULL);
    tri_mailbox_take(mailbox, message);
    must(tri_box_read(plane.boxes_fd, PLANE_SLOTS, tr_pid_slot(self), &box) == 0);
    must(tri_box_taken(&box, &kept, 1) == 1 && kept.peer == self.id);
    must(box.in_hand_size_bytes == message->term.size_bytes && kept.size_bytes == kept.kept_bytes);
    must(memcmp(kept.bytes, message->term.data, message->term.size_bytes) == 0);
    tri_mailbox_let_go(mailbox, message, true, NULL);
    must(tri_mailbox_box(mailbox)->in_hand_size_bytes == 0);
    tri_mailbox_close(mailbox);
}

static void the_message_in_hand_is_seen_from_outside(void **state)
{
    (void)state;
    alone(takes_one_in_hand);
}

/* ---------------------------------------------------------------- the dead */

#define FOR_THE_DEAD_MS (PLANE_DEADLINE_MS / 2)

static void sends_to_the_dead(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    send_number(mailbox, tr_pid_make(500, 1), 1); /* never was */
    must(tri_mailbox_box(mailbox)->dead_letters == 1);
    send_number(mailbox, two(), 1); /* lives, and has no mailbox yet */
    plane_end(two());
    send_number(mailbox, two(), 2);
    must(tri_mailbox_box(mailbox)->dead_letters == 2);
    tri_mailbox_linger(mailbox, tri_deadline_ns(FOR_THE_DEAD_MS)); /* which is not waited for */
    tri_mailbox_close(mailbox);
}

static void mail_for_the_dead_is_dropped_and_counted(void **state)
{
    (void)state;
    uint64_t begin_ns = tri_clock_ns();
    alone(sends_to_the_dead);
    assert_true(tri_clock_ns() - begin_ns < FOR_THE_DEAD_MS * TRI_NS_PER_MS);
}

/* ---------------------------------------------------------------- aliases */

static uint64_t asked[8];
static unsigned asked_count;

static bool accepts_even(uint64_t alias, void *context)
{
    (void)context;
    asked[asked_count++ % 8] = alias;
    return alias % 2 == 0;
}

static void has_aliases(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tr_out out = {0};
    tr_put_unsigned(&out, 9);
    struct tri_mailbox *mailbox = open_mailbox(two());
    struct tri_mailbox *other = open_mailbox_with(self, accepts_even);
    for (uint64_t alias = 1; alias <= 4; alias++)
        send_term(mailbox, self, alias, tr_out_term(&out));
    await_taken(other, mailbox, two(), 4);
    must(tri_mailbox_length(other) == 2);
    must(asked_count == 4 && asked[0] == 1 && asked[1] == 2 && asked[2] == 3 && asked[3] == 4);
    for (uint64_t alias = 2; alias <= 4; alias += 2) {
        struct tr_message *message = receive_one(other);
        must(message->alias == alias);
        tri_mailbox_free(mailbox, message);
    }
    linger(mailbox);
    tr_out_deinit(&out);
    tri_mailbox_close(other);
    tri_mailbox_close(mailbox);
}

static void a_message_to_an_alias_that_is_over_is_dropped_and_confirmed(void **state)
{
    (void)state;
    alone(has_aliases);
}

static void sends_itself_to_aliases(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tr_out out = {0};
    tr_put_unsigned(&out, 9);
    struct tri_mailbox *mailbox = open_mailbox_with(self, accepts_even);
    send_term(mailbox, self, 1, tr_out_term(&out));
    must(tri_mailbox_length(mailbox) == 0);
    send_term(mailbox, self, 2, tr_out_term(&out));
    must(tri_mailbox_length(mailbox) == 1);
    tr_out_deinit(&out);
    tri_mailbox_close(mailbox);
}

static void an_alias_of_ones_own_is_asked_about_too(void **state)
{
    (void)state;
    alone(sends_itself_to_aliases);
}

/* ---------------------------------------------------------------- through the node */

static void hears_from_the_node(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    must(deliver(mailbox, two(), 0, 10) == 0);
    must(deliver(mailbox, two(), 0, 11) == 0);
    must(receive_number(mailbox, NULL) == 10 && receive_number(mailbox, NULL) == 11);
    must(deliver(mailbox, two(), 2, 22) == 0); /* early */
    must(deliver(mailbox, two(), 3, 23) == 0);
    must(tri_mailbox_length(mailbox) == 0);
    must(deliver(mailbox, two(), 1, 21) == 0);
    must(deliver(mailbox, two(), 2, 22) == 0); /* again */
    must(tri_mailbox_length(mailbox) == 3 && tri_mailbox_box(mailbox)->duplicates == 1);
    for (uint64_t value = 21; value <= 23; value++)
        must(receive_number(mailbox, NULL) == value);
    tri_mailbox_close(mailbox);
}

static void records_from_the_node_are_put_in_order(void **state)
{
    (void)state;
    alone(hears_from_the_node);
}

static void hears_nonsense_from_the_node(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    struct made made = make_record(self, 1, 0, 5);
    for (size_t size = 0; size < made.size; size++)
        must(tri_mailbox_deliver(mailbox, two(), made.bytes, size) == TR_MALFORMED);
    made.bytes[made.size - 1] ^= 1;
    must(tri_mailbox_deliver(mailbox, two(), made.bytes, made.size) == TR_MALFORMED);
    made = make_record(two(), 1, 0, 5);
    must(tri_mailbox_deliver(mailbox, two(), made.bytes, made.size) == TR_MALFORMED);
    must(tri_mailbox_length(mailbox) == 0);
    must(tri_mailbox_box(mailbox)->bad_frames > 0);
    tri_mailbox_close(mailbox);
}

static void a_bad_record_from_the_node_is_an_outcome(void **state)
{
    (void)state;
    alone(hears_nonsense_from_the_node);
}

/* ---------------------------------------------------------------- generations */

static void meets_two_tenants_of_a_slot(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    tr_pid first = two(), second = tr_pid_make(2, 2);
    must(deliver(mailbox, first, 1, 11) == 0);
    must(deliver(mailbox, first, 3, 13) == 0);
    must(deliver(mailbox, second, 1, 21) == 0);
    must(deliver(mailbox, first, 2, 12) == 0); /* too late */
    must(tri_mailbox_last_taken(mailbox, second) == 1 &&
         tri_mailbox_last_taken(mailbox, first) == 0);
    must(tri_mailbox_length(mailbox) == 2);
    must(receive_number(mailbox, NULL) == 11 && receive_number(mailbox, NULL) == 21);
    tri_mailbox_close(mailbox);
}

static void a_new_tenant_of_a_slot_begins_with_one(void **state)
{
    (void)state;
    alone(meets_two_tenants_of_a_slot);
}

static void forgets_a_dead_sender(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    must(deliver(mailbox, two(), 1, 11) == 0);
    tri_mailbox_forget(mailbox, two()); /* it lives: nothing happens */
    must(deliver(mailbox, two(), 2, 12) == 0);
    must(deliver(mailbox, two(), 4, 14) == 0);
    plane_end(two());
    tri_mailbox_forget(mailbox, two());
    must(deliver(mailbox, two(), 3, 13) == 0);
    must(tri_mailbox_length(mailbox) == 2);
    tri_mailbox_close(mailbox);
}

static void nothing_of_a_forgotten_sender_comes_in(void **state)
{
    (void)state;
    alone(forgets_a_dead_sender);
}

/* ---------------------------------------------------------------- hostile frames */

static void send_raw(struct tri_socket *socket, const void *bytes, size_t size)
{
    struct iovec part = {(void *)bytes, size};
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    while (tri_socket_send(socket, &part, 1) == -EAGAIN)
        must(tri_clock_ns() < deadline_ns && sched_yield() == 0);
}

static void is_told_nonsense(tr_pid self, uint64_t argument)
{
    (void)argument;
    char path[TRI_PATH_BYTES];
    struct tri_socket socket;
    uint8_t frame[sizeof(struct tri_frame) + 64] = {0};
    struct tri_mailbox *mailbox = open_mailbox(self);
    must(tri_door_bind(mailbox) == 0);
    must(tri_socket_connect(&socket, tri_rundir_mailbox(&plane.dir, self, path)) == 0);
    struct tri_frame head = tri_frame_of(two(), self, 1);
    struct made made = make_record(self, 1, 0, 5);
    memcpy(frame, &head, sizeof head);
    memcpy(frame + sizeof head, made.bytes, made.size);
    size_t size = sizeof head + tri_record_room(made.size - sizeof(struct tri_record));
    for (size_t cut = 1; cut < size; cut++)
        send_raw(&socket, frame, cut);
    send_raw(&socket, frame, size);
    must(receive_number(mailbox, NULL) == 5);
    must(tri_mailbox_box(mailbox)->bad_frames == size - 1);
    tri_socket_close(&socket);
    tri_mailbox_close(mailbox);
}

static void bad_frames_are_counted_and_dropped(void **state)
{
    (void)state;
    alone(is_told_nonsense);
}

/* A record that is whole and holds no term: it is not waited for. */
static void is_sent_what_is_no_term(tr_pid self, uint64_t argument)
{
    (void)argument;
    const uint8_t nonsense[] = {255, 1, 2};
    struct tri_mailbox *mailbox = open_mailbox(self), *other = open_mailbox(two());
    send_term(other, self, 0, (tr_term){nonsense, sizeof nonsense});
    send_number(other, self, 2);
    await_taken(mailbox, other, two(), 2);
    must(receive_number(mailbox, NULL) == 2);
    must(tri_mailbox_box(mailbox)->bad_frames == 1);
    linger(other);
    tri_mailbox_close(other);
    tri_mailbox_close(mailbox);
}

static void what_is_no_term_is_dropped_and_confirmed(void **state)
{
    (void)state;
    alone(is_sent_what_is_no_term);
}

/* ---------------------------------------------------------------- waiting */

static void waits_in_vain(tr_pid self, uint64_t argument)
{
    (void)argument;
    bool other = true;
    int pipe_fds[2];
    struct tri_mailbox *mailbox = open_mailbox(self);
    must(pipe(pipe_fds) == 0);
    uint64_t begin_ns = tri_clock_ns();
    must(tri_mailbox_wait(mailbox, pipe_fds[0], tri_deadline_ns(50), &other) == 0);
    must(!other && tri_clock_ns() - begin_ns >= 50 * TRI_NS_PER_MS);
    must(write(pipe_fds[1], "x", 1) == 1);
    must(tri_mailbox_wait(mailbox, pipe_fds[0], TRI_NEVER, &other) == 0 && other);
    must(tri_mailbox_wait(mailbox, pipe_fds[0], 0, &other) == 0 && other);
    tri_mailbox_close(mailbox);
}

static void waiting_ends_with_the_deadline_or_the_other_descriptor(void **state)
{
    (void)state;
    alone(waits_in_vain);
}

/* The helper takes mail in after its owner has looked for some, and before it waits. */
static void is_helped_before_it_waits(tr_pid self, uint64_t argument)
{
    (void)argument;
    bool other;
    struct tri_mailbox *mailbox = open_mailbox(self), *sender = open_mailbox(two());
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    must(!tri_mailbox_next(mailbox, 0));
    send_number(sender, self, 1);
    show_activity(mailbox, TRI_ACTIVITY_WAITING); /* so that its sender does care */
    while (tri_mailbox_length(mailbox) == 0 && tri_clock_ns() < deadline_ns) {
        mailbox->helper.help(mailbox->helper.context);
        look_after(sender);
    }
    must(tri_mailbox_wait(mailbox, -1, deadline_ns, &other) == 0);
    must(tri_clock_ns() < deadline_ns);
    must(receive_number(mailbox, NULL) == 1);
    linger(sender);
    tri_mailbox_close(sender);
    tri_mailbox_close(mailbox);
}

static void what_the_helper_took_in_ends_the_next_wait(void **state)
{
    (void)state;
    alone(is_helped_before_it_waits);
}

/* ---------------------------------------------------------------- opening */

static void opens_in_vain(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_rundir dir = plane.dir;
    struct tri_mailbox *mailbox = NULL;
    struct tri_mailbox_options options = {.dir = &dir, .table = &plane.table, .self = self};
    memset(dir.path, 'x', sizeof dir.path - 1);
    dir.path[sizeof dir.path - 1] = '\0';
    must(tri_mailbox_open(&mailbox, &options) < 0 && !mailbox); /* no such directory */
    options.self = tr_pid_make(PLANE_SLOTS, 1);
    options.dir = &plane.dir;
    must(tri_mailbox_open(&mailbox, &options) == -EINVAL && !mailbox);
    char path[200];
    struct tri_socket socket;
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    must(tri_socket_bind(&socket, path, 1) == TR_TOO_LARGE);
    must(tri_socket_connect(&socket, path) == TR_TOO_LARGE);
    tri_mailbox_close(NULL);
}

static void what_cannot_be_opened_says_so(void **state)
{
    (void)state;
    alone(opens_in_vain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        plane_test(what_is_sent_to_oneself_stays_in_memory),
        plane_test(the_box_counts_what_went_in_and_out),
        plane_test(the_message_in_hand_is_seen_from_outside),
        plane_test(mail_for_the_dead_is_dropped_and_counted),
        plane_test(a_message_to_an_alias_that_is_over_is_dropped_and_confirmed),
        plane_test(an_alias_of_ones_own_is_asked_about_too),
        plane_test(records_from_the_node_are_put_in_order),
        plane_test(a_bad_record_from_the_node_is_an_outcome),
        plane_test(a_new_tenant_of_a_slot_begins_with_one),
        plane_test(nothing_of_a_forgotten_sender_comes_in),
        plane_test(bad_frames_are_counted_and_dropped),
        plane_test(what_is_no_term_is_dropped_and_confirmed),
        plane_test(waiting_ends_with_the_deadline_or_the_other_descriptor),
        plane_test(what_the_helper_took_in_ends_the_next_wait),
        plane_test(what_cannot_be_opened_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
