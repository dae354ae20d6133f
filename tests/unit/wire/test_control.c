/* Control packets arrive as they were sent, and what is not well formed is not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>

#include "base/auto.h"
#include "base/fd.h"
#include "wire/control.h"

struct fixture {
    int fds[2];
    char buffer[TRI_PACKET_BUFFER_BYTES];
};

static int setup(void **state)
{
    static struct fixture f;
    *state = &f;
    return tri_fd_socketpair(f.fds, 0, TRI_CONTROL_BUFFER_BYTES);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    tri_fd_close(&f->fds[0]);
    tri_fd_close(&f->fds[1]);
    return 0;
}

static int receive(struct fixture *f, struct tri_packet *ret_packet)
{
    return tri_control_receive(f->fds[1], f->buffer, ret_packet);
}

static void a_packet_arrives_as_it_was_sent(void **state)
{
    struct fixture *f = *state;
    struct tri_packet packet;
    struct tri_parcel parcel = tri_parcel_of(TRI_REGISTER);
    parcel.head.pid = 7;
    parcel.head.request = 9;
    parcel.name = "counter";
    parcel.name_bytes = 7;
    parcel.body = "body";
    parcel.body_bytes = 4;
    assert_int_equal(tri_control_send(f->fds[0], &parcel), 0);
    assert_int_equal(receive(f, &packet), 0);
    assert_int_equal(packet.head.kind, TRI_REGISTER);
    assert_int_equal(packet.head.pid, 7);
    assert_int_equal(packet.head.request, 9);
    assert_string_equal(packet.name, "counter");
    assert_memory_equal(packet.body, "body", 4);
    assert_int_equal(packet.passed_fd, -1);
}

/* Through every length at which a body changes from packet to file, byte for byte. */
static void bodies_of_all_sizes_arrive_whole(void **state)
{
    struct fixture *f = *state;
    const size_t sizes[] = {0, 1, TRI_CONTROL_BODY_BYTES, TRI_CONTROL_BODY_BYTES + 1, 5 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct tri_packet packet;
        struct tr_out out = {0};
        uint8_t *body = malloc(sizes[i] + 1);
        memset(body, (int)i + 1, sizes[i]);
        struct tri_parcel parcel = tri_parcel_of(TRI_MESSAGE);
        parcel.body = body;
        parcel.body_bytes = sizes[i];
        assert_int_equal(tri_control_send(f->fds[0], &parcel), 0);
        assert_int_equal(receive(f, &packet), 0);
        assert_int_equal(packet.passed_fd >= 0, sizes[i] > TRI_CONTROL_BODY_BYTES);
        assert_int_equal(tri_packet_body(&packet, &out), 0);
        assert_int_equal(out.size_bytes, sizes[i]);
        assert_true(sizes[i] == 0 || memcmp(out.data, body, sizes[i]) == 0);
        tri_packet_deinit(&packet);
        tr_out_deinit(&out);
        free(body);
    }
}

static void what_is_too_large_is_not_sent(void **state)
{
    struct fixture *f = *state;
    static char name[TRI_CONTROL_NAME_BYTES + 1];
    struct tri_parcel parcel = tri_parcel_of(TRI_REGISTER);
    parcel.name = name;
    parcel.name_bytes = sizeof name;
    assert_int_equal(tri_control_send(f->fds[0], &parcel), TR_TOO_LARGE);
    parcel = tri_parcel_of(TRI_MESSAGE);
    parcel.body = name;
    parcel.body_bytes = TRI_CONTROL_FILE_BYTES + 1;
    assert_int_equal(tri_control_send(f->fds[0], &parcel), TR_TOO_LARGE);
}

static void what_was_written_before_the_end_is_read_before_the_end(void **state)
{
    struct fixture *f = *state;
    struct tri_packet packet;
    struct tri_parcel parcel = tri_parcel_of(TRI_LEAVE);
    assert_int_equal(tri_control_send(f->fds[0], &parcel), 0);
    tri_fd_close(&f->fds[0]);
    assert_int_equal(receive(f, &packet), 0);
    assert_int_equal(packet.head.kind, TRI_LEAVE);
    assert_int_equal(receive(f, &packet), -EPIPE);
    assert_int_equal(tri_control_send(f->fds[1], &parcel), -EPIPE);
}

static void an_empty_channel_says_so(void **state)
{
    struct fixture *f = *state;
    struct tri_packet packet;
    assert_int_equal(tri_fd_set_nonblocking(f->fds[1], 1), 0);
    assert_int_equal(receive(f, &packet), -EAGAIN);
}

static int send_raw(struct fixture *f, const void *data, size_t size, int passed_fd)
{
    struct iovec part = {(void *)data, size};
    return tri_fd_send(f->fds[0], &part, 1, passed_fd);
}

