/* Doorbell: knocks are read as they were written, and what is none spoils nothing for long; then mailboxes that have nothing
 * else: one that is full, one that was emptied by somebody, a crowd, and a conversation that becomes a connection. */
#include "unit/mailbox/plane.h"

#include <dirent.h>
#include <poll.h>
#include <sys/resource.h>

#include "mailbox/care.h"
#include "mailbox/doorbell.h"

static tr_pid sender_pid(void) { return tr_pid_make(1, 1); }
static tr_pid receiver_pid(void) { return tr_pid_make(2, 1); }

static void add_both(void)
{
    plane_add(1, 1);
    plane_add(2, 1);
}

static struct tri_knock knock_of(tr_pid sender, uint32_t number)
{
    return (struct tri_knock){.sender = sender.id, .number = number, .magic = TRI_KNOCK_MAGIC};
}

/* ---------------------------------------------------------------- the pipe alone */

static int open_bell(char path[TRI_PATH_BYTES])
{
    int fd = tri_doorbell_open(tri_rundir_doorbell(&plane.dir, receiver_pid(), path));
    assert_true(fd >= 0);
    return fd;
}

/* How many knocks it holds. */
static uint32_t fill(const char *path)
{
    for (uint32_t number = 0;; number++) {
        struct tri_knock knock = knock_of(sender_pid(), number);
        int r = tri_doorbell_knock(path, &knock);
        if (r == -EAGAIN)
            return number;
        assert_int_equal(r, 0);
    }
}

static void a_full_one_says_so_and_gives_everything_back_in_order(void **state)
{
    (void)state;
    char path[TRI_PATH_BYTES];
    struct tri_knock knocks[7];
    int fd = open_bell(path);
    assert_int_equal(tri_doorbell_read(fd, knocks, 7), -EAGAIN);
    uint32_t count = fill(path), seen = 0;
    assert_true(count > 100);
    for (int n; (n = tri_doorbell_read(fd, knocks, 7)) > 0;)
        for (int i = 0; i < n; i++)
            assert_int_equal(knocks[i].number, seen++);
    assert_int_equal(seen, count);
    assert_int_equal(fill(path), count);
    close(fd);
}

static void where_there_is_none_nobody_hears(void **state)
{
    (void)state;
    char path[TRI_PATH_BYTES];
    struct tri_knock knock = knock_of(sender_pid(), 1);
    tri_rundir_doorbell(&plane.dir, receiver_pid(), path);
    assert_int_equal(tri_doorbell_knock(path, &knock), -ENOENT);
    int fd = open_bell(path);
    assert_int_equal(tri_doorbell_open(path), -EEXIST);
    close(fd);
}

static void what_is_no_knock_goes_with_all_that_lies_there(void **state)
{
    (void)state;
    char path[TRI_PATH_BYTES];
    struct tri_knock knocks[4], knock = knock_of(sender_pid(), 5);
    int fd = open_bell(path);
    for (size_t size = 1; size < 3 * sizeof knock; size++) {
        char noise[3 * sizeof knock];
        memset(noise, 'x', sizeof noise);
        assert_int_equal(write(fd, noise, size), size);
        assert_int_equal(tri_doorbell_knock(path, &knock), 0);
        assert_int_equal(tri_doorbell_read(fd, knocks, 4), -EPROTO);
        assert_int_equal(tri_doorbell_read(fd, knocks, 4), -EAGAIN);
        assert_int_equal(tri_doorbell_knock(path, &knock), 0);
        assert_int_equal(tri_doorbell_read(fd, knocks, 4), 1);
        assert_int_equal(knocks[0].number, 5);
    }
    close(fd);
}

/* ---------------------------------------------------------------- two mailboxes of one process */

struct two {
    struct tri_mailbox *sender, *receiver;
};

typedef void steps_fn(struct two *two);

static void take_steps(tr_pid self, uint64_t steps)
{
    (void)self;
    struct two two = {open_mailbox(sender_pid()), open_mailbox(receiver_pid())};
    ((steps_fn *)(uintptr_t)steps)(&two);
    tri_mailbox_close(two.receiver);
    tri_mailbox_close(two.sender);
}

static void alone(steps_fn *steps)
{
    add_both();
    plane_expect_end(plane_start(take_steps, sender_pid(), (uintptr_t)steps));
}

/* Until the receiver sleeps, and attends to nobody. */
static void fall_asleep(struct tri_mailbox *mailbox)
{
    bool other;
    do {
        must(tri_mailbox_wait(mailbox, -1, tri_deadline_ns(1), &other) == 0);
        must(tri_mailbox_take_in(mailbox) >= 0);
    } while (mailbox->intake.fetch.count > 0);
}

static unsigned threads(void)
{
    unsigned count = 0;
    DIR *list = opendir("/proc/self/task");
    must(list);
    for (const struct dirent *each; (each = readdir(list));)
        count += each->d_name[0] != '.';
    closedir(list);
    return count;
}

