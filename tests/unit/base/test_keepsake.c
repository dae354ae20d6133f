/* Keepsake: names, their order, and files that somebody else has put there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/keepsake.h"
#include "support/node.h"
#include "troupe/outcome.h"

/* A folder that is there for one test; what is in it, its test removes. */
static int folder_fd;

static int set_up(void **state)
{
    int r = fixture_setup(state);
    folder_fd = r ? -1 : open(fixture_run_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder_fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    close(folder_fd);
    return fixture_teardown(state);
}

static void put_file(const char *name, const char *text)
{
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static uint64_t size_of(int fd, const char *id, const struct stat *status)
{
    (void)fd;
    (void)id;
    return (uint64_t)status->st_size;
}

static int remove_file(int fd, const char *name) { return unlinkat(fd, name, 0) < 0 ? -errno : 0; }

static const struct tri_keepsake_kind files = {
    .part = "files", .type = S_IFREG, .size_bytes = size_of, .remove = remove_file};

static void only_plain_words_are_ids(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ".", "..", ".new-1", "a/b", "-a", "a b", "\xc3\xa4"};
    char long_one[TRI_KEEPSAKE_ID_BYTES + 1], name[TRI_KEEPSAKE_NEW_BYTES];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(tri_keepsake_id_is_valid(bad[i]));
    memset(long_one, 'a', TRI_KEEPSAKE_ID_BYTES);
    long_one[TRI_KEEPSAKE_ID_BYTES] = '\0';
    assert_false(tri_keepsake_id_is_valid(long_one));
    long_one[TRI_KEEPSAKE_ID_BYTES - 1] = '\0';
    assert_true(tri_keepsake_id_is_valid(long_one));
    assert_true(tri_keepsake_id_is_valid("20261122T213000Z-my_bank-0.5.1"));
    tri_keepsake_new_name("20261122T213000Z-my_bank-0.5.1", name);
    assert_false(tri_keepsake_id_is_valid(name));
}

static void an_id_begins_with_the_time(void **state)
{
    char text[TRI_KEEPSAKE_TIME_BYTES];
    (void)state;
    assert_int_equal(tri_keepsake_time(UINT64_C(1795383000999999999), text), 0);
    assert_string_equal(text, "20261122T213000Z");
}

/* The times of all ids and files are given: an id's second counts first. */
static void the_oldest_stands_first(void **state)
{
    static const char *const ids[] = {"20261122T212959Z-3", "20261122T213000Z-10",
                                      "20261122T213000Z-2", "20261122T213000Z-4"};
    static const long written_s[] = {9000, 1000, 2000, 2000};
    struct tri_keepsakes list = {0};
    (void)state;
    for (size_t i = 4; i-- > 0;) {
        const struct timespec times[] = {{1000, 0}, {written_s[i], 0}};
        put_file(ids[i], "text");
        assert_int_equal(utimensat(folder_fd, ids[i], times, 0), 0);
    }
    assert_int_equal(mkdirat(folder_fd, "20261122T213000Z-folder", 0700), 0);
    assert_int_equal(tri_keepsake_look(folder_fd, &files, &list), 0);
    assert_int_equal(list.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(list.at[i].id, ids[i]);
        assert_int_equal(list.at[i].size_bytes, 4);
        assert_int_equal(unlinkat(folder_fd, ids[i], 0), 0);
    }
    assert_int_equal(unlinkat(folder_fd, "20261122T213000Z-folder", AT_REMOVEDIR), 0);
    free(list.at);
}

static void what_is_old_and_not_whole_goes(void **state)
{
    const struct timespec long_ago[] = {{1000, 0}, {1000, 0}};
    char name[TRI_KEEPSAKE_NEW_BYTES];
    struct tri_keepsakes list = {0};
    (void)state;
    put_file(".new-1-old", "");
    assert_int_equal(utimensat(folder_fd, ".new-1-old", long_ago, 0), 0);
    tri_keepsake_new_name("young", name);
    put_file(name, "");
    assert_int_equal(tri_keepsake_look(folder_fd, &files, &list), 0);
    assert_int_equal(list.count, 0);
    assert_int_equal(faccessat(folder_fd, ".new-1-old", F_OK, 0), -1);
    assert_int_equal(unlinkat(folder_fd, name, 0), 0);
    free(list.at);
}

static void only_plain_files_are_read(void **state)
{
    char *text;
    size_t size_bytes;
    (void)state;
    put_file("file", "some text");
    assert_int_equal(symlinkat("file", folder_fd, "link"), 0);
    assert_int_equal(mkfifoat(folder_fd, "pipe", 0600), 0);
    assert_int_equal(tri_keepsake_read(folder_fd, "file", 9, &text, &size_bytes), 0);
    assert_string_equal(text, "some text");
    assert_int_equal(size_bytes, 9);
    free(text);
    assert_int_equal(tri_keepsake_read(folder_fd, "file", 8, &text, &size_bytes), TR_TOO_LARGE);
    assert_int_equal(tri_keepsake_read(folder_fd, "link", 9, &text, &size_bytes), -ELOOP);
    assert_int_equal(tri_keepsake_read(folder_fd, "pipe", 9, &text, &size_bytes), TR_MALFORMED);
    assert_int_equal(tri_keepsake_read(folder_fd, "none", 9, &text, &size_bytes), -ENOENT);
    assert_int_equal(unlinkat(folder_fd, "file", 0) | unlinkat(folder_fd, "link", 0) |
                         unlinkat(folder_fd, "pipe", 0),
                     0);
}

#define keepsake_test(body) cmocka_unit_test_setup_teardown(body, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_plain_words_are_ids), cmocka_unit_test(an_id_begins_with_the_time),
        keepsake_test(the_oldest_stands_first),     keepsake_test(what_is_old_and_not_whole_goes),
        keepsake_test(only_plain_files_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
