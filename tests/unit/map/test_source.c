/* Source and output: bytes become jobs, answers become bytes, and what cannot be either is told. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "map/output.h"
#include "map/source.h"

static const struct tri_framing lines = {
    .kind = TR_FRAMING_LINE, .max_bytes = 8, .has_own_end = true, .end = '\n'};
static const struct tri_framing packets = {.kind = TR_FRAMING_PACKET_1, .max_bytes = 8};

/* What an input is cut into, as "[a][b]", with what is wrong with it behind. */
static const char *jobs_of(const struct tri_framing *framing, const char *bytes, size_t size_bytes)
{
    static char told[256];
    struct map_source source;
    int pipe_fds[2], fault = 0;
    size_t length = 0;
    assert_int_equal(pipe(pipe_fds), 0);
    assert_int_equal(write(pipe_fds[1], bytes, size_bytes), size_bytes);
    close(pipe_fds[1]);
    map_source_init(&source, pipe_fds[0], framing);
    for (told[0] = '\0'; !source.is_at_end && !fault;) {
        struct map_job *job = map_source_next(&source, &fault);
        if (job)
            length += (size_t)snprintf(told + length, sizeof told - length, "[%.*s]",
                                       (int)job->size_bytes, job->bytes);
        else if (!fault && !source.is_at_end)
            assert_int_equal(map_source_read(&source), 0);
        free(job);
    }
    if (fault)
        snprintf(told + length, sizeof told - length, "%s", strerrorname_np(-fault));
    map_source_deinit(&source);
    close(pipe_fds[0]);
    return told;
}

static void lines_are_jobs_and_the_last_needs_no_end(void **state)
{
    (void)state;
    assert_string_equal(jobs_of(&lines, "a\n\nbc\r\nlast", 11), "[a][][bc\r][last]");
    assert_string_equal(jobs_of(&lines, "", 0), "");
    assert_string_equal(jobs_of(&lines, "\n", 1), "[]");
    assert_string_equal(jobs_of(&lines, "12345678\n", 9), "[12345678]");
    assert_string_equal(jobs_of(&lines, "12345678", 8), "[12345678]");
}

static void a_job_that_is_too_long_or_not_whole_is_told(void **state)
{
    (void)state;
    assert_string_equal(jobs_of(&lines, "a\n123456789\nb\n", 14), "[a]EMSGSIZE");
    assert_string_equal(jobs_of(&lines, "a\n123456789", 11), "[a]EMSGSIZE");
    assert_string_equal(jobs_of(&packets, "\1a\0\2bc", 6), "[a][][bc]");
    assert_string_equal(jobs_of(&packets, "\1a\3bc", 5), "[a]EPROTO");
    assert_string_equal(jobs_of(&packets, "\11", 1), "EMSGSIZE");
}

static int new_file(const char *bytes)
{
    int fd = memfd_create("output", MFD_CLOEXEC);
    assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
    return fd;
}

static void what_a_killed_run_has_printed_and_not_entered_goes_from_its_own_file_only(void **state)
{
    struct map_output output;
    char bytes[16] = "";
    int fd = new_file("one\ntw"), other = new_file("no output of ours\n");
    (void)state;
    assert_int_equal(map_output_init(&output, fd, &lines, -1, 0, true), 0);
    assert_int_equal(output.end, 6);
    uint32_t check = output.check;
    assert_int_equal(map_output_init(&output, other, &lines, 4, check, true), 0);
    assert_int_equal(lseek(other, 0, SEEK_END), 18);
    assert_int_equal(map_output_init(&output, fd, &lines, 7, check, true), -ESPIPE);
    assert_int_equal(map_output_init(&output, fd, &lines, 4, check, true), 0);
    assert_int_equal(map_output_put(&output, "TWO", 3, false), 0);
    assert_int_equal(map_output_write(&output), 0);
    assert_int_equal(map_output_pending_bytes(&output), 0);
    assert_int_equal(output.end, 8);
    assert_int_equal(pread(fd, bytes, sizeof bytes, 0), 8);
    assert_string_equal(bytes, "one\nTWO\n");
    map_output_deinit(&output);
    close(other);
    close(fd);
}

/* A pipe that blocks, as the shell's do, whose reader comes later. */
static void who_reads_late_is_not_waited_for_and_misses_nothing(void **state)
{
    enum { ANSWERS = 100, BYTES = 3000 };
    static uint8_t answer[BYTES], taken[BYTES + 1];
    struct map_output output;
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    assert_int_equal(map_output_init(&output, fds[1], &lines, -1, 0, true), 0);
    for (int i = 0; i < ANSWERS; i++) {
        memset(answer, i, sizeof answer);
        assert_int_equal(map_output_put(&output, answer, sizeof answer, false), 0);
        assert_int_equal(map_output_write(&output), 0);
    }
    assert_true(map_output_pending_bytes(&output) > (size_t)100 * 1024);
    for (int i = 0; i < ANSWERS; i++)
        for (size_t at = 0; at < sizeof taken;) {
            ssize_t n = read(fds[0], taken + at, sizeof taken - at);
            assert_int_equal(map_output_write(&output), 0);
            at += n > 0 ? (size_t)n : 0;
            if (at == sizeof taken)
                assert_true(taken[0] == i && taken[BYTES - 1] == i && taken[BYTES] == '\n');
        }
    assert_int_equal(map_output_pending_bytes(&output), 0);
    map_output_deinit(&output);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_jobs_and_the_last_needs_no_end),
        cmocka_unit_test(a_job_that_is_too_long_or_not_whole_is_told),
        cmocka_unit_test(what_a_killed_run_has_printed_and_not_entered_goes_from_its_own_file_only),
        cmocka_unit_test(who_reads_late_is_not_waited_for_and_misses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
