/* Windows lie side by side, and a record is believed only when it is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/box.h"

enum { SLOTS = 300 };

static int setup(void **state)
{
    static int fd;
    fd = memfd_create("boxes", MFD_CLOEXEC);
    *state = &fd;
    return fd < 0 || ftruncate(fd, (off_t)tri_box_window_bytes(SLOTS) * SLOTS) < 0;
}

static int teardown(void **state) { return close(*(int *)*state); }

static void windows_do_not_overlap(void **state)
{
    (void)state;
    const uint32_t all_slots[] = {1, 2, 255, 256, 257, SLOTS, 65536};
    for (size_t i = 0; i < sizeof all_slots / sizeof all_slots[0]; i++) {
        uint32_t slots = all_slots[i];
        off_t window = (off_t)tri_box_window_bytes(slots), begin = tri_box_offset(slots, 1);
        off_t last_cell = tri_box_received_offset(slots, 1, slots - 1);
        off_t ring = tri_box_ring_offset(slots, 1);
        assert_int_equal(begin, window);
        assert_int_equal(window % TRI_PAGE_BYTES, 0);
        assert_true(tri_box_received_offset(slots, 1, 0) >= begin + (off_t)sizeof(struct tri_box));
        assert_true(last_cell + (off_t)sizeof(struct tri_received) <= ring);
        assert_int_equal(ring % TRI_PAGE_BYTES, 0);
        assert_int_equal(ring + TRI_RING_BYTES, begin + window);
    }
}

static void a_window_that_was_never_used_is_not_read(void **state)
{
    int fd = *(int *)*state;
    struct tri_box box, read;
    assert_int_equal(tri_box_read(fd, SLOTS, 5, &read), TR_MALFORMED);
    memset(&box, 0, sizeof box);
    box.magic = TRI_BOX_MAGIC;
    box.version = TRI_BOX_VERSION;
    box.pid = 77;
    assert_int_equal(pwrite(fd, &box, sizeof box, tri_box_offset(SLOTS, 5)), sizeof box);
    assert_int_equal(tri_box_read(fd, SLOTS, 5, &read), 0);
    assert_int_equal(read.pid, 77);
    assert_int_equal(tri_box_read(fd, SLOTS, SLOTS + 1, &read), TR_MALFORMED);
    assert_true(tri_box_read(-1, SLOTS, 5, &read) < 0);
}

/* Writes a record into the ring of a slot, where a position of the ring's is. */
static void send_at(int fd, uint32_t slot, uint64_t position, uint64_t number)
{
    uint8_t bytes[64] = {0};
    uint64_t body = number;
    const struct iovec part = {&body, sizeof body};
    struct tri_record record = {
        .size_bytes = sizeof body, .kind = TRI_RECORD_TERM, .number = number, .receiver = 99};
    off_t at = tri_box_ring_offset(SLOTS, slot) + (off_t)(position % TRI_RING_BYTES);
    tri_record_write(bytes, &record, &part, 1);
    ssize_t room = (ssize_t)tri_record_room(sizeof body);
    assert_int_equal(pwrite(fd, bytes, (size_t)room, at), room);
}

static void what_was_sent_last_is_found_as_long_as_it_is_whole(void **state)
{
    int fd = *(int *)*state;
    static uint8_t buffer[TRI_SENT_BUFFER_BYTES];
    struct tri_box box = {.ring_head = TRI_RING_BYTES + 1000};
    struct tri_kept kept;
    uint64_t first = TRI_RING_BYTES + 64, second = TRI_RING_BYTES + 128, gone = 8;
    send_at(fd, 7, first, 1);
    send_at(fd, 7, second, 2);
    box.sent[3] = first + 1;
    box.sent[1] = second + 1;
    box.sent[2] = gone + 1; /* written over meanwhile */
    assert_true(tri_box_read_sent(fd, SLOTS, 7, &box, 0, buffer, &kept));
    assert_int_equal(kept.number, 2);
    assert_int_equal(kept.peer, 99);
    assert_int_equal(kept.bytes[0], 2);
    assert_true(tri_box_read_sent(fd, SLOTS, 7, &box, 1, buffer, &kept));
    assert_int_equal(kept.number, 1);
    assert_false(tri_box_read_sent(fd, SLOTS, 7, &box, 2, buffer, &kept));
    assert_false(tri_box_read_sent(fd, SLOTS, 7, &box, 3, buffer, &kept));
    assert_false(tri_box_read_sent(fd, SLOTS, 7, &box, TRI_SENT_KEPT, buffer, &kept));
    box.sent[4] = UINT64_MAX;
    assert_false(tri_box_read_sent(fd, SLOTS, 7, &box, 0, buffer, &kept));
}

static void any_bytes_are_no_messages_or_some_within_the_box(void **state)
{
    (void)state;
    struct tri_box box;
    struct tri_kept kept[TRI_TAKEN_BYTES];
    srand(7);
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof box.taken; i++)
            box.taken[i] = (uint8_t)(rand() % (round % 7 + 1));
        box.taken_at = (uint32_t)rand() % (TRI_TAKEN_BYTES + 64);
        size_t count = tri_box_taken(&box, kept, TRI_TAKEN_BYTES);
        assert_true(count <= TRI_TAKEN_BYTES / sizeof(struct tri_taken));
        for (size_t i = 0; i < count; i++)
            assert_true(kept[i].bytes >= box.taken &&
                        kept[i].bytes + kept[i].kept_bytes <= box.taken + sizeof box.taken);
    }
}

