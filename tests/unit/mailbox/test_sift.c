/* Sifting: what is ours is found between what is not, and what cannot be believed is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mailbox/sift.h"

/* A stretch as it stands in a ring. */
struct stretch {
    _Alignas(8) uint8_t bytes[4096];
    size_t size;
};

static tr_pid me(void) { return tr_pid_make(7, 3); }
static tr_pid other(void) { return tr_pid_make(8, 1); }

static void add(struct stretch *stretch, tr_pid receiver, uint64_t number, size_t size)
{
    uint8_t body[512];
    struct tri_record record = {.size_bytes = (uint32_t)size,
                                .receiver = receiver.id,
                                .number = number,
                                .kind = TRI_RECORD_TERM};
    memset(body, (int)number, sizeof body);
    const struct iovec part = {body, size};
    tri_record_write(stretch->bytes + stretch->size, &record, &part, 1);
    stretch->size += tri_record_room(size);
}

static struct tri_sifted sift(struct stretch *stretch, uint64_t taken)
{
    return tri_sift(stretch->bytes, stretch->size, me(), taken, 100);
}

/* What was kept: those numbers, whole, one after the other. */
static void expect_kept(const struct stretch *stretch, const struct tri_sifted *sifted,
                        const uint64_t *numbers, unsigned count)
{
    size_t at = 0;
    struct tri_record record;
    const uint8_t *body;
    assert_int_equal(sifted->count, count);
    for (unsigned i = 0; i < count; i++) {
        assert_true(tri_record_check(stretch->bytes + at, sifted->kept_bytes - at, &record, &body));
        assert_int_equal(record.number, numbers[i]);
        at += tri_record_room(record.size_bytes);
    }
    assert_int_equal(at, sifted->kept_bytes);
}

static void the_next_records_for_us_are_certain(void **state)
{
    struct stretch stretch = {.size = 0};
    (void)state;
    for (uint64_t number = 4; number <= 6; number++)
        add(&stretch, me(), number, 10 * number);
    struct tri_sifted sifted = sift(&stretch, 3);
    expect_kept(&stretch, &sifted, (uint64_t[]){4, 5, 6}, 3);
    assert_true(sifted.is_certain);
    assert_int_equal(sifted.end, TRI_SIFT_WHOLE);
    assert_int_equal(sifted.passed_bytes, stretch.size);
}

static void what_is_for_others_or_known_is_left_out_and_makes_it_uncertain(void **state)
{
    struct stretch stretch = {.size = 0}, known = {.size = 0};
    (void)state;
    add(&stretch, other(), 1, 100);
    add(&stretch, me(), 4, 33);
    add(&stretch, other(), 2, 0);
    add(&stretch, me(), 5, 7);
    struct tri_sifted sifted = sift(&stretch, 3);
    expect_kept(&stretch, &sifted, (uint64_t[]){4, 5}, 2);
    assert_false(sifted.is_certain);
    assert_int_equal(sifted.passed_bytes, stretch.size);
    add(&known, me(), 3, 8);
    add(&known, me(), 4, 8);
    sifted = sift(&known, 3);
    expect_kept(&known, &sifted, (uint64_t[]){4}, 1);
    assert_false(sifted.is_certain);
}

static void a_record_that_is_not_whole_is_uncertain(void **state)
{
    struct stretch stretch = {.size = 0};
    (void)state;
    add(&stretch, me(), 4, 40);
    stretch.bytes[stretch.size - 1] ^= 1;
    assert_false(sift(&stretch, 3).is_certain);
}

static void a_long_stretch_is_uncertain(void **state)
{
    struct stretch stretch = {.size = 0};
    (void)state;
    for (uint64_t number = 4; number <= 6; number++)
        add(&stretch, me(), number, 400);
    struct tri_sifted sifted = sift(&stretch, 3);
    expect_kept(&stretch, &sifted, (uint64_t[]){4, 5, 6}, 3);
    assert_false(sifted.is_certain);
}

static void a_number_that_does_not_follow_is_kept_and_uncertain(void **state)
{
    struct stretch stretch = {.size = 0};
    (void)state;
    add(&stretch, me(), 9, 8);
    struct tri_sifted sifted = sift(&stretch, 3);
    expect_kept(&stretch, &sifted, (uint64_t[]){9}, 1);
    assert_false(sifted.is_certain);
}

