/* Symbols: addresses of functions whose names and lines are known, in each kind of file. */
#include "coroner/symbols.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/copy.h"
#include "support/node.h"
#include "unit/coroner/subjects/subject.h"

enum { ADDRESSES_MAX = 32, FRAMES_MAX = 64, MAPS_MAX = 256 * 1024 };

/* A stack, as a process has told of it. */
struct told {
    uint64_t addresses[ADDRESSES_MAX];
    size_t count;
    char maps[MAPS_MAX];
};

static struct told told;
static struct tri_frame frames[FRAMES_MAX];
static size_t frame_count;
static struct tri_symbols *symbols;

static int symbols_setup(void **state)
{
    symbols = tri_symbols_new();
    return symbols ? fixture_setup(state) : -1;
}

static int symbols_teardown(void **state)
{
    tri_symbols_free(symbols);
    return fixture_teardown(state);
}

#define symbols_test(body) cmocka_unit_test_setup_teardown(body, symbols_setup, symbols_teardown)

static const char *subject_path(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/tests/coroner/%s", program_folder(), name);
    return path;
}

static int take_stack(void *context)
{
    void *addresses[ADDRESSES_MAX];
    (void)context;
    told.count = (size_t)backtrace(addresses, ADDRESSES_MAX);
    for (size_t i = 0; i < told.count; i++)
        told.addresses[i] = (uintptr_t)addresses[i];
    return (int)told.count;
}

static void take_own_maps(void)
{
    FILE *file = fopen("/proc/self/maps", "re");
    assert_non_null(file);
    size_t length = fread(told.maps, 1, sizeof told.maps - 1, file);
    told.maps[length] = '\0';
    fclose(file);
}

static void *library_open(const char *name)
{
    void *library = dlopen(subject_path(name), RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fail_msg("%s", dlerror());
    return library;
}

/* Calls what is in a library, which tells where it is. */
static void library_run(void *library)
{
    int (*run)(subject_fn * visit, void *context) = NULL;
    void *found = dlsym(library, "subject_run");
    memcpy(&run, &found, sizeof run);
    assert_non_null(run);
    run(take_stack, NULL);
    take_own_maps();
}

static void take_library(const char *name)
{
    void *library = library_open(name);
    library_run(library);
    dlclose(library);
}

static void resolve(uint64_t since_s)
{
    const struct tri_stack stack = {.maps = told.maps,
                                    .maps_bytes = strlen(told.maps),
                                    .since_s = since_s,
                                    .addresses = told.addresses,
                                    .count = told.count};
    frame_count = tri_symbols_resolve(symbols, &stack, frames, FRAMES_MAX);
    assert_in_range(frame_count, told.count, FRAMES_MAX);
}

static const struct tri_frame *frame_of(const char *function)
{
    for (size_t i = 0; i < frame_count; i++)
        if (strcmp(frames[i].function, function) == 0)
            return &frames[i];
    fail_msg("no frame is in %s", function);
    return NULL;
}

static void expect_line(const struct tri_frame *frame, unsigned line)
{
    assert_string_equal(strrchr(frame->file, '/'), "/subject.c");
    assert_int_equal(frame->line, line);
}

/* Row, table and run follow each other, with their lines. */
static void expect_whole(const char *module)
{
    const struct tri_frame *row = frame_of("decode_row");
    assert_true(row + 2 < frames + frame_count);
    assert_string_equal(row[1].function, "decode_table");
    assert_string_equal(row[2].function, "subject_run");
    assert_true(row->is_inlined);
    assert_false(row[1].is_inlined);
    assert_int_equal(row->address, row[1].address);
    expect_line(row, LINE_OF_ROW);
    expect_line(row + 1, LINE_OF_TABLE);
    expect_line(row + 2, LINE_OF_RUN);
    assert_string_equal(row->module, subject_path(module));
    assert_true(row[1].function_offset > 0);
}

/* ---------------------------------------------------------------- kinds of files */

static void a_shared_library_tells_functions_lines_and_what_was_inlined(void **state)
{
    (void)state;
    take_library("libsubject.so");
    resolve(0);
    expect_whole("libsubject.so");
}

static void separate_debugging_information_is_found(void **state)
{
    (void)state;
    take_library("libsplit.so");
    resolve(0);
    expect_whole("libsplit.so");
}

static void a_stripped_library_tells_what_it_exports_and_offsets(void **state)
{
    (void)state;
    take_library("libstripped.so");
    resolve(0);
    const struct tri_frame *run = frame_of("subject_run");
    assert_int_equal(run->line, 0);
    assert_string_equal(run->file, "");
    assert_string_equal(run->module, subject_path("libstripped.so"));
    assert_true(run->function_offset > 0 && run->offset > run->function_offset);
    /* In front of it is the static function, which has no name any more, but has its place. */
    assert_string_equal(run[-1].module, run->module);
    assert_true(run[-1].offset > 0 && run[-1].offset < run->offset);
}

/* Reads what a program has told on its standard output. */
static void take_program(const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "bin/tests/coroner/%s", name);
    const char *const argv[] = {path, NULL};
    struct program *program = program_start(argv);
    program_expect_exit(program, 0);
    const char *at = program_stdout(program);
    for (told.count = 0; *at != '\n'; at = strchr(at, '\n') + 1)
        told.addresses[told.count++] = strtoull(at, NULL, 16);
    snprintf(told.maps, sizeof told.maps, "%s", at + 1);
}