static void what_was_published_is_for_one_generation(void **state)
{
    int fd = *(int *)*state;
    struct tri_received cell = {.generation = 4, .number = 99};
    tr_pid sender = tr_pid_make(256, 4);
    assert_int_equal(pwrite(fd, &cell, sizeof cell, tri_box_received_offset(SLOTS, 5, 256)),
                     sizeof cell);
    assert_int_equal(tri_box_published(fd, SLOTS, 5, sender), 99);
    assert_int_equal(tri_box_published(fd, SLOTS, 5, tr_pid_make(256, 5)), 0);
    assert_int_equal(tri_box_published(fd, SLOTS, 6, sender), 0);
    assert_int_equal(tri_box_published(fd, SLOTS, 5, tr_pid_make(SLOTS, 4)), 0);
    assert_int_equal(tri_box_published(fd, SLOTS, SLOTS, sender), 0);
    assert_int_equal(tri_box_published(-1, SLOTS, 5, sender), 0);
}

static void a_cleared_window_takes_no_memory(void **state)
{
    int fd = *(int *)*state;
    struct stat st;
    char byte = 1;
    for (uint32_t slot = 4; slot <= 6; slot++) {
        assert_int_equal(pwrite(fd, &byte, 1, tri_box_offset(SLOTS, slot)), 1);
        assert_int_equal(pwrite(fd, &byte, 1, tri_box_offset(SLOTS, slot + 1) - 1), 1);
    }
    assert_int_equal(tri_box_clear(fd, SLOTS, 5), 0);
    assert_int_equal(pread(fd, &byte, 1, tri_box_offset(SLOTS, 5)), 1);
    assert_int_equal(byte, 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_blocks * 512, 4 * TRI_PAGE_BYTES); /* the neighbours' */
    assert_int_equal(st.st_size, (off_t)tri_box_window_bytes(SLOTS) * SLOTS);
}

/* ---------------------------------------------------------------- records */

struct made {
    struct tri_record record;
    uint8_t body[64];
};

static struct made make_record(uint32_t size, uint32_t kind)
{
    struct made made = {.record = {.size_bytes = size, .receiver = 3, .number = 1, .kind = kind}};
    memset(made.body, 7, size);
    made.record.checksum = tri_record_checksum(&made.record, made.body);
    return made;
}

static bool is_believed(const void *bytes, size_t size)
{
    struct tri_record record;
    const uint8_t *body;
    return tri_record_check(bytes, size, &record, &body);
}

static void a_whole_record_is_believed(void **state)
{
    (void)state;
    for (uint32_t size = 0; size <= 60; size++) {
        struct made made = make_record(size, TRI_RECORD_TERM);
        struct tri_record record;
        const uint8_t *body;
        assert_true(tri_record_check(&made, tri_record_room(size), &record, &body));
        assert_int_equal(record.size_bytes, size);
        assert_ptr_equal(body, made.body);
        assert_false(is_believed(&made, tri_record_room(size) - 1));
    }
}

static void a_flipped_bit_is_noticed(void **state)
{
    (void)state;
    const struct made made = make_record(60, TRI_RECORD_BLOB);
    for (size_t bit = 0; bit < 8 * (sizeof made.record + 60); bit++) {
        struct made spoilt = made;
        ((uint8_t *)&spoilt)[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(is_believed(&spoilt, sizeof spoilt));
    }
}

static void fillers_and_unknown_kinds_are_no_messages(void **state)
{
    (void)state;
    const uint32_t kinds[] = {0, TRI_RECORD_FILLER, TRI_RECORD_FILLER + 1, UINT32_MAX};
    for (size_t i = 0; i < 4; i++) {
        struct made made = make_record(10, kinds[i]);
        assert_false(is_believed(&made, sizeof made));
    }
}

static void a_body_larger_than_any_is_not_believed(void **state)
{
    (void)state;
    size_t size = TRI_RECORD_BODY_BYTES + 1;
    struct tri_record *record = calloc(1, tri_record_room(size));
    *record =
        (struct tri_record){.size_bytes = (uint32_t)size, .number = 1, .kind = TRI_RECORD_TERM};
    record->checksum = tri_record_checksum(record, record + 1);
    assert_false(is_believed(record, tri_record_room(size)));
    free(record);
}

int main(void)
{
#define box_test(body) cmocka_unit_test_setup_teardown(body, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_do_not_overlap),
        box_test(a_window_that_was_never_used_is_not_read),
        box_test(what_was_sent_last_is_found_as_long_as_it_is_whole),
        cmocka_unit_test(any_bytes_are_no_messages_or_some_within_the_box),
        box_test(what_was_published_is_for_one_generation),
        box_test(a_cleared_window_takes_no_memory),
        cmocka_unit_test(a_whole_record_is_believed),
        cmocka_unit_test(a_flipped_bit_is_noticed),
        cmocka_unit_test(fillers_and_unknown_kinds_are_no_messages),
        cmocka_unit_test(a_body_larger_than_any_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
