/* Output: what is put comes out in that order, from memory and from disk, to a file and to a pipe that is read slowly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "map/output.h"

#define SPILLED_BYTES (3 * MAP_SPILL_BYTES + 77)

static const struct tri_framing lines = {
    .kind = TR_FRAMING_LINE, .max_bytes = 100, .has_own_end = true, .end = '\n'};

/* The nth byte of what is on disk. */
static char byte_at(size_t n) { return (char)('a' + n % 23); }

static struct map_spill *spill_new(void)
{
    struct map_spill *spill = NULL;
    char *bytes = malloc(SPILLED_BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < SPILLED_BYTES; i++)
        bytes[i] = byte_at(i);
    assert_int_equal(map_spill_put(&spill, bytes, 1000), 0);
    assert_int_equal(map_spill_put(&spill, bytes + 1000, SPILLED_BYTES - 1000), 0);
    free(bytes);
    return spill;
}

static void put_both(struct map_output *output)
{
    assert_int_equal(map_output_put(output, "first", 5, false), 0);
    map_output_put_spill(output, spill_new());
    assert_true(map_output_pending_bytes(output) > MAP_SPILL_BYTES);
}

static void expect_both(const char *text, size_t size_bytes)
{
    assert_int_equal(size_bytes, 6 + SPILLED_BYTES);
    assert_memory_equal(text, "first\n", 6);
    for (size_t i = 0; i < SPILLED_BYTES; i++)
        if (text[6 + i] != byte_at(i))
            fail_msg("byte %zu is another", i);
}

static void a_file_takes_all_at_once(void **state)
{
    struct map_output output;
    char *text = malloc(6 + SPILLED_BYTES + 1);
    int fd = memfd_create("output", MFD_CLOEXEC);
    (void)state;
    assert_true(text && fd >= 0);
    assert_int_equal(map_output_init(&output, fd, &lines, -1, 0, true), 0);
    put_both(&output);
    assert_int_equal(output.end, 6 + SPILLED_BYTES);
    assert_int_equal(map_output_write(&output), 0);
    assert_int_equal(map_output_pending_bytes(&output), 0);
    expect_both(text, (size_t)pread(fd, text, 6 + SPILLED_BYTES + 1, 0));
    map_output_deinit(&output);
    close(fd);
    free(text);
}

static void a_pipe_takes_what_its_reader_does(void **state)
{
    struct map_output output;
    size_t come = 0;
    int ends[2];
    char *text = malloc(6 + SPILLED_BYTES);
    (void)state;
    assert_non_null(text);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(map_output_init(&output, ends[1], &lines, -1, 0, true), 0);
    put_both(&output);
    while (map_output_pending_bytes(&output)) {
        assert_int_equal(map_output_write(&output), 0);
        ssize_t n = read(ends[0], text + come, 6 + SPILLED_BYTES - come);
        assert_true(n > 0);
        come += (size_t)n;
    }
    while (come < 6 + SPILLED_BYTES) {
        ssize_t n = read(ends[0], text + come, 6 + SPILLED_BYTES - come);
        assert_true(n > 0);
        come += (size_t)n;
    }
    expect_both(text, come);
    map_output_deinit(&output);
    close(ends[0]);
    close(ends[1]);
    free(text);
}

static void what_is_not_written_goes_with_it(void **state)
{
    struct map_output output;
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(map_output_init(&output, ends[1], &lines, -1, 0, true), 0);
    put_both(&output);
    map_output_deinit(&output);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_takes_all_at_once),
        cmocka_unit_test(a_pipe_takes_what_its_reader_does),
        cmocka_unit_test(what_is_not_written_goes_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
