/* A checksum tells spoilt data from whole, whatever its length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/checksum.h"

enum { LONGEST = 300 };

static void fill(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
}

static void every_flipped_bit_changes_it(void **state)
{
    (void)state;
    uint8_t bytes[LONGEST];
    for (size_t size = 1; size <= LONGEST; size++) {
        fill(bytes, size);
        uint32_t sum = tri_checksum(0, bytes, size);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(tri_checksum(0, bytes, size), sum);
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void swapped_words_change_it(void **state)
{
    (void)state;
    uint8_t bytes[256], swapped[256];
    fill(bytes, sizeof bytes);
    for (size_t a = 0; a < sizeof bytes; a += 8)
        for (size_t b = a + 8; b < sizeof bytes; b += 8) {
            memcpy(swapped, bytes, sizeof bytes);
            memcpy(swapped + a, bytes + b, 8);
            memcpy(swapped + b, bytes + a, 8);
            assert_int_not_equal(tri_checksum(0, swapped, sizeof swapped),
                                 tri_checksum(0, bytes, sizeof bytes));
        }
}

static void zeros_of_different_lengths_differ(void **state)
{
    (void)state;
    const uint8_t zeros[LONGEST] = {0};
    for (size_t size = 0; size < LONGEST; size++)
        assert_int_not_equal(tri_checksum(0, zeros, size), tri_checksum(0, zeros, size + 1));
}

static void it_does_not_depend_on_where_the_data_lies(void **state)
{
    (void)state;
    uint8_t bytes[LONGEST], moved[LONGEST + 8];
    fill(bytes, sizeof bytes);
    for (size_t shift = 1; shift < 8; shift++) {
        memcpy(moved + shift, bytes, sizeof bytes);
        assert_int_equal(tri_checksum(5, moved + shift, sizeof bytes),
                         tri_checksum(5, bytes, sizeof bytes));
    }
}

static void a_seed_changes_it(void **state)
{
    (void)state;
    uint8_t bytes[LONGEST];
    fill(bytes, sizeof bytes);
    for (size_t size = 0; size <= LONGEST; size++)
        assert_int_not_equal(tri_checksum(1, bytes, size), tri_checksum(2, bytes, size));
}

/* However it is cut into parts. */
static void a_gathered_whole_has_the_checksum_of_the_whole(void **state)
{
    (void)state;
    uint8_t bytes[LONGEST], gathered[LONGEST];
    fill(bytes, sizeof bytes);
    for (size_t size = 1; size <= LONGEST; size += 7)
        for (size_t first = 0; first <= size; first++)
            for (size_t second = first; second <= size; second += 13) {
                struct iovec parts[] = {{bytes, first},
                                        {bytes + first, second - first},
                                        {bytes + second, size - second}};
                memset(gathered, 0, sizeof gathered);
                assert_int_equal(tri_checksum_gather(5, gathered, parts, 3, size),
                                 tri_checksum(5, bytes, size));
                assert_memory_equal(gathered, bytes, size);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_changes_it),
        cmocka_unit_test(a_gathered_whole_has_the_checksum_of_the_whole),
        cmocka_unit_test(swapped_words_change_it),
        cmocka_unit_test(zeros_of_different_lengths_differ),
        cmocka_unit_test(it_does_not_depend_on_where_the_data_lies),
        cmocka_unit_test(a_seed_changes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
