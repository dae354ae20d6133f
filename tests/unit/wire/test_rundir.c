/* A run directory belongs to one node, is found by its name, and leaves nothing behind. */
#include "unit/wire/run_base.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "base/fd.h"

static char why[512];

static int create(const struct tri_rundir *dir, int *ret_lock_fd)
{
    return tri_rundir_create(dir, ret_lock_fd, why, sizeof why);
}

static void remove_and_unlock(const struct tri_rundir *dir, int *lock_fd)
{
    assert_int_equal(tri_rundir_remove(dir), 0);
    tri_fd_close(lock_fd);
}

static void only_plain_names_are_names(void **state)
{
    (void)state;
    const char *const bad[] = {
        "",   "-x",  "a b",  "a/b",
        "..", "a.b", "näme", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeee"};
    struct tri_rundir dir;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(tri_rundir_name(bad[i], &dir, why, sizeof why), TR_BAD_NAME);
    assert_int_equal(tri_rundir_name("Bank_2-b", &dir, why, sizeof why), 0);
}

static void a_path_too_long_for_a_socket_is_told_before_it_is_used(void **state)
{
    (void)state;
    char base[120] = "/";
    struct tri_rundir dir;
    memset(base + 1, 'x', sizeof base - 2);
    setenv("XDG_RUNTIME_DIR", base, 1);
    assert_int_equal(tri_rundir_name("bank", &dir, why, sizeof why), TR_TOO_LARGE);
    assert_non_null(strstr(why, "XDG_RUNTIME_DIR"));
}

static void every_mailbox_path_fits_a_socket(void **state)
{
    (void)state;
    char path[TRI_PATH_BYTES], base[120] = "/";
    struct tri_rundir dir;
    size_t longest = 0;
    for (size_t length = 1; length < sizeof base - 1; length++) {
        memset(base + 1, 'x', length);
        base[1 + length] = '\0';
        setenv("XDG_RUNTIME_DIR", base, 1);
        if (tri_rundir_name("n", &dir, why, sizeof why))
            continue;
        longest = strlen(tri_rundir_mailbox(&dir, tr_pid_make(UINT32_MAX, UINT32_MAX), path));
        assert_true(longest < TRI_SOCKET_PATH_BYTES);
    }
    assert_int_equal(longest, TRI_SOCKET_PATH_BYTES - 1); /* and no room is wasted */
}

static void a_created_directory_is_closed_to_others(void **state)
{
    (void)state;
    struct tri_rundir dir = named("bank");
    struct stat st;
    int lock = -1;
    assert_int_equal(create(&dir, &lock), 0);
    assert_int_equal(stat(dir.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    remove_and_unlock(&dir, &lock);
}

static void a_second_node_of_the_same_name_is_refused(void **state)
{
    (void)state;
    struct tri_rundir dir = named("bank");
    int lock = -1, other = -1;
    char os_pid[16];
    assert_int_equal(create(&dir, &lock), 0);
    assert_true(tri_rundir_is_locked(&dir));
    assert_int_equal(create(&dir, &other), TR_NODE_RUNS);
    snprintf(os_pid, sizeof os_pid, "%d", getpid());
    assert_non_null(strstr(why, os_pid));
    remove_and_unlock(&dir, &lock);
    assert_false(tri_rundir_is_locked(&dir));
}

/* The lock is of the open file, which a child inherits: it holds while either lives. */
static void a_child_holds_the_lock_on(void **state)
{
    (void)state;
    struct tri_rundir dir = named("bank");
    int lock = -1, pipe_fds[2];
    assert_int_equal(create(&dir, &lock), 0);
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(pipe_fds[1]);
        _exit(read(pipe_fds[0], &byte, 1) != 0);
    }
    tri_fd_close(&lock);
    assert_true(tri_rundir_is_locked(&dir));
    close(pipe_fds[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(tri_rundir_is_locked(&dir));
    close(pipe_fds[0]);
    assert_int_equal(tri_rundir_remove(&dir), 0);
}

static void make_file(const struct tri_rundir *dir, const char *name)
{
    char path[TRI_PATH_BYTES];
    int fd = open(tri_rundir_file(dir, name, path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void what_a_dead_node_left_is_cleared(void **state)
{
    (void)state;
    struct tri_rundir dir = named("bank");
    char path[TRI_PATH_BYTES];
    int lock = -1;
    assert_int_equal(create(&dir, &lock), 0);
    make_file(&dir, "table");
    make_file(&dir, "m/3.1");
    assert_int_equal(mkdir(tri_rundir_file(&dir, "blob/3.1", path), 0700), 0);
    make_file(&dir, "blob/3.1/4.1.1");
    tri_fd_close(&lock); /* it is dead */
    assert_int_equal(create(&dir, &lock), 0);
    assert_int_equal(access(tri_rundir_file(&dir, "table", path), F_OK), -1);
    assert_int_equal(access(tri_rundir_file(&dir, "m/3.1", path), F_OK), -1);
    assert_int_equal(access(tri_rundir_file(&dir, "blob/3.1", path), F_OK), -1);
    remove_and_unlock(&dir, &lock);
}

static void clearing_follows_no_link(void **state)
{
    (void)state;
    struct tri_rundir dir = named("bank"), other = named("other");
    char path[TRI_PATH_BYTES], kept[TRI_PATH_BYTES];
    int lock = -1, other_lock = -1;
    assert_int_equal(create(&other, &other_lock), 0);
    make_file(&other, "kept");
    assert_int_equal(create(&dir, &lock), 0);
    assert_int_equal(symlink(other.path, tri_rundir_file(&dir, "blob/9.9", path)), 0);
    remove_and_unlock(&dir, &lock);
    assert_int_equal(access(tri_rundir_file(&other, "kept", kept), F_OK), 0);
    remove_and_unlock(&other, &other_lock);
}

static void a_directory_that_is_open_to_others_is_refused(void **state)
{
    (void)state;
    struct tri_rundir dir = named("bank");
    int lock = -1;
    assert_int_equal(create(&dir, &lock), 0);
    tri_fd_close(&lock);
    assert_int_equal(chmod(dir.path, 0755), 0);
    assert_int_equal(create(&dir, &lock), TR_REFUSED);
    assert_non_null(strstr(why, "chmod 700"));
    assert_int_equal(chmod(dir.path, 0700), 0);
    assert_int_equal(tri_rundir_remove(&dir), 0);
}

static void the_only_node_is_found_without_a_name(void **state)
{
    (void)state;
    struct tri_rundir dir = named("bank"), other = named("shop"), found;
    int lock = -1, other_lock = -1;
    assert_int_equal(tri_rundir_find(NULL, &found, why, sizeof why), TR_NO_NODE);
    assert_int_equal(create(&dir, &lock), 0);
    assert_int_equal(tri_rundir_find(NULL, &found, why, sizeof why), 0);
    assert_string_equal(found.path, dir.path);
    assert_int_equal(create(&other, &other_lock), 0);
    assert_int_equal(tri_rundir_find(NULL, &found, why, sizeof why), TR_NO_NODE);
    assert_true(strstr(why, "bank") && strstr(why, "shop"));
    setenv("TROUPE_NODE", "shop", 1);
    assert_int_equal(tri_rundir_find(NULL, &found, why, sizeof why), 0);
    assert_string_equal(found.node, "shop");
    assert_int_equal(tri_rundir_find("bank", &found, why, sizeof why), 0);
    assert_string_equal(found.node, "bank");
    assert_int_equal(tri_rundir_find("bakery", &found, why, sizeof why), TR_NO_NODE);
    remove_and_unlock(&dir, &lock);
    remove_and_unlock(&other, &other_lock);
}

static void an_actor_that_is_forgotten_leaves_no_file(void **state)
{
    (void)state;
    struct tri_rundir dir = named("bank");
    tr_pid pid = tr_pid_make(3, 1);
    char path[TRI_PATH_BYTES];
    int lock = -1;
    assert_int_equal(create(&dir, &lock), 0);
    tri_rundir_forget(&dir, pid); /* nothing is there */
    make_file(&dir, "m/3.1");
    make_file(&dir, "m/3.2");
    assert_int_equal(mkdir(tri_rundir_blobs(&dir, pid, path), 0700), 0);
    make_file(&dir, "blob/3.1/4.1.1");
    tri_rundir_forget(&dir, pid);
    assert_int_equal(access(tri_rundir_mailbox(&dir, pid, path), F_OK), -1);
    assert_int_equal(access(tri_rundir_blobs(&dir, pid, path), F_OK), -1);
    assert_int_equal(access(tri_rundir_file(&dir, "m/3.2", path), F_OK), 0);
    remove_and_unlock(&dir, &lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        run_base_test(only_plain_names_are_names),
        run_base_test(a_path_too_long_for_a_socket_is_told_before_it_is_used),
        run_base_test(every_mailbox_path_fits_a_socket),
        run_base_test(a_created_directory_is_closed_to_others),
        run_base_test(a_second_node_of_the_same_name_is_refused),
        run_base_test(a_child_holds_the_lock_on),
        run_base_test(what_a_dead_node_left_is_cleared),
        run_base_test(clearing_follows_no_link),
        run_base_test(a_directory_that_is_open_to_others_is_refused),
        run_base_test(the_only_node_is_found_without_a_name),
        run_base_test(an_actor_that_is_forgotten_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
