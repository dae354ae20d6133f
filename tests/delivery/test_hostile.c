/* Promise 7 of the design on a running node: garbage, every truncation of a good frame and flips of its bits reach an
 * actor's mailbox, are counted, and harm nobody. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <troupe.h>
#include <unistd.h>

#include "mailbox/doorbell.h"
#include "mailbox/frame.h"
#include "mailbox/socket.h"
#include "support/node.h"
#include "support/storm_book.h"
#include "wire/box.h"

static struct tri_rundir dir;
static struct tri_table table;
static tr_pid victim;
static struct tri_socket to_victim;

/* ---------------------------------------------------------------- the attacker, who is a guest's process */

static void find_victim(void)
{
    assert_int_equal(tri_rundir_find(NULL, &dir, NULL, 0), 0);
    assert_int_equal(tri_table_open(&table, &dir), 0);
    victim = tri_table_whereis(&table, "counter");
}

static tr_pid parent_of_victim(void)
{
    struct tri_row row;
    assert_true(tri_table_read(&table, tr_pid_slot(victim), &row));
    return (tr_pid){row.parent};
}

static struct tri_knock good_knock(void)
{
    return (struct tri_knock){
        .sender = parent_of_victim().id, .number = 1, .magic = TRI_KNOCK_MAGIC};
}

/* It binds its socket when somebody says that he would like to connect. */
static void connect_to_victim(void)
{
    char path[TRI_PATH_BYTES];
    struct tri_knock knock = good_knock();
    knock.wants_connection = 1;
    assert_int_equal(tri_doorbell_knock(tri_rundir_doorbell(&dir, victim, path), &knock), 0);
    wait_until(access(tri_rundir_mailbox(&dir, victim, path), F_OK) == 0);
    assert_int_equal(tri_socket_connect(&to_victim, path), 0);
}

static void send_raw(const void *bytes, size_t size_bytes)
{
    struct iovec part = {(void *)bytes, size_bytes};
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    int r;
    while ((r = tri_socket_send(&to_victim, &part, 1)) == -EAGAIN) {
        assert_true(tri_clock_ns() < deadline_ns);
        usleep(100);
    }
    assert_int_equal(r, 0);
}