static void no_more_than_the_most_are_taken_and_the_rest_has_not_passed(void **state)
{
    struct stretch stretch = {.size = 0};
    (void)state;
    for (uint64_t number = 1; number <= 10; number++)
        add(&stretch, me(), number, 16);
    struct tri_sifted sifted = tri_sift(stretch.bytes, stretch.size, me(), 0, 4);
    expect_kept(&stretch, &sifted, (uint64_t[]){1, 2, 3, 4}, 4);
    assert_int_equal(sifted.passed_bytes, 4 * tri_record_room(16));
}

static void nothing_is_taken_behind_a_blob(void **state)
{
    struct stretch stretch = {.size = 0};
    (void)state;
    for (uint64_t number = 4; number <= 6; number++)
        add(&stretch, me(), number, 40);
    size_t room = tri_record_room(40);
    ((struct tri_record *)(void *)(stretch.bytes + room))->kind = TRI_RECORD_BLOB;
    struct tri_sifted sifted = sift(&stretch, 3);
    assert_int_equal(sifted.count, 2);
    assert_int_equal(sifted.kept_bytes, 2 * room);
    assert_int_equal(sifted.passed_bytes, 2 * room);
    assert_int_equal(sifted.end, TRI_SIFT_WHOLE);
}

static void a_stretch_may_end_anywhere_in_a_record(void **state)
{
    struct stretch whole = {.size = 0};
    (void)state;
    add(&whole, me(), 1, 24);
    size_t first = whole.size;
    add(&whole, me(), 2, 48);
    for (size_t size = first + 1; size < whole.size; size++) {
        struct stretch cut = whole;
        cut.size = size;
        struct tri_sifted sifted = sift(&cut, 0);
        expect_kept(&cut, &sifted, (uint64_t[]){1}, 1);
        assert_int_equal(sifted.end, TRI_SIFT_CUT);
        assert_int_equal(sifted.passed_bytes, first);
        assert_true(sifted.is_certain);
        assert_int_equal(sifted.cut_bytes, size - first < sizeof(struct tri_record)
                                               ? sizeof(struct tri_record)
                                               : tri_record_room(48));
    }
}

static void a_filler_ends_the_lap(void **state)
{
    struct stretch stretch = {.size = 0};
    (void)state;
    add(&stretch, me(), 1, 8);
    struct tri_record filler = {.size_bytes = 512, .kind = TRI_RECORD_FILLER};
    memcpy(stretch.bytes + stretch.size, &filler, sizeof filler);
    stretch.size += sizeof filler;
    struct tri_sifted sifted = sift(&stretch, 0);
    expect_kept(&stretch, &sifted, (uint64_t[]){1}, 1);
    assert_int_equal(sifted.end, TRI_SIFT_LAP_OVER);
    assert_false(sifted.is_certain);
}

static void what_is_no_record_breaks_it(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte <= 0xff; byte += 0xff) {
        struct stretch stretch = {.size = 0};
        add(&stretch, me(), 1, 8);
        memset(stretch.bytes + stretch.size, (int)byte, 100);
        stretch.size += 100;
        struct tri_sifted sifted = sift(&stretch, 0);
        expect_kept(&stretch, &sifted, (uint64_t[]){1}, 1);
        assert_int_equal(sifted.end, TRI_SIFT_BROKEN);
        assert_false(sifted.is_certain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_records_for_us_are_certain),
        cmocka_unit_test(what_is_for_others_or_known_is_left_out_and_makes_it_uncertain),
        cmocka_unit_test(a_record_that_is_not_whole_is_uncertain),
        cmocka_unit_test(a_long_stretch_is_uncertain),
        cmocka_unit_test(a_number_that_does_not_follow_is_kept_and_uncertain),
        cmocka_unit_test(no_more_than_the_most_are_taken_and_the_rest_has_not_passed),
        cmocka_unit_test(nothing_is_taken_behind_a_blob),
        cmocka_unit_test(a_stretch_may_end_anywhere_in_a_record),
        cmocka_unit_test(a_filler_ends_the_lap),
        cmocka_unit_test(what_is_no_record_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
