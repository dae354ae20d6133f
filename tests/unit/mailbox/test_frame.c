/* A frame is believed when it is whole, and never otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailbox/frame.h"

enum { SLOTS = 16 };

struct made {
    uint8_t bytes[4096];
    size_t size;
};

static tr_pid me(void) { return tr_pid_make(3, 1); }
static tr_pid her(void) { return tr_pid_make(5, 2); }

static void add_record(struct made *made, uint64_t number, uint32_t size)
{
    struct tri_record record = {
        .size_bytes = size, .receiver = me().id, .number = number, .kind = TRI_RECORD_TERM};
    uint8_t *at = made->bytes + made->size;
    memset(at, 0, tri_record_room(size));
    memset(at + sizeof record, (int)number, size);
    record.checksum = tri_record_checksum(&record, at + sizeof record);
    memcpy(at, &record, sizeof record);
    made->size += tri_record_room(size);
}

static struct made good_frame(void)
{
    struct made made = {.size = sizeof(struct tri_frame)};
    struct tri_frame head = tri_frame_of(her(), me(), 3);
    memcpy(made.bytes, &head, sizeof head);
    add_record(&made, 1, 5);
    add_record(&made, 2, 64);
    add_record(&made, 3, 0);
    return made;
}

/* In memory of just that size, so that a sanitizer sees who reads on. */
static bool is_believed(const struct made *made, size_t size)
{
    struct tri_frame frame;
    uint8_t *bytes = malloc(size ? size : 1);
    memcpy(bytes, made->bytes, size);
    bool result = tri_frame_check(bytes, size, me(), SLOTS, &frame);
    free(bytes);
    return result;
}

static void a_good_frame_is_read_record_by_record(void **state)
{
    (void)state;
    struct made made = good_frame();
    struct tri_frame frame;
    const uint8_t *body;
    size_t at = 0;
    assert_true(tri_frame_check(made.bytes, made.size, me(), SLOTS, &frame));
    assert_int_equal(frame.sender, her().id);
    for (uint64_t number = 1; number <= frame.count; number++) {
        const struct tri_record *record = tri_frame_next(made.bytes, &at, &body);
        assert_int_equal(record->number, number);
        assert_true(record->size_bytes == 0 || body[record->size_bytes - 1] == number);
    }
    assert_int_equal(at, made.size);
}

static void every_truncation_is_rejected(void **state)
{
    (void)state;
    struct made made = good_frame();
    for (size_t size = 0; size < made.size; size++)
        assert_false(is_believed(&made, size));
}

static void more_bytes_than_records_are_rejected(void **state)
{
    (void)state;
    struct made made = good_frame();
    made.size += 8;
    assert_false(is_believed(&made, made.size));
}

/* Flips every bit of size_bytes at an offset of a good frame, the lowest `but` excepted; none may go unnoticed. */
static void every_flip_is_noticed(size_t offset, size_t size_bytes, size_t but)
{
    const struct made made = good_frame();
    for (size_t bit = 8 * offset + but; bit < 8 * (offset + size_bytes); bit++) {
        struct made spoilt = made;
        spoilt.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(is_believed(&spoilt, spoilt.size));
    }
}

static void a_flipped_bit_in_the_head_is_noticed(void **state)
{
    (void)state;
    every_flip_is_noticed(offsetof(struct tri_frame, magic), sizeof(((struct tri_frame *)0)->magic),
                          0);
    every_flip_is_noticed(offsetof(struct tri_frame, version),
                          sizeof(((struct tri_frame *)0)->version), 0);
    every_flip_is_noticed(offsetof(struct tri_frame, count), sizeof(((struct tri_frame *)0)->count),
                          0);
    every_flip_is_noticed(offsetof(struct tri_frame, receiver), sizeof(uint64_t), 0);
}

/* The lowest three bits of a size may stay within the padding; the term's own check is for those. */
static void a_flipped_bit_in_a_records_form_is_noticed(void **state)
{
    (void)state;
    const struct made made = good_frame();
    for (size_t at = sizeof(struct tri_frame); at < made.size;) {
        struct tri_record record;
        memcpy(&record, made.bytes + at, sizeof record);
        every_flip_is_noticed(at + offsetof(struct tri_record, size_bytes),
                              sizeof record.size_bytes, 3);
        every_flip_is_noticed(at + offsetof(struct tri_record, receiver), sizeof record.receiver,
                              0);
        every_flip_is_noticed(at + offsetof(struct tri_record, kind), sizeof record.kind, 0);
        at += tri_record_room(record.size_bytes);
    }
}

static void a_sender_beyond_the_table_is_rejected(void **state)
{
    (void)state;
    const tr_pid senders[] = {tr_pid_make(SLOTS, 1), tr_pid_make(UINT32_MAX, 1), tr_pid_make(2, 0)};
    for (size_t i = 0; i < 3; i++) {
        struct made made = good_frame();
        struct tri_frame head = tri_frame_of(senders[i], me(), 3);
        memcpy(made.bytes, &head, sizeof head);
        assert_false(is_believed(&made, made.size));
    }
}

static void a_frame_for_somebody_else_is_rejected(void **state)
{
    (void)state;
    struct made made = good_frame();
    struct tri_frame frame;
    assert_false(tri_frame_check(made.bytes, made.size, tr_pid_make(3, 2), SLOTS, &frame));
}

static void a_record_without_a_number_is_rejected(void **state)
{
    (void)state;
    struct made made = {.size = sizeof(struct tri_frame)};
    struct tri_frame head = tri_frame_of(her(), me(), 1);
    memcpy(made.bytes, &head, sizeof head);
    add_record(&made, 0, 5);
    assert_false(is_believed(&made, made.size));
}

static void a_frame_of_no_records_is_rejected(void **state)
{
    (void)state;
    struct made made = {.size = sizeof(struct tri_frame)};
    struct tri_frame head = tri_frame_of(her(), me(), 0);
    memcpy(made.bytes, &head, sizeof head);
    assert_false(is_believed(&made, made.size));
}

static void noise_is_rejected(void **state)
{
    (void)state;
    srand(3);
    for (int i = 0; i < 20000; i++) {
        struct made made = {.size = (size_t)rand() % 300};
        for (size_t at = 0; at < made.size; at++)
            made.bytes[at] = (uint8_t)rand();
        assert_false(is_believed(&made, made.size));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_frame_is_read_record_by_record),
        cmocka_unit_test(every_truncation_is_rejected),
        cmocka_unit_test(more_bytes_than_records_are_rejected),
        cmocka_unit_test(a_flipped_bit_in_the_head_is_noticed),
        cmocka_unit_test(a_flipped_bit_in_a_records_form_is_noticed),
        cmocka_unit_test(a_sender_beyond_the_table_is_rejected),
        cmocka_unit_test(a_frame_for_somebody_else_is_rejected),
        cmocka_unit_test(a_record_without_a_number_is_rejected),
        cmocka_unit_test(a_frame_of_no_records_is_rejected),
        cmocka_unit_test(noise_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