static int open_boxes(void)
{
    char path[TRI_PATH_BYTES];
    int fd = open(tri_rundir_file(&dir, "boxes", path), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static uint64_t bad_frames(void)
{
    struct tri_box box;
    int fd = open_boxes();
    assert_int_equal(tri_box_read(fd, table.header->slots, tr_pid_slot(victim), &box), 0);
    close(fd);
    return box.bad_frames;
}

static bool is_taken_in(tr_pid sender, uint64_t number)
{
    int fd = open_boxes();
    uint64_t published = tri_box_published(fd, table.header->slots, tr_pid_slot(victim), sender);
    close(fd);
    return published == number;
}

/* A frame as an actor could send it: two words of its own, to the victim. */
static size_t good_frame(tr_pid sender, uint8_t *bytes)
{
    struct tri_frame head = tri_frame_of(sender, victim, 2);
    size_t size = sizeof head;
    memcpy(bytes, &head, sizeof head);
    for (uint64_t number = 1; number <= 2; number++) {
        struct tr_out out = {0};
        tr_put(&out, "{add, N}", number);
        struct tri_record record = {.size_bytes = (uint32_t)out.size_bytes,
                                    .receiver = victim.id,
                                    .number = number,
                                    .kind = TRI_RECORD_TERM};
        const struct iovec part = {out.data, out.size_bytes};
        tri_record_write(bytes + size, &record, &part, 1);
        size += tri_record_room(out.size_bytes);
        tr_out_deinit(&out);
    }
    return size;
}

/* Everything is sent once; what is counted is nothing but that. */
static void sends_garbage(void *context)
{
    (void)context;
    uint8_t frame[512], noise[512];
    uint64_t random_state = storm_random_from(1, 1), count = 0;
    find_victim();
    connect_to_victim();
    tr_pid parent = parent_of_victim();
    size_t size = good_frame(parent, frame);
    for (size_t cut = 1; cut < size; cut++, count++)
        send_raw(frame, cut);
    for (int round = 0; round < 1000; round++, count++) {
        size_t length = 1 + storm_random(&random_state, sizeof noise);
        for (size_t i = 0; i < length; i++)
            noise[i] = (uint8_t)storm_random(&random_state, 256);
        send_raw(noise, length);
    }
    for (size_t more = 1; more <= 64; more++, count++) {
        memcpy(noise, frame, size);
        memset(noise + size, 0, more);
        send_raw(noise, size + more);
    }
    wait_until(bad_frames() == count);
    send_raw(frame, size);
    wait_until(is_taken_in(parent, 2));
    assert_int_equal(bad_frames(), count);
    tri_socket_close(&to_victim);
}

/* Some of these are good frames with another content: what counts is that nobody is harmed. */
static void sends_flipped_bits(void *context)
{
    (void)context;
    uint8_t frame[512];
    find_victim();
    connect_to_victim();
    size_t size = good_frame(parent_of_victim(), frame);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        send_raw(frame, size);
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    uint64_t before = bad_frames();
    send_raw(frame, 1); /* when it is counted, all before it have been looked at */
    wait_until(bad_frames() > before);
    tri_socket_close(&to_victim);
}

/* Writes bytes to the doorbell as they are; a full one is given time. */
static void ring_raw(int fd, const void *bytes, size_t size_bytes)
{
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    while (write(fd, bytes, size_bytes) < 0) {
        assert_int_equal(errno, EAGAIN);
        assert_true(tri_clock_ns() < deadline_ns);
        usleep(100);
    }
}

/* Noise, then knocks that are well formed and lie, again and again. */
static void rings_nonsense(void *context)
{
    (void)context;
    uint8_t noise[512];
    char path[TRI_PATH_BYTES];
    uint64_t random_state = storm_random_from(2, 1);
    find_victim();
    int fd = open(tri_rundir_doorbell(&dir, victim, path), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    for (int round = 0; round < 1000; round++) {
        struct tri_knock knock = good_knock();
        size_t length = 1 + storm_random(&random_state, sizeof noise);
        for (size_t i = 0; i < length; i++)
            noise[i] = (uint8_t)storm_random(&random_state, 256);
        ring_raw(fd, noise, length);
        knock.position = storm_random(&random_state, 1 << 20);
        knock.number = (uint32_t)storm_random(&random_state, UINT32_MAX);
        knock.sender += storm_random(&random_state, 3);
        ring_raw(fd, &knock, sizeof knock);
    }
    uint64_t before = bad_frames();
    ring_raw(fd, noise, 1);
    wait_until(bad_frames() > before);
    close(fd);
}

/* ---------------------------------------------------------------- the tests */

/* What the counter says; the guest fails when it says nothing. */
static void asks_the_counter(void *context)
{
    char why[256];
    long *expected = context, value = -1;
    if (tr_guest_join(NULL, "asker", why, sizeof why))
        fail_msg("%s", why);
    tr_send("counter", "{From, get}", tr_self());
    tr_receive {
        tr_case("{value, N}", &value) {
        }
        tr_after(TEST_DEADLINE_MS)
            fail_msg("the counter is silent");
    }
    if (expected)
        assert_int_equal(value, *expected);
    tr_guest_leave();
}

static struct program *counter_start(pid_t *ret_os_pid)
{
    struct program *node = node_start("bin/counter", "serve", NULL);
    wait_until(actor_exists("counter") || program_is_over(node));
    *ret_os_pid = actor_os_pid("counter");
    return node;
}

static void garbage_and_truncated_frames_are_counted_and_harm_nobody(void **state)
{
    (void)state;
    pid_t os_pid;
    long sum = 1 + 2; /* of the good frame, which came last */
    struct program *node = counter_start(&os_pid);
    guest_run(sends_garbage, NULL);
    guest_run(asks_the_counter, &sum);
    assert_int_equal(actor_os_pid("counter"), os_pid);
    assert_int_equal(node_stop(node), 0);
}

static void flipped_bits_harm_nobody(void **state)
{
    (void)state;
    pid_t os_pid;
    struct program *node = counter_start(&os_pid);
    guest_run(sends_flipped_bits, NULL);
    guest_run(asks_the_counter, NULL);
    assert_int_equal(actor_os_pid("counter"), os_pid);
    assert_int_equal(node_stop(node), 0);
}

static void nonsense_at_the_doorbell_harms_nobody(void **state)
{
    (void)state;
    pid_t os_pid;
    struct program *node = counter_start(&os_pid);
    guest_run(rings_nonsense, NULL);
    guest_run(asks_the_counter, NULL);
    assert_int_equal(actor_os_pid("counter"), os_pid);
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(garbage_and_truncated_frames_are_counted_and_harm_nobody),
        node_test(flipped_bits_harm_nobody),
        node_test(nonsense_at_the_doorbell_harms_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
