/* Pending: what is put comes out in that order, however it is taken, and memory is given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "map/pending.h"
#include "troupe/outcome.h"

#define KEPT_BYTES ((size_t)8192)

static const struct tri_framing line = {TR_FRAMING_LINE, 64, .has_own_end = true, .end = ';'},
                                packet_1 = {.kind = TR_FRAMING_PACKET_1, .max_bytes = 300};

static void each_framing_has_its_bytes_around_a_message(void **state)
{
    (void)state;
    struct map_pending pending = {0};
    size_t bytes;
    assert_int_equal(map_pending_put(&pending, &line, "ab", 2, &bytes), 0);
    assert_int_equal(bytes, map_pending_framed_bytes(&line, 2));
    assert_int_equal(map_pending_put(&pending, &packet_1, "cde", 3, &bytes), 0);
    assert_int_equal(bytes, map_pending_framed_bytes(&packet_1, 3));
    assert_int_equal(map_pending_put(&pending, NULL, "", 0, &bytes), 0);
    assert_int_equal(bytes, 0);
    assert_int_equal(map_pending_put(&pending, NULL, "f", 1, &bytes), 0);
    assert_int_equal(map_pending_put(&pending, &packet_1, "", 256, &bytes), TR_TOO_LARGE);
    assert_int_equal(map_pending_bytes(&pending), 8);
    assert_memory_equal(pending.bytes + pending.begin, "ab;\3cdef", 8);
    map_pending_deinit(&pending);
}

/* Three bytes of each five that are put are taken, until none come any more. */
static void what_is_put_comes_out_in_order(void **state)
{
    (void)state;
    struct map_pending pending = {0};
    uint8_t next = 0, expected = 0;
    size_t ignored;
    for (int turn = 0; turn < 20000 || map_pending_bytes(&pending) > 0; turn++) {
        uint8_t bytes[] = {next, (uint8_t)(next + 1), (uint8_t)(next + 2), (uint8_t)(next + 3),
                           (uint8_t)(next + 4)};
        if (turn < 20000) {
            next = (uint8_t)(next + sizeof bytes);
            assert_int_equal(map_pending_put(&pending, NULL, bytes, sizeof bytes, &ignored), 0);
        }
        size_t taken = map_pending_bytes(&pending) < 3 ? map_pending_bytes(&pending) : 3;
        for (size_t i = 0; i < taken; i++)
            assert_int_equal(pending.bytes[pending.begin + i], expected++);
        map_pending_written(&pending, taken, KEPT_BYTES);
    }
    assert_int_equal(expected, next);
    assert_int_equal(pending.capacity, 0);
    map_pending_deinit(&pending);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_framing_has_its_bytes_around_a_message),
        cmocka_unit_test(what_is_put_comes_out_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