/* A message now and then is no conversation, however many there are. */
static void speaks_now_and_then(struct two *two)
{
    struct tri_peer *peer = NULL;
    unsigned threads_before = threads(); /* a sanitizer has one of its own */
    for (uint64_t number = 1; number <= 3 * TRI_OUTBOX_KNOCKS; number++) {
        send_number(two->sender, receiver_pid(), number);
        peer = peer_of(two->sender, receiver_pid());
        peer->knocked_ns -= peer->knocked_ns ? TRI_NS_PER_S : 0;
        must(peer->knocks == number && !peer->is_refused);
        must(receive_number(two->receiver, NULL) == number);
        fall_asleep(two->receiver);
    }
    must(!tri_socket_is_open(&peer->socket) && !tri_socket_is_open(&two->receiver->socket));
    must(threads() == threads_before);
}

static void who_speaks_now_and_then_needs_neither_connection_nor_thread(void **state)
{
    (void)state;
    alone(speaks_now_and_then);
}

static void converses(struct two *two)
{
    uint64_t number = 0, deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    do {
        must(tri_clock_ns() < deadline_ns);
        send_number(two->sender, receiver_pid(), ++number);
        must(receive_number(two->receiver, NULL) == number);
        fall_asleep(two->receiver);
    } while (!peer_of(two->sender, receiver_pid())->is_connected);
    must(number > TRI_OUTBOX_KNOCKS);
    uint32_t knocks = peer_of(two->sender, receiver_pid())->knocks;
    send_number(two->sender, receiver_pid(), ++number);
    must(receive_number(two->receiver, NULL) == number);
    must(peer_of(two->sender, receiver_pid())->knocks == knocks);
}

static void who_wakes_it_up_again_and_again_connects(void **state)
{
    (void)state;
    alone(converses);
}

/* The doorbell is full of knocks of somebody who is dead. */
static void finds_it_full(struct two *two)
{
    char path[TRI_PATH_BYTES];
    tri_rundir_doorbell(&plane.dir, receiver_pid(), path);
    struct tri_knock knock = knock_of(tr_pid_make(77, 1), 1);
    while (tri_doorbell_knock(path, &knock) == 0)
        ;
    send_number(two->sender, receiver_pid(), 1);
    must(peer_of(two->sender, receiver_pid())->is_refused);
    send_number(two->sender, receiver_pid(), 2);
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    while (tri_mailbox_length(two->receiver) < 2) {
        must(tri_clock_ns() < deadline_ns);
        wait_for_mail(two->receiver, tri_deadline_ns(1));
        wait_for_mail(two->sender, tri_deadline_ns(1));
    }
    must(receive_number(two->receiver, NULL) == 1 && receive_number(two->receiver, NULL) == 2);
    must(!peer_of(two->sender, receiver_pid())->is_refused);
}

static void who_finds_it_full_knocks_again(void **state)
{
    (void)state;
    alone(finds_it_full);
}

/* Somebody else has read what was for the receiver. */
static void loses_a_knock(struct two *two)
{
    struct tri_knock knock;
    send_number(two->sender, receiver_pid(), 1);
    must(tri_doorbell_read(two->receiver->doorbell_fd, &knock, 1) == 1);
    show_activity(two->receiver, TRI_ACTIVITY_WAITING);
    uint64_t now_ns = tri_clock_ns();
    for (unsigned i = 0; i < 4; i++)
        tri_care(&two->sender->outbox, now_ns += 10 * TRI_NS_PER_S);
    must(receive_number(two->receiver, NULL) == 1);
}

static void a_knock_that_was_lost_is_cared_for(void **state)
{
    (void)state;
    alone(loses_a_knock);
}

/* Between the receiver's last look into the ring and its sleep the sender has more to say: it must not believe that the
 * knock before is still to be answered. */
static void speaks_behind_the_last_look(struct two *two)
{
    two->sender->outbox.rapid_knocks = UINT32_MAX;
    for (uint64_t number = 1; number <= 2000; number += 2) {
        send_number(two->sender, receiver_pid(), number);
        tri_mailbox_flush(two->sender);
        must(receive_number(two->receiver, NULL) == number);
        tri_fetch_leave_all(&two->receiver->intake.fetch);
        must(tri_mailbox_take_in(two->receiver) == 0);
        must(two->receiver->intake.fetch.count == 0);
        uint32_t knocks = peer_of(two->sender, receiver_pid())->knocks;
        send_number(two->sender, receiver_pid(), number + 1);
        tri_mailbox_flush(two->sender); /* also what is held for a moment */
        must(peer_of(two->sender, receiver_pid())->knocks == knocks + 1);
        must(receive_number(two->receiver, NULL) == number + 1);
    }
}

static void what_is_said_behind_the_last_look_is_knocked_for(void **state)
{
    (void)state;
    alone(speaks_behind_the_last_look);
}

