/* The table: one writer, readers that look on, also when the writer stops in the middle. */
#include "unit/wire/run_base.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fd.h"
#include "wire/table.h"

enum { SLOTS = 200 };

struct fixture {
    struct tri_rundir dir;
    int lock_fd;
    struct tri_table table, view; /* the node's, and a reader's */
};

static int setup(void **state)
{
    static struct fixture f;
    char why[256];
    if (run_base_setup(state))
        return -1;
    f = (struct fixture){.dir = named("bank"), .lock_fd = -1};
    *state = &f;
    if (tri_rundir_create(&f.dir, &f.lock_fd, why, sizeof why) ||
        tri_table_create(&f.table, &f.dir, SLOTS))
        return -1;
    return tri_table_open(&f.view, &f.dir);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    tri_table_close(&f->view);
    tri_table_close(&f->table);
    int r = tri_rundir_remove(&f->dir);
    tri_fd_close(&f->lock_fd);
    return r ? r : run_base_teardown(state);
}

static tr_pid add(struct tri_table *table, uint32_t slot, uint32_t generation,
                  enum tri_state row_state)
{
    tr_pid pid = tr_pid_make(slot, generation);
    assert_int_equal(tri_table_reserve(table, slot), 0);
    struct tri_row *row = tri_table_begin(table, slot);
    row->os_pid = 1000 + (int)slot;
    tri_table_end(row);
    tri_table_set_state(table, pid, row_state);
    return pid;
}

static void a_row_is_read_as_it_was_written(void **state)
{
    struct fixture *f = *state;
    struct tri_row row;
    assert_false(tri_table_read(&f->view, 5, &row));
    add(&f->table, 5, 3, TRI_STATE_RUNNING);
    assert_true(tri_table_read(&f->view, 5, &row));
    assert_int_equal(row.os_pid, 1005);
    assert_int_equal(tri_tenancy_generation(row.tenancy), 3);
    assert_false(tri_table_read(&f->view, 6, &row)); /* never used */
    assert_false(tri_table_read(&f->view, SLOTS + 1, &row));
}

