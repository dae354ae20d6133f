/* Store: what is kept, what goes, and what in a folder is nobody's report. */
#include "coroner/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/statedir.h"
#include "support/folder.h"
#include "support/skip.h"
#include "support/small_disk.h"

static int store_setup(void **state)
{
    unsetenv(TRI_STORE_MAX_VARIABLE);
    return fixture_setup(state);
}

#define store_test(body) cmocka_unit_test_setup_teardown(body, store_setup, fixture_teardown)

static char *folder(void)
{
    static char path[TRI_STATEDIR_BYTES];
    assert_int_equal(tri_statedir_path(TRI_STORE_PART, path), 0);
    return path;
}

static char *in_folder(const char *name)
{
    static char path[TRI_STATEDIR_BYTES + 256];
    snprintf(path, sizeof path, "%s/%s", folder(), name);
    return path;
}

static void make_folder(void)
{
    int fd;
    assert_int_equal(tri_statedir_open(TRI_STORE_PART, true, &fd), 0);
    close(fd);
}

static void make_file(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int keep(struct tri_store *store, const char *id)
{
    return tri_store_write(store, id, "#{}.\n", 5);
}

/* The ids that there are, with a blank behind each. */
static const char *listed(void)
{
    static char text[4096];
    struct tri_keepsake *entries;
    size_t count;
    assert_int_equal(tri_store_list(&entries, &count), 0);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", entries[i].id);
    free(entries);
    return text;
}

/* ---------------------------------------------------------------- the place */

static void the_place_follows_the_environment(void **state)
{
    (void)state;
    char path[TRI_STATEDIR_BYTES];
    setenv("TROUPE_STATE", "/a", 1);
    assert_int_equal(tri_statedir_path("crashes", path), 0);
    assert_string_equal(path, "/a/crashes");
    assert_int_equal(tri_statedir_path("", path), 0);
    assert_string_equal(path, "/a");
    unsetenv("TROUPE_STATE");
    setenv("XDG_STATE_HOME", "/b", 1);
    assert_int_equal(tri_statedir_path("crashes", path), 0);
    assert_string_equal(path, "/b/troupe/crashes");
    setenv("XDG_STATE_HOME", "not/absolute", 1);
    setenv("HOME", "/c", 1);
    assert_int_equal(tri_statedir_path("crashes", path), 0);
    assert_string_equal(path, "/c/.local/state/troupe/crashes");
    unsetenv("HOME");
    assert_int_equal(tri_statedir_path("crashes", path), -ENOENT);
    unsetenv("XDG_STATE_HOME");
    assert_int_equal(tri_statedir_path("crashes", path), -ENOENT);
}

static void the_place_is_made_for_its_owner_alone(void **state)
{
    (void)state;
    struct stat st;
    make_folder();
    assert_int_equal(stat(folder(), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
}

static void a_place_that_is_a_link_or_open_to_others_is_refused(void **state)
{
    (void)state;
    struct tri_store store = {0};
    struct tri_keepsake *entries;
    size_t count;
    make_folder();
    assert_int_equal(chmod(folder(), 0777), 0);
    assert_int_equal(keep(&store, "a"), TR_REFUSED);
    assert_int_equal(tri_store_list(&entries, &count), TR_REFUSED);
    assert_int_equal(rmdir(folder()), 0);
    assert_int_equal(symlink(fixture_run_dir(), folder()), 0);
    assert_int_equal(keep(&store, "a"), TR_REFUSED);
    assert_int_equal(folder_entries(fixture_run_dir()), 0);
}

static void a_place_of_another_user_is_refused(void **state)
{
    (void)state;
    struct tri_store store = {0};
    need_root("a folder of another user");
    make_folder();
    assert_int_equal(chown(folder(), 12345, 12345), 0);
    assert_int_equal(keep(&store, "a"), TR_REFUSED);
}

static void a_place_that_cannot_be_is_a_fault(void **state)
{
    (void)state;
    struct tri_store store = {0};
    setenv("TROUPE_STATE", "/proc/no/such/place", 1);
    assert_true(keep(&store, "a") < 0);
    assert_string_equal(listed(), "");
    setenv("TROUPE_STATE", "/dev/null/x", 1);
    assert_int_equal(keep(&store, "a"), -ENOTDIR);
}

/* ---------------------------------------------------------------- reports */

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    struct tri_store store = {0};
    TRI_AUTO(tri_freep) char *text = NULL;
    size_t size;
    assert_int_equal(tri_store_write(&store, "one", "#{a => 1}.\n", 11), 0);
    assert_int_equal(tri_store_read("one", &text, &size), 0);
    assert_string_equal(text, "#{a => 1}.\n");
    assert_int_equal(size, 11);
    assert_int_equal(keep(&store, "one"), -EEXIST);
    assert_int_equal(folder_entries(folder()), 1);
    assert_int_equal(tri_store_remove("one"), 0);
    assert_int_equal(tri_store_remove("one"), -ENOENT);
    assert_int_equal(tri_store_read("one", &text, &size), -ENOENT);
}

static void ids_tell_time_node_and_pid(void **state)
{
    (void)state;
    struct tri_store store = {0};
    char id[TRI_KEEPSAKE_ID_BYTES];
    uint64_t time_ns = 1795383000ull * 1000000000ull;
    assert_int_equal(tri_store_name(time_ns, "bank", tr_pid_make(5, 1), id), 0);
    assert_string_equal(id, "20261122T213000Z-bank-0.5.1");
    assert_int_equal(keep(&store, id), 0);
    assert_int_equal(tri_store_name(time_ns, "bank", tr_pid_make(5, 1), id), 0);
    assert_string_equal(id, "20261122T213000Z-bank-0.5.1-2");
}

static void of_the_same_second_the_last_written_is_the_newest(void **state)
{
    (void)state;
    static const char *const ids[] = {"20261122T213000Z-n-0.10.1", "20261122T213000Z-n-0.9.1",
                                      "20261122T212959Z-n-0.3.1"};
    struct tri_store store = {0};
    for (int i = 0; i < 3; i++) {
        struct timespec times[] = {{1000, 0}, {1000 + (i == 0), i}};
        assert_int_equal(keep(&store, ids[i]), 0);
        assert_int_equal(utimensat(AT_FDCWD, in_folder(ids[i]), times, 0), 0);
    }
    assert_string_equal(listed(), "20261122T212959Z-n-0.3.1 20261122T213000Z-n-0.9.1 "
                                  "20261122T213000Z-n-0.10.1 ");
}

static void the_oldest_go_when_there_are_too_many(void **state)
{
    (void)state;
    struct tri_store store = {0}, other = {0};
    char id[32];
    setenv(TRI_STORE_MAX_VARIABLE, "3", 1);
    for (int i = 0; i < 10; i++) {
        snprintf(id, sizeof id, "2026-%02d", i);
        assert_int_equal(keep(i % 2 ? &store : &other, id), 0);
        assert_in_range(folder_entries(folder()), 1, 4);
    }
    struct tri_store fresh = {0};
    assert_int_equal(keep(&fresh, "2026-10"), 0);
    assert_string_equal(listed(), "2026-08 2026-09 2026-10 ");
}

static void the_oldest_go_when_they_are_too_large(void **state)
{
    (void)state;
    struct tri_store store = {0};
    size_t size = TRI_STORE_FILE_BYTES;
    TRI_AUTO(tri_freep) char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, ' ', size + 1);
    uint64_t most = TRI_STORE_MOST_BYTES / size;
    for (uint64_t i = 0; i < most + 3; i++) {
        char id[32];
        snprintf(id, sizeof id, "2026-%03d", (int)i);
        assert_int_equal(tri_store_write(&store, id, text, size), 0);
    }
    assert_in_range(folder_entries(folder()), most - most / 16 - 1, most);
    assert_int_equal(access(in_folder("2026-000"), F_OK), -1);
    assert_int_equal(tri_store_write(&store, "a", text, size + 1), -EFBIG);
}

static void none_are_kept_when_none_are_wanted(void **state)
{
    (void)state;
    struct tri_store store = {0};
    char id[TRI_KEEPSAKE_ID_BYTES];
    setenv(TRI_STORE_MAX_VARIABLE, "0", 1);
    assert_int_equal(tri_store_name(0, "bank", tr_pid_make(1, 1), id), -EDQUOT);
    assert_int_equal(keep(&store, "a"), -EDQUOT);
    assert_int_equal(access(folder(), F_OK), -1);
}

static void a_number_that_is_none_is_not_listened_to(void **state)
{
    (void)state;
    struct tri_store store = {0};
    setenv(TRI_STORE_MAX_VARIABLE, "-1", 1);
    assert_int_equal(keep(&store, "a"), 0);
    setenv(TRI_STORE_MAX_VARIABLE, "many", 1);
    assert_int_equal(keep(&store, "b"), 0);
    assert_string_equal(listed(), "a b ");
}

/* ---------------------------------------------------------------- strangers */

static void strangers_in_the_folder_are_left_alone(void **state)
{
    (void)state;
    struct tri_store store = {0};
    TRI_AUTO(tri_freep) char *text = NULL;
    size_t size;
    setenv(TRI_STORE_MAX_VARIABLE, "1", 1);
    make_folder();
    make_file("a b", "x");
    make_file("\n\033[31m", "x");
    make_file(".hidden", "x");
    assert_int_equal(mkdir(in_folder("0folder"), 0700), 0);
    assert_int_equal(mkfifo(in_folder("0pipe"), 0600), 0);
    assert_int_equal(symlink("/etc/passwd", in_folder("0link")), 0);
    assert_int_equal(keep(&store, "one"), 0);
    assert_int_equal(keep(&store, "two"), 0);
    assert_string_equal(listed(), "two ");
    assert_int_equal(tri_store_read("0link", &text, &size), -ENOENT);
    assert_int_equal(tri_store_read("0pipe", &text, &size), -ENOENT);
    assert_int_equal(tri_store_read("0folder", &text, &size), -ENOENT);
    assert_int_equal(tri_store_remove("0link"), -ENOENT);
    assert_int_equal(tri_store_remove("../crashes/two"), -ENOENT);
    assert_int_equal(folder_entries(folder()), 6); /* those without a dot */
}

static void a_link_is_never_written_through(void **state)
{
    (void)state;
    struct tri_store store = {0};
    char id[TRI_KEEPSAKE_ID_BYTES], target[128];
    snprintf(target, sizeof target, "%s/target", fixture_run_dir());
    make_folder();
    assert_int_equal(symlink(target, in_folder("20261122T213000Z-bank-0.5.1")), 0);
    assert_int_equal(keep(&store, "20261122T213000Z-bank-0.5.1"), -EEXIST);
    uint64_t time_ns = 1795383000ull * 1000000000ull;
    assert_int_equal(tri_store_name(time_ns, "bank", tr_pid_make(5, 1), id), 0);
    assert_string_equal(id, "20261122T213000Z-bank-0.5.1-2");
    assert_int_equal(access(target, F_OK), -1);
}

static void what_a_killed_writer_has_left_goes(void **state)
{
    (void)state;
    struct tri_store store = {0};
    const struct timespec long_ago[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    make_folder();
    make_file(".new-17-old", "x");
    make_file(".new-18-young", "x");
    assert_int_equal(utimensat(AT_FDCWD, in_folder(".new-17-old"), long_ago, 0), 0);
    assert_int_equal(keep(&store, "one"), 0);
    assert_int_equal(access(in_folder(".new-17-old"), F_OK), -1);
    assert_int_equal(access(in_folder(".new-18-young"), F_OK), 0);
}

static void a_file_that_is_too_long_is_no_report(void **state)
{
    (void)state;
    TRI_AUTO(tri_freep) char *text = NULL;
    size_t size;
    make_folder();
    make_file("long", "");
    assert_int_equal(truncate(in_folder("long"), (off_t)TRI_STORE_FILE_BYTES + 1), 0);
    assert_int_equal(tri_store_read("long", &text, &size), TR_TOO_LARGE);
}

/* ---------------------------------------------------------------- no room */

static void a_full_disk_leaves_nothing_half_written(void **state)
{
    (void)state;
    struct tri_store store = {0};
    static char text[400 * 1024];
    small_disk_mount("size=512k");
    setenv("TROUPE_STATE", fixture_run_dir(), 1);
    memset(text, ' ', sizeof text);
    assert_int_equal(tri_store_write(&store, "one", text, sizeof text), 0);
    assert_int_equal(tri_store_write(&store, "two", text, sizeof text), -ENOSPC);
    assert_string_equal(listed(), "one ");
    assert_int_equal(folder_entries(folder()), 1);
    assert_int_equal(tri_store_remove("one"), 0);
    assert_int_equal(tri_store_write(&store, "two", text, sizeof text), 0);
    assert_int_equal(tri_store_remove("two"), 0);
    assert_int_equal(rmdir(folder()), 0);
}

/* Its id may have been told: then it must be there. */
static void what_was_begun_has_its_room(void **state)
{
    (void)state;
    struct tri_store store = {0};
    struct tri_store_draft draft, none;
    static char text[TRI_STORE_DRAFT_BYTES];
    char *read_again;
    size_t size;
    small_disk_mount("size=512k");
    setenv("TROUPE_STATE", fixture_run_dir(), 1);
    memset(text, ' ', sizeof text);
    assert_int_equal(tri_store_begin(&store, "one", &draft), 0);
    assert_string_equal(listed(), "");
    assert_true(small_disk_resize(small_disk_used_bytes()));
    assert_int_equal(tri_store_begin(&store, "two", &none), -ENOSPC);
    assert_int_equal(tri_store_finish(&store, &draft, text, sizeof text - 1), 0);
    assert_string_equal(listed(), "one ");
    assert_int_equal(tri_store_read("one", &read_again, &size), 0);
    assert_int_equal(size, sizeof text - 1);
    free(read_again);
    assert_true(small_disk_resize(512 << 10));
    assert_int_equal(tri_store_begin(&store, "two", &draft), 0);
    tri_store_drop(&draft);
    assert_string_equal(listed(), "one ");
    assert_int_equal(folder_entries(folder()), 1);
    assert_int_equal(tri_store_remove("one"), 0);
    assert_int_equal(rmdir(folder()), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_test(the_place_follows_the_environment),
        store_test(the_place_is_made_for_its_owner_alone),
        store_test(a_place_that_is_a_link_or_open_to_others_is_refused),
        store_test(a_place_of_another_user_is_refused),
        store_test(a_place_that_cannot_be_is_a_fault),
        store_test(what_is_written_is_read_again),
        store_test(ids_tell_time_node_and_pid),
        store_test(of_the_same_second_the_last_written_is_the_newest),
        store_test(the_oldest_go_when_there_are_too_many),
        store_test(the_oldest_go_when_they_are_too_large),
        store_test(none_are_kept_when_none_are_wanted),
        store_test(a_number_that_is_none_is_not_listened_to),
        store_test(strangers_in_the_folder_are_left_alone),
        store_test(a_link_is_never_written_through),
        store_test(what_a_killed_writer_has_left_goes),
        store_test(a_file_that_is_too_long_is_no_report),
        small_disk_test(a_full_disk_leaves_nothing_half_written),
        small_disk_test(what_was_begun_has_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