/* While a knock waits to be answered, more messages need no more knocks. */
static void says_much_at_one_door(struct two *two)
{
    for (uint64_t number = 1; number <= 500; number++)
        send_number(two->sender, receiver_pid(), number);
    must(peer_of(two->sender, receiver_pid())->knocks == 1);
    for (uint64_t number = 1; number <= 500; number++)
        must(receive_number(two->receiver, NULL) == number);
}

static void one_knock_stands_for_all_that_follows_until_it_is_answered(void **state)
{
    (void)state;
    alone(says_much_at_one_door);
}

/* As many as can be attended to, and none of them has anything to say. */
static void crowd_in(struct tri_mailbox *mailbox)
{
    enum { FIRST = 10, LAST = FIRST + TRI_FETCH_RINGS - 1 };
    for (uint32_t slot = FIRST; slot <= LAST; slot++) {
        struct tri_knock knock = knock_of(plane_add(slot, 1), 1);
        tri_intake_knock(&mailbox->intake, &knock);
    }
}

/* Takes a number in without ever sleeping, and looks for more in vain. */
static void take_in_number(struct tri_mailbox *mailbox, uint64_t number)
{
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    while (tri_mailbox_length(mailbox) == 0)
        must(tri_mailbox_take_in(mailbox) >= 0 && tri_clock_ns() < deadline_ns);
    must(receive_number(mailbox, NULL) == number);
    must(tri_mailbox_take_in(mailbox) == 0);
}

static void meets_a_crowd(struct two *two)
{
    uint64_t number = 1;
    crowd_in(two->receiver);
    send_number(two->sender, receiver_pid(), number);
    take_in_number(two->receiver, number);
    must(tri_mailbox_box(two->receiver)->door == TRI_DOOR_CROWDED);
    must(!TRI_IS_ATTENDED(tri_recorder_heard(&two->receiver->recorder, sender_pid())->attention));
    while (!peer_of(two->sender, receiver_pid())->is_connected) {
        must(number < TRI_OUTBOX_KNOCKS);
        usleep(1000);
        send_number(two->sender, receiver_pid(), ++number);
        tri_mailbox_flush(two->sender);
        take_in_number(two->receiver, number);
    }
    fall_asleep(two->receiver);
    must(tri_mailbox_box(two->receiver)->door == TRI_DOOR_SOCKET);
}

static void in_a_crowd_who_comes_again_connects(void **state)
{
    (void)state;
    alone(meets_a_crowd);
}

/* ---------------------------------------------------------------- without descriptors */

static void use_up_descriptors(unsigned left)
{
    int fd, last = -1;
    must(setrlimit(RLIMIT_NOFILE, &(struct rlimit){64, 64}) == 0);
    while ((fd = dup(STDERR_FILENO)) >= 0)
        last = fd;
    for (; left > 0; left--)
        close(last--);
}

static void speaks_without_descriptors(struct two *two)
{
    use_up_descriptors(0);
    must(tri_door_bind(two->receiver) == -EMFILE);
    for (uint64_t number = 1; number <= 3 * TRI_OUTBOX_KNOCKS; number++) {
        send_number(two->sender, receiver_pid(), number);
        must(!peer_of(two->sender, receiver_pid())->is_refused);
        must(receive_number(two->receiver, NULL) == number);
        fall_asleep(two->receiver);
    }
    must(!peer_of(two->sender, receiver_pid())->is_connected);
}

static void who_has_no_descriptors_left_can_knock(void **state)
{
    (void)state;
    alone(speaks_without_descriptors);
}

static void has_a_few_left(struct two *two)
{
    for (unsigned left = 1; left <= 8; left++) {
        if (left == 1)
            use_up_descriptors(1);
        else
            close(STDERR_FILENO + (int)left);
        must(tri_door_bind(two->receiver) == -EMFILE);
    }
}

static void too_few_descriptors_for_a_socket_do_not_end_the_process(void **state)
{
    (void)state;
    alone(has_a_few_left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        plane_test(a_full_one_says_so_and_gives_everything_back_in_order),
        plane_test(where_there_is_none_nobody_hears),
        plane_test(what_is_no_knock_goes_with_all_that_lies_there),
        plane_test(who_speaks_now_and_then_needs_neither_connection_nor_thread),
        plane_test(who_wakes_it_up_again_and_again_connects),
        plane_test(who_finds_it_full_knocks_again),
        plane_test(a_knock_that_was_lost_is_cared_for),
        plane_test(what_is_said_behind_the_last_look_is_knocked_for),
        plane_test(one_knock_stands_for_all_that_follows_until_it_is_answered),
        plane_test(in_a_crowd_who_comes_again_connects),
        plane_test(who_has_no_descriptors_left_can_knock),
        plane_test(too_few_descriptors_for_a_socket_do_not_end_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
