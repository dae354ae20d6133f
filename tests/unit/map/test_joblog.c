/* Joblog: what is entered is known to the next run, wherever the file was cut; and no line of a spoilt one is believed. */
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

#include "map/joblog.h"

enum { FILE_BYTES = 65536 };

static char path[32], text[FILE_BYTES];
static int file_fd;

static void set_file(const void *bytes, size_t size_bytes)
{
    assert_int_equal(ftruncate(file_fd, 0), 0);
    assert_int_equal(pwrite(file_fd, bytes, size_bytes, 0), size_bytes);
}

static size_t read_file(void)
{
    ssize_t n = pread(file_fd, text, sizeof text - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    return (size_t)n;
}

static int setup(void **state)
{
    (void)state;
    file_fd = memfd_create("joblog", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file_fd);
    return file_fd < 0;
}

static int teardown(void **state)
{
    (void)state;
    return close(file_fd);
}

static struct map_job *new_job(uint64_t number, const char *bytes)
{
    size_t size = strlen(bytes);
    struct map_job *job = calloc(1, sizeof *job + size);
    assert_non_null(job);
    *job = (struct map_job){.number = number, .size_bytes = size, .tries = 1};
    memcpy(job->bytes, bytes, size);
    return job;
}

static void enter_begun(struct map_joblog *joblog, uint64_t number, const char *bytes)
{
    struct map_job *job = new_job(number, bytes);
    assert_int_equal(map_joblog_begun(joblog, job), 0);
    assert_int_equal(map_joblog_flush_begun(joblog), 0);
    free(job);
}

static void enter_ended(struct map_joblog *joblog, uint64_t number, const char *bytes,
                        const char *why, int64_t output_end)
{
    struct map_result *result = map_result_new(new_job(number, bytes), NULL, 0);
    assert_non_null(result);
    snprintf(result->why, sizeof result->why, "%s", why);
    assert_int_equal(map_joblog_ended(joblog, result, output_end), 0);
    assert_int_equal(map_joblog_flush_ended(joblog), 0);
    map_result_free(result);
}

/* A run with three jobs: one done, one failed, one begun. */
static void write_run(void)
{
    static char program[] = "./decoder", option[] = "--fast";
    char *const command[] = {program, option, NULL};
    struct map_joblog joblog;
    struct map_past past;
    assert_int_equal(map_joblog_open(&joblog, path, true, &past), 0);
    assert_int_equal(map_joblog_run(&joblog, command, 0, 77), 0);
    enter_begun(&joblog, 1, "one");
    enter_begun(&joblog, 2, "two\twith\na \\");
    enter_begun(&joblog, 3, "three");
    enter_ended(&joblog, 1, "one", "", 4);
    enter_ended(&joblog, 2, "two\twith\na \\", "sigsegv", 4);
    map_joblog_close(&joblog);
    map_past_deinit(&past);
}

/* And it ends in order. */
static void end_run(void)
{
    struct map_joblog joblog;
    struct map_past past;
    assert_int_equal(map_joblog_open(&joblog, path, true, &past), 0);
    assert_false(past.is_over);
    assert_int_equal(map_joblog_place(&joblog, true, 4, 77), 0);
    assert_int_equal(map_joblog_flush_ended(&joblog), 0);
    map_joblog_close(&joblog);
    map_past_deinit(&past);
}

static int open_past(struct map_past *past)
{
    struct map_joblog joblog;
    int r = map_joblog_open(&joblog, path, true, past);
    map_joblog_close(&joblog);
    return r;
}

static enum map_past_state state_of(const struct map_past *past, uint64_t number, const char *bytes)
{
    bool differs;
    struct map_job *job = new_job(number, bytes);
    enum map_past_state state = map_past_of(past, job, &differs);
    free(job);
    assert_false(differs);
    return state;
}

static void that_a_run_was_over_is_known_until_the_next_begins(void **state)
{
    struct map_past past;
    (void)state;
    write_run();
    end_run();
    assert_int_equal(open_past(&past), 0);
    assert_true(past.is_over);
    assert_int_equal(past.output_end, 4);
    map_past_deinit(&past);
    write_run();
    assert_int_equal(open_past(&past), 0);
    assert_false(past.is_over);
    map_past_deinit(&past);
}

static void what_was_entered_is_known_to_the_next_run(void **state)
{
    struct map_past past;
    bool differs;
    (void)state;
    write_run();
    assert_int_equal(open_past(&past), 0);
    assert_int_equal(state_of(&past, 1, "one"), MAP_PAST_DONE);
    assert_int_equal(state_of(&past, 2, "two\twith\na \\"), MAP_PAST_FAILED);
    assert_int_equal(state_of(&past, 3, "three"), MAP_PAST_BEGUN);
    assert_int_equal(state_of(&past, 4, "four"), MAP_PAST_NONE);
    assert_int_equal(past.done + 10 * past.failed + 100 * past.begun, 111);
    assert_int_equal(past.output_end, 4);
    assert_int_equal(past.output_check, 77);
    struct map_job *other = new_job(1, "eins");
    map_past_of(&past, other, &differs);
    assert_true(differs);
    free(other);
    map_past_deinit(&past);
}

static void a_line_has_its_columns_whatever_the_job_is(void **state)
{
    (void)state;
    write_run();
    read_file();
    assert_non_null(strstr(text, "Number\tStart\tSeconds\tTries\tResult\tEnd\tCheck\tJob\n0\t"));
    assert_non_null(strstr(text, "\trun\t0\t0000004d\t./decoder --fast\n1\t"));
    assert_non_null(strstr(text, "\tsigsegv\t4\t"));
    assert_non_null(strstr(text, "\ttwo\\x09with\\x0aa \\x5c\n"));
}

/* As a run leaves it that is killed, or a disk that is full: what stands in whole lines counts, and the rest goes. */
static void a_file_that_was_cut_anywhere_is_whole_lines(void **state)
{
    static char whole[FILE_BYTES];
    struct map_past past;
    (void)state;
    write_run();
    size_t size = read_file();
    memcpy(whole, text, size);
    for (size_t cut = 0; cut <= size; cut++) {
        set_file(whole, cut);
        assert_int_equal(open_past(&past), 0);
        size_t lines = 0;
        for (size_t i = 0; i < cut; i++)
            lines += whole[i] == '\n';
        assert_int_equal(state_of(&past, 1, "one"), lines > 5   ? MAP_PAST_DONE
                                                    : lines > 2 ? MAP_PAST_BEGUN
                                                                : MAP_PAST_NONE);
        map_past_deinit(&past);
        size_t left = read_file();
        assert_true(left > 0 && text[left - 1] == '\n');
        assert_memory_equal(text, whole, left);
    }
}

static void a_file_that_is_no_joblog_is_refused_and_kept(void **state)
{
    static const char *const lines[] = {
        "nonsense\n",
        "1\t0\t0\t1\tok\t-\t0\n",
        "1\t0\t0\t1\tok\t-\t00000000\ta\tb\n",
        "x\t0\t0\t1\tok\t-\t00000000\ta\n",
        "-1\t0\t0\t1\tok\t-\t00000000\ta\n",
        " 1\t0\t0\t1\tok\t-\t00000000\ta\n",
        "99999999\t0\t0\t1\tok\t-\t00000000\ta\n",
        "18446744073709551616\t0\t0\t1\tok\t-\t00000000\ta\n",
        "1\t0\t0\t1\tok\t-\t100000000\ta\n",
        "1\t0\t0\t1\tok\t9223372036854775808\t00000000\ta\n",
        "1\t0\t0\t1\tok\tfour\t00000000\ta\n",
        "0\t0\t0\t1\tok\t-\t00000000\ta\n",
        "\n",
    };
    struct map_past past;
    (void)state;
    write_run();
    size_t size = read_file();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        set_file(text, size);
        assert_int_equal(pwrite(file_fd, lines[i], strlen(lines[i]), (off_t)size),
                         strlen(lines[i]));
        assert_int_equal(open_past(&past), -EINVAL);
        assert_int_equal(lseek(file_fd, 0, SEEK_END), size + strlen(lines[i]));
    }
    static const char zero[] = "1\t0\t0\t1\tok\t-\t0\0\ta\n";
    set_file(text, size);
    assert_int_equal(pwrite(file_fd, zero, sizeof zero - 1, (off_t)size), sizeof zero - 1);
    assert_int_equal(open_past(&past), -EINVAL);
    set_file("#!/bin/sh\n", 10);
    assert_int_equal(open_past(&past), -EINVAL);
    set_file("Number", 6); /* a head that was cut */
    assert_int_equal(open_past(&past), 0);
    map_past_deinit(&past);
}

static void one_run_at_a_time_has_it_and_a_new_one_asks_before_it_goes_on(void **state)
{
    struct map_joblog joblog, other;
    struct map_past past, more;
    (void)state;
    write_run();
    assert_int_equal(map_joblog_open(&joblog, path, false, &past), -EEXIST);
    assert_int_equal(map_joblog_open(&joblog, path, true, &past), 0);
    assert_int_equal(map_joblog_open(&other, path, true, &more), -EWOULDBLOCK);
    assert_int_equal(other.fd, -1);
    map_joblog_close(&joblog);
    map_past_deinit(&past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(that_a_run_was_over_is_known_until_the_next_begins, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_was_entered_is_known_to_the_next_run, setup, teardown),
        cmocka_unit_test_setup_teardown(a_line_has_its_columns_whatever_the_job_is, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_that_was_cut_anywhere_is_whole_lines, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_joblog_is_refused_and_kept, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            one_run_at_a_time_has_it_and_a_new_one_asks_before_it_goes_on, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