static void a_program_that_is_loaded_anywhere_tells_its_lines(void **state)
{
    (void)state;
    take_program("pie");
    resolve(0);
    expect_whole("pie");
    frame_of("main");
}

static void a_program_that_is_loaded_at_one_place_tells_its_lines(void **state)
{
    (void)state;
    take_program("no-pie");
    resolve(0);
    expect_whole("no-pie");
    assert_int_equal(frame_of("main")->offset, frame_of("main")->address);
}

/* ---------------------------------------------------------------- files that change */

/* A library of the test's own, which it may replace. */
static char *own_library(char path[256])
{
    snprintf(path, 256, "%s/own.so", fixture_run_dir());
    copy_file(subject_path("libsubject.so"), path);
    return path;
}

static void expect_replaced(const char *path)
{
    size_t replaced = 0;
    for (size_t i = 0; i < frame_count; i++) {
        if (strcmp(frames[i].module, path) != 0)
            continue;
        assert_true(frames[i].is_replaced);
        assert_string_equal(frames[i].function, "");
        assert_int_equal(frames[i].line, 0);
        assert_true(frames[i].offset > 0);
        replaced++;
    }
    assert_int_equal(replaced, 2); /* nothing is known of what was inlined */
}

static void take_own(const char *path, void **ret_library)
{
    *ret_library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(*ret_library);
    library_run(*ret_library);
}

static void a_file_that_was_replaced_before_the_crash_gives_no_wrong_lines(void **state)
{
    (void)state;
    char path[256];
    void *library;
    take_own(own_library(path), &library);
    assert_int_equal(unlink(path), 0);
    copy_file(subject_path("libstripped.so"), path);
    take_own_maps();
    resolve(0);
    expect_replaced(path);
    dlclose(library);
    unlink(path);
}

static void a_file_that_was_replaced_after_the_crash_gives_no_wrong_lines(void **state)
{
    (void)state;
    char path[256], other[260];
    void *library;
    take_own(own_library(path), &library);
    snprintf(other, sizeof other, "%s.new", path);
    copy_file(subject_path("libstripped.so"), other);
    assert_int_equal(rename(other, path), 0);
    resolve(0);
    expect_replaced(path);
    dlclose(library);
    unlink(path);
}