/* What the kernel does to a packet whose descriptor does not fit in the receiver's table. */
static void a_body_whose_file_was_dropped_is_known_to_be_lost(void **state)
{
    struct fixture *f = *state;
    struct tri_packet packet;
    const struct tri_control head = {.version = TRI_CONTROL_VERSION,
                                     .kind = TRI_LEAVE,
                                     .flags = TRI_BODY_IN_FILE,
                                     .body_bytes = 100000};
    TRI_AUTO(tr_out_deinit) struct tr_out out = {0};
    assert_int_equal(send_raw(f, &head, sizeof head, -1), 0);
    assert_int_equal(receive(f, &packet), 0);
    assert_true(tri_packet_body_is_lost(&packet));
    assert_int_equal(tri_packet_body(&packet, &out), -EMFILE);
}

/* A socket that is closed with packets unread gives its peer ECONNRESET before what it had sent. */
static void what_was_sent_before_a_close_with_unread_packets_arrives(void **state)
{
    struct fixture *f = *state;
    struct tri_packet packet;
    struct tri_parcel parcel = tri_parcel_of(TRI_LEAVE);
    int pair[2];
    assert_int_equal(tri_fd_socketpair(pair, 0, 0), 0);
    assert_int_equal(tri_control_send(pair[1], &parcel), 0);
    assert_int_equal(tri_control_send(pair[0], &parcel), 0);
    close(pair[0]);
    assert_int_equal(tri_control_receive(pair[1], f->buffer, &packet), 0);
    assert_int_equal(packet.head.kind, TRI_LEAVE);
    assert_int_equal(tri_control_receive(pair[1], f->buffer, &packet), -EPIPE);
    close(pair[1]);
}

static void malformed_heads_are_not_believed(void **state)
{
    struct fixture *f = *state;
    struct tri_packet packet;
    const struct tri_control good = {.version = TRI_CONTROL_VERSION, .kind = TRI_LEAVE};
    struct tri_control heads[6];
    for (size_t i = 0; i < 6; i++)
        heads[i] = good;
    heads[0].version++;
    heads[1].kind = 0;
    heads[2].kind = TRI_CONTROL_KINDS;
    heads[3].name_bytes = 1;
    heads[4].body_bytes = 1;
    heads[5].body_bytes = UINT32_MAX;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(send_raw(f, &heads[i], sizeof good, -1), 0);
        assert_int_equal(receive(f, &packet), -EPROTO);
    }
    assert_int_equal(send_raw(f, &good, sizeof good - 1, -1), 0);
    assert_int_equal(receive(f, &packet), -EPROTO);
    assert_int_equal(send_raw(f, &good, sizeof good, -1), 0);
    assert_int_equal(receive(f, &packet), 0);
}

static int open_files(void)
{
    int count = 0;
    for (int fd = 0; fd < 1000; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Somebody could shorten it while the node hands it on. */
static void a_body_in_a_file_that_can_change_is_not_believed(void **state)
{
    struct fixture *f = *state;
    struct tri_packet packet;
    struct tri_control head = {.version = TRI_CONTROL_VERSION,
                               .kind = TRI_MESSAGE,
                               .flags = TRI_BODY_IN_FILE,
                               .body_bytes = 4};
    int before = open_files(), sealed = tri_body_to_file("body", 4),
        zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    assert_int_equal(send_raw(f, &head, sizeof head, zero), 0);
    assert_int_equal(receive(f, &packet), -EPROTO);
    head.body_bytes = 5;
    assert_int_equal(send_raw(f, &head, sizeof head, sealed), 0);
    assert_int_equal(receive(f, &packet), -EPROTO);
    head.body_bytes = 4;
    assert_int_equal(send_raw(f, &head, sizeof head, sealed), 0);
    assert_int_equal(receive(f, &packet), 0);
    tri_packet_deinit(&packet);
    close(sealed);
    close(zero);
    assert_int_equal(open_files(), before);
}

static void noise_is_not_believed(void **state)
{
    struct fixture *f = *state;
    struct tri_packet packet;
    uint8_t noise[200];
    srand(7);
    for (int i = 0; i < 5000; i++) {
        size_t size = 1 + (size_t)rand() % sizeof noise;
        for (size_t at = 0; at < size; at++)
            noise[at] = (uint8_t)rand();
        assert_int_equal(send_raw(f, noise, size, -1), 0);
        assert_int_equal(receive(f, &packet), -EPROTO);
    }
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (unsigned kind = 1; kind < TRI_CONTROL_KINDS; kind++)
        assert_string_not_equal(tri_control_kind_name(kind), "unknown");
    assert_string_equal(tri_control_kind_name(0), "unknown");
    assert_string_equal(tri_control_kind_name(UINT32_MAX), "unknown");
}

int main(void)
{
#define control_test(body) cmocka_unit_test_setup_teardown(body, setup, teardown)
    const struct CMUnitTest tests[] = {
        control_test(a_packet_arrives_as_it_was_sent),
        control_test(bodies_of_all_sizes_arrive_whole),
        control_test(what_is_too_large_is_not_sent),
        control_test(what_was_written_before_the_end_is_read_before_the_end),
        control_test(an_empty_channel_says_so),
        control_test(malformed_heads_are_not_believed),
        control_test(a_body_whose_file_was_dropped_is_known_to_be_lost),
        control_test(what_was_sent_before_a_close_with_unread_packets_arrives),
        control_test(a_body_in_a_file_that_can_change_is_not_believed),
        control_test(noise_is_not_believed),
        control_test(every_kind_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