static void a_pid_lives_while_its_state_says_so(void **state)
{
    struct fixture *f = *state;
    const struct {
        enum tri_state state;
        bool lives;
    } cases[] = {{TRI_STATE_STARTING, true}, {TRI_STATE_RUNNING, true}, {TRI_STATE_EXITING, true},
                 {TRI_STATE_ENDED, false},   {TRI_STATE_DEAD, false},   {TRI_STATE_FREE, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tr_pid pid = add(&f->table, 5, 3, cases[i].state);
        assert_int_equal(tri_table_state(&f->view, pid), cases[i].state);
        assert_int_equal(tri_table_is_alive(&f->view, pid), cases[i].lives);
    }
}

static void an_earlier_tenant_is_dead_and_a_later_one_never_was(void **state)
{
    struct fixture *f = *state;
    add(&f->table, 5, 3, TRI_STATE_RUNNING);
    assert_int_equal(tri_table_state(&f->view, tr_pid_make(5, 2)), TRI_STATE_DEAD);
    assert_int_equal(tri_table_state(&f->view, tr_pid_make(5, 4)), TRI_STATE_FREE);
    assert_int_equal(tri_table_state(&f->view, tr_pid_make(SLOTS + 5, 1)), TRI_STATE_FREE);
    assert_int_equal(tri_table_state(&f->view, tr_pid_make(UINT32_MAX, 1)), TRI_STATE_FREE);
}

/* ---------------------------------------------------------------- names */

static void a_registered_name_is_found_until_it_is_removed(void **state)
{
    struct fixture *f = *state;
    tr_pid pid = add(&f->table, 5, 3, TRI_STATE_RUNNING);
    assert_int_equal(tri_table_whereis(&f->view, "counter").id, 0);
    tri_table_add_name(&f->table, pid, "counter");
    assert_int_equal(tri_table_whereis(&f->view, "counter").id, pid.id);
    assert_int_equal(tri_table_whereis(&f->view, "counte").id, 0);
    tri_table_remove_name(&f->table, pid);
    assert_int_equal(tri_table_whereis(&f->view, "counter").id, 0);
}

/* Against a plain array, with more comings and goings than the index has places. */
static void names_that_come_and_go_are_always_found(void **state)
{
    struct fixture *f = *state;
    static bool has_name[SLOTS];
    char name[32];
    srand(6);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        add(&f->table, slot, 1, TRI_STATE_RUNNING);
    for (int round = 0; round < 20000; round++) {
        uint32_t slot = (uint32_t)rand() % SLOTS;
        tr_pid pid = tr_pid_make(slot, 1);
        snprintf(name, sizeof name, "name%u", slot);
        assert_int_equal(tri_table_whereis(&f->view, name).id, has_name[slot] ? pid.id : 0);
        if (has_name[slot])
            tri_table_remove_name(&f->table, pid);
        else
            tri_table_add_name(&f->table, pid, name);
        has_name[slot] = !has_name[slot];
        assert_int_equal(tri_table_whereis(&f->view, name).id, has_name[slot] ? pid.id : 0);
    }
}

static void a_name_is_utf8_without_control_characters(void **state)
{
    (void)state;
    char longest[TRI_NAME_BYTES + 1];
    const char *const good[] = {"a", "counter 2", "Zähler", "日本"};
    const char *const bad[] = {"", "undefined", "a\nb", "\x7f", "\xff", "\xc3", "\xc0\x80"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(tri_name_is_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(tri_name_is_valid(bad[i]));
    memset(longest, 'x', sizeof longest);
    longest[TRI_NAME_BYTES - 1] = '\0';
    assert_true(tri_name_is_valid(longest));
    longest[TRI_NAME_BYTES - 1] = 'x';
    longest[TRI_NAME_BYTES] = '\0';
    assert_false(tri_name_is_valid(longest));
}

/* ---------------------------------------------------------------- a writer at work, and a dead one */

/* Gives all of a row's fields one value, then the next. */
static _Noreturn void write_for_ever(struct tri_table *table)
{
    for (uint32_t value = 0;; value++) {
        struct tri_row *at = tri_table_begin(table, 5);
        at->os_pid = (int)value;
        at->restarts = value;
        at->started_ns = at->ended_ns = value;
        memset(at->last_exit, (int)(value % 100), sizeof at->last_exit);
        tri_table_end(at);
    }
}

static void a_reader_never_sees_half_a_row(void **state)
{
    struct fixture *f = *state;
    struct tri_row row;
    add(&f->table, 5, 3, TRI_STATE_RUNNING);
    pid_t writer = fork();
    if (writer == 0)
        write_for_ever(&f->table);
    uint64_t deadline_ns = tri_deadline_ns(300);
    bool is_whole = true;
    do {
        if (tri_table_read(&f->view, 5, &row) && row.started_ns > 0)
            is_whole &= row.started_ns == row.ended_ns &&
                        row.restarts == (uint32_t)row.started_ns &&
                        row.last_exit[0] == row.last_exit[sizeof row.last_exit - 1];
    } while (is_whole && tri_clock_ns() < deadline_ns);
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    assert_true(is_whole);
}

static void a_row_whose_writer_died_is_not_waited_for(void **state)
{
    struct fixture *f = *state;
    struct tri_row row;
    add(&f->table, 5, 3, TRI_STATE_RUNNING);
    tri_table_begin(&f->table, 5); /* and never ends */
    assert_false(tri_table_read(&f->view, 5, &row));
}

static void what_is_no_table_is_not_opened(void **state)
{
    struct fixture *f = *state;
    struct tri_table other;
    char path[TRI_PATH_BYTES];
    int fd = open(tri_rundir_file(&f->dir, "table", path), O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "nonsense", 8, 0), 8);
    assert_int_equal(tri_table_open(&other, &f->dir), TR_MALFORMED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(tri_table_open(&other, &f->dir), TR_NO_NODE);
    close(fd);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(tri_table_open(&other, &f->dir), TR_MALFORMED); /* empty */
    close(fd);
}

int main(void)
{
#define table_test(body) cmocka_unit_test_setup_teardown(body, setup, teardown)
    const struct CMUnitTest tests[] = {
        table_test(a_row_is_read_as_it_was_written),
        table_test(a_pid_lives_while_its_state_says_so),
        table_test(an_earlier_tenant_is_dead_and_a_later_one_never_was),
        table_test(a_registered_name_is_found_until_it_is_removed),
        table_test(names_that_come_and_go_are_always_found),
        table_test(a_name_is_utf8_without_control_characters),
        table_test(a_reader_never_sees_half_a_row),
        table_test(a_row_whose_writer_died_is_not_waited_for),
        table_test(what_is_no_table_is_not_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