static void a_file_that_was_written_to_since_it_was_mapped_gives_no_wrong_lines(void **state)
{
    (void)state;
    char path[256];
    struct stat st;
    void *library;
    take_own(own_library(path), &library);
    assert_int_equal(stat(path, &st), 0);
    resolve((uint64_t)st.st_mtime - 100);
    expect_replaced(path);
    resolve((uint64_t)st.st_mtime + 100);
    assert_string_equal(frame_of("decode_row")->module, path);
    dlclose(library);
    unlink(path);
}

static void what_was_looked_at_once_is_known_when_the_file_is_gone(void **state)
{
    (void)state;
    char path[256];
    void *library;
    take_own(own_library(path), &library);
    resolve(0);
    assert_int_equal(unlink(path), 0);
    take_own_maps();
    resolve(0);
    assert_int_equal(frame_of("decode_row")->line, LINE_OF_ROW);
    dlclose(library);
}

/* ---------------------------------------------------------------- odd ones */

static void addresses_of_nothing_are_told_as_they_are(void **state)
{
    (void)state;
    take_own_maps();
    told.count = 3;
    told.addresses[0] = 0;
    told.addresses[1] = 0x10;
    told.addresses[2] = UINT64_MAX;
    resolve(0);
    assert_int_equal(frame_count, 3);
    for (size_t i = 0; i < frame_count; i++) {
        assert_int_equal(frames[i].address, told.addresses[i]);
        assert_string_equal(frames[i].module, "");
        assert_string_equal(frames[i].function, "");
    }
}

static void a_place_that_is_exact_is_not_taken_for_a_return_address(void **state)
{
    (void)state;
    take_own_maps();
    uint64_t address = (uintptr_t)&take_stack; /* one byte before it is another function, or none */
    const struct tri_stack stack = {.maps = told.maps,
                                    .maps_bytes = strlen(told.maps),
                                    .addresses = &address,
                                    .count = 1,
                                    .is_first_exact = true};
    frame_count = tri_symbols_resolve(symbols, &stack, frames, FRAMES_MAX);
    assert_int_equal(frame_count, 1);
    assert_string_equal(frames[0].function, "take_stack");
    assert_int_equal(frames[0].function_offset, 0);
}

static void no_more_frames_come_than_there_is_room_for(void **state)
{
    (void)state;
    take_library("libsubject.so");
    const struct tri_stack stack = {.maps = told.maps,
                                    .maps_bytes = strlen(told.maps),
                                    .addresses = told.addresses,
                                    .count = told.count};
    for (size_t max = 0; max < 5; max++)
        assert_int_equal(tri_symbols_resolve(symbols, &stack, frames, max), max);
}

/* More files than are kept: each is still told of rightly. */
static void more_modules_than_are_kept_are_told_of(void **state)
{
    (void)state;
    char path[256];
    void *library;
    for (int i = 0; i < 40; i++) {
        take_own(own_library(path), &library);
        resolve(0);
        assert_int_equal(frame_of("decode_row")->line, LINE_OF_ROW);
        dlclose(library);
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        symbols_test(a_shared_library_tells_functions_lines_and_what_was_inlined),
        symbols_test(separate_debugging_information_is_found),
        symbols_test(a_stripped_library_tells_what_it_exports_and_offsets),
        symbols_test(a_program_that_is_loaded_anywhere_tells_its_lines),
        symbols_test(a_program_that_is_loaded_at_one_place_tells_its_lines),
        symbols_test(a_file_that_was_replaced_before_the_crash_gives_no_wrong_lines),
        symbols_test(a_file_that_was_replaced_after_the_crash_gives_no_wrong_lines),
        symbols_test(a_file_that_was_written_to_since_it_was_mapped_gives_no_wrong_lines),
        symbols_test(what_was_looked_at_once_is_known_when_the_file_is_gone),
        symbols_test(addresses_of_nothing_are_told_as_they_are),
        symbols_test(a_place_that_is_exact_is_not_taken_for_a_return_address),
        symbols_test(no_more_frames_come_than_there_is_room_for),
        symbols_test(more_modules_than_are_kept_are_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
