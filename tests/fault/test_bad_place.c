/* A run directory that is not to be trusted, or cannot hold a node, is refused in one line, and left as it was. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/complaint.h"
#include "support/fixture.h"
#include "support/node.h"
#include "support/skip.h"
#include "support/small_disk.h"

#define STRANGER 54321

static char *in_run_dir(const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", fixture_run_dir(), name);
    return path;
}

static struct program *brood_try(void) { return node_start("bin/tests/brood", "2", "0", NULL); }

static void a_base_of_another_user_is_refused(void **state)
{
    (void)state;
    char base[256];
    need_root("a directory of another user");
    assert_int_equal(mkdir(in_run_dir("troupe", base), 0700), 0);
    assert_int_equal(chown(base, STRANGER, STRANGER), 0);
    expect_complaint(brood_try(), 2, base, "54321", NULL);
    assert_int_equal(rmdir(base), 0);
}

static void a_run_directory_of_another_user_is_refused(void **state)
{
    (void)state;
    char base[256], directory[256];
    need_root("a directory of another user");
    assert_int_equal(mkdir(in_run_dir("troupe", base), 0700), 0);
    assert_int_equal(mkdir(in_run_dir("troupe/brood", directory), 0700), 0);
    assert_int_equal(chown(directory, STRANGER, STRANGER), 0);
    expect_complaint(brood_try(), 2, directory, "54321", NULL);
    expect_complaint(run_tool("ps", "-n", "brood", NULL), 2, directory, "54321", NULL);
    assert_int_equal(rmdir(directory), 0);
}

static void a_run_directory_that_others_may_write_is_refused(void **state)
{
    (void)state;
    char base[256];
    assert_int_equal(mkdir(in_run_dir("troupe", base), 0700), 0);
    assert_int_equal(chmod(base, 0770), 0);
    expect_complaint(brood_try(), 2, base, "770", NULL);
}

static void a_symbolic_link_in_its_place_is_refused(void **state)
{
    (void)state;
    char base[256], target[256];
    assert_int_equal(mkdir(in_run_dir("elsewhere", target), 0700), 0);
    assert_int_equal(symlink(target, in_run_dir("troupe", base)), 0);
    expect_complaint(brood_try(), 2, base, NULL);
    assert_int_equal(unlink(base), 0);
    assert_int_equal(rmdir(target), 0); /* which also shows that nothing is in it */
}

static void a_path_that_is_too_long_for_a_socket_is_refused(void **state)
{
    (void)state;
    char path[256];
    in_run_dir("a_directory_whose_name_is_so_long_that_no_socket_fits_beneath_it_any_more", path);
    assert_int_equal(mkdir(path, 0700), 0);
    setenv("XDG_RUNTIME_DIR", path, 1);
    expect_complaint(brood_try(), 2, "too long", "XDG_RUNTIME_DIR", NULL);
    assert_int_equal(rmdir(path), 0);
}

static void a_runtime_directory_that_does_not_exist_is_refused(void **state)
{
    (void)state;
    setenv("XDG_RUNTIME_DIR", "/nowhere/at/all", 1);
    expect_complaint(brood_try(), 2, "/nowhere/at/all", "No such file", NULL);
}

static void a_second_node_of_the_same_name_is_refused_with_the_first_ones_os_pid(void **state)
{
    (void)state;
    char os_pid[32];
    struct program *node = brood_try();
    wait_until(actor_exists("brood"));
    snprintf(os_pid, sizeof os_pid, "os_pid %d", (int)node->os_pid);
    expect_complaint(brood_try(), 2, "brood", os_pid, NULL);
    assert_true(actor_exists("brood"));
    assert_int_equal(node_stop(node), 0);
}

/* ---------------------------------------------------------------- full disk */

static void a_disk_without_room_for_a_node_is_refused(void **state)
{
    (void)state;
    static const char *const sizes[] = {"size=4k", "size=16k", "size=64k", "nr_inodes=3"};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        small_disk_mount(sizes[i]);
        expect_complaint(brood_try(), 2, "No space left", NULL);
        small_disk_expect_empty();
    }
}

/* The node comes up, and room ends while actors are born: spawn says so, and those that live go on. */
static void a_disk_that_fills_up_is_an_answer_of_spawn(void **state)
{
    (void)state;
    small_disk_mount("size=1m");
    struct program *node = node_start("bin/tests/spawner", "1000", NULL);
    program_expect_exit(node, 0);
    assert_non_null(strstr(program_stdout(node), "No space left on device"));
    assert_non_null(strstr(program_stdout(node), "the others live"));
    small_disk_expect_empty();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_base_of_another_user_is_refused),
        node_test(a_run_directory_of_another_user_is_refused),
        node_test(a_run_directory_that_others_may_write_is_refused),
        node_test(a_symbolic_link_in_its_place_is_refused),
        node_test(a_path_that_is_too_long_for_a_socket_is_refused),
        node_test(a_runtime_directory_that_does_not_exist_is_refused),
        node_test(a_second_node_of_the_same_name_is_refused_with_the_first_ones_os_pid),
        small_disk_test(a_disk_without_room_for_a_node_is_refused),
        small_disk_test(a_disk_that_fills_up_is_an_answer_of_spawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
