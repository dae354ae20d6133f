/* Files that are lent come back and serve again, and none is left when nobody needs them. */
#include "unit/mailbox/plane.h"

#include "mailbox/blob.h"
#include "mailbox/pool.h"

static tr_pid sender_pid(void) { return tr_pid_make(1, 1); }
static tr_pid receiver_pid(void) { return tr_pid_make(2, 1); }

static struct tri_pool pool;
static uint64_t serials;

static int setup(void **state)
{
    int r = plane_setup(state);
    tri_pool_init(&pool, &plane.dir, sender_pid());
    return r;
}

static int teardown(void **state)
{
    tri_pool_deinit(&pool);
    return plane_teardown(state);
}

#define pool_test(body) cmocka_unit_test_setup_teardown(body, setup, teardown)

/* Lends a binary of that many bytes, all of them `byte`. */
static int lend(size_t size, uint8_t byte, struct tri_blob_name *ret_name)
{
    struct tr_out out = {0};
    struct tri_letter letter;
    uint8_t *bytes = malloc(size);
    memset(bytes, byte, size);
    tr_put_binary(&out, bytes, size);
    free(bytes);
    tri_letter_of_term(&letter, tr_out_term(&out));
    *ret_name = (struct tri_blob_name){
        .sender = sender_pid().id, .serial = ++serials, .size_bytes = letter.size_bytes};
    int r = tri_pool_lend(&pool, receiver_pid(), ret_name, &letter);
    tr_out_deinit(&out);
    return r;
}

/* The receiver takes it; true when it is what was lent. */
static bool take(const struct tri_blob_name *name, size_t size, uint8_t byte)
{
    tr_bin bin;
    struct tr_message *message;
    if (tri_blob_take(&plane.dir, receiver_pid(), name, 0, &message))
        return false;
    bool is_right = tr_get_binary(message->term, &bin) && bin.size_bytes == size;
    for (size_t i = 0; is_right && i < size; i++)
        is_right = ((const uint8_t *)bin.data)[i] == byte;
    tri_message_free(message);
    return is_right;
}

static void a_file_that_came_back_is_lent_again(void **state)
{
    (void)state;
    struct tri_blob_name name;
    const size_t sizes[] = {100000, 3 << 20, 70000, 1 << 20};
    for (uint8_t i = 0; i < 4; i++) {
        assert_int_equal(lend(sizes[i], i, &name), 0);
        assert_int_equal(pool.count, 1);
        assert_int_equal(plane_blobs_of(receiver_pid()), 1);
        assert_true(take(&name, sizes[i], i));
    }
}

static void files_that_are_away_are_not_touched(void **state)
{
    (void)state;
    struct tri_blob_name names[TRI_POOL_FILES], none;
    for (uint8_t i = 0; i < TRI_POOL_FILES; i++)
        assert_int_equal(lend(100000, i, &names[i]), 0);
    assert_int_equal(lend(100000, 99, &none), TR_BUSY);
    for (uint8_t i = TRI_POOL_FILES; i-- > 0;)
        assert_true(take(&names[i], 100000, i));
    assert_int_equal(lend(100000, 99, &none), 0);
}

/* What a dead receiver had is removed by the node. */
static void a_file_that_does_not_come_back_is_replaced(void **state)
{
    (void)state;
    struct tri_blob_name names[TRI_POOL_FILES], name;
    for (uint8_t i = 0; i < TRI_POOL_FILES; i++)
        assert_int_equal(lend(100000, i, &names[i]), 0);
    tri_rundir_forget(&plane.dir, receiver_pid());
    assert_int_equal(lend(100000, 7, &name), 0);
    assert_true(take(&name, 100000, 7));
}

static void trimming_leaves_no_file_that_is_here(void **state)
{
    (void)state;
    struct tri_blob_name names[2];
    for (uint8_t i = 0; i < 2; i++)
        assert_int_equal(lend(1 << 20, i, &names[i]), 0);
    assert_true(take(&names[0], 1 << 20, 0));
    assert_true(tri_pool_trim(&pool));
    assert_int_equal(plane_blobs_of(sender_pid()), 0);
    assert_true(take(&names[1], 1 << 20, 1));
    assert_int_equal(plane_blobs_of(sender_pid()), 1);
    assert_true(tri_pool_trim(&pool));
    assert_int_equal(plane_blobs_of(sender_pid()), 0);
    assert_int_equal(pool.count, 0);
    assert_false(tri_pool_trim(&pool));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(a_file_that_came_back_is_lent_again),
        pool_test(files_that_are_away_are_not_touched),
        pool_test(a_file_that_does_not_come_back_is_replaced),
        pool_test(trimming_leaves_no_file_that_is_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
