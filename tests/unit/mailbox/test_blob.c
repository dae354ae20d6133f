/* Large bodies travel as files, arrive whole, and leave nothing behind. */
#include "unit/mailbox/plane.h"

#include "mailbox/blob.h"
#include "mailbox/message.h"

static tr_pid sender_pid(void) { return tr_pid_make(1, 1); }
static tr_pid receiver_pid(void) { return tr_pid_make(2, 1); }

static uint8_t byte_at(size_t place) { return (uint8_t)(place * 2654435761u >> 13); }

static void put_pattern(struct tr_out *out, size_t size)
{
    uint8_t *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_at(i);
    tr_put_binary(out, bytes, size);
    free(bytes);
}

static bool is_pattern(tr_term term, size_t size)
{
    tr_bin bin;
    if (!tr_get_binary(term, &bin) || bin.size_bytes != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (((const uint8_t *)bin.data)[i] != byte_at(i))
            return false;
    return true;
}

static size_t files_waiting(void) { return plane_blobs_of(receiver_pid()); }

/* ---------------------------------------------------------------- whole mailboxes */

static const size_t sizes[] = {
    100, TRI_RECORD_BODY_BYTES, TRI_RECORD_BODY_BYTES + 1, (1 << 20) + 1, 64 << 20, 7};

static void sends_bodies(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct tr_out out = {0};
        put_pattern(&out, sizes[i]);
        send_term(mailbox, receiver_pid(), 0, tr_out_term(&out));
        tr_out_deinit(&out);
    }
    linger(mailbox);
}

static void receives_bodies(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct tr_message *message = receive_one(mailbox);
        must(is_pattern(message->term, sizes[i]));
        tri_mailbox_free(mailbox, message);
    }
    must(files_waiting() == 0);
}

static void bodies_of_all_sizes_arrive_whole_and_in_order(void **state)
{
    (void)state;
    plane_add(1, 1);
    plane_add(2, 1);
    pid_t receiver = plane_start(receives_bodies, receiver_pid(), 0);
    plane_expect_end(plane_start(sends_bodies, sender_pid(), 0));
    plane_expect_end(receiver);
}

/* ---------------------------------------------------------------- single files */

/* A file for the receiver with these bytes, as a sender makes it. */
static struct tri_blob_name write_bytes(enum tri_blob_kind kind, uint64_t serial, const void *data,
                                        size_t size)
{
    int fd;
    struct tri_blob_name name = {
        .sender = sender_pid().id, .serial = serial, .size_bytes = size, .kind = kind};
    assert_int_equal(tri_blob_nameless(&plane.dir, &fd), 0);
    assert_int_equal(tri_fd_write_all(fd, data, size), 0);
    assert_int_equal(tri_blob_link(&plane.dir, receiver_pid(), &name, fd), 0);
    close(fd);
    return name;
}

static struct tri_blob_name write_blob(struct tr_out *out, uint64_t serial, size_t size)
{
    put_pattern(out, size);
    return write_bytes(TRI_BLOB_GIVEN, serial, out->data, out->size_bytes);
}

static void path_of(const struct tri_blob_name *name, char path[TRI_PATH_BYTES])
{
    char folder[TRI_PATH_BYTES];
    snprintf(path, TRI_PATH_BYTES, "%.120s/1.1.%u",
             tri_rundir_blobs(&plane.dir, receiver_pid(), folder), (unsigned)name->serial);
}

static void a_file_is_gone_when_it_is_taken(void **state)
{
    (void)state;
    for (size_t size = 10; size < 4 * TRI_BLOB_MAP_BYTES; size *= 16) {
        struct tr_out out = {0};
        struct tr_message *message, *again;
        struct tri_blob_name name = write_blob(&out, size, size);
        assert_int_equal(files_waiting(), 1);
        assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 5, &message), 0);
        assert_int_equal(files_waiting(), 0);
        assert_true(is_pattern(message->term, size));
        assert_int_equal(message->alias, 5);
        assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 5, &again), TR_MALFORMED);
        tri_message_free(message);
        tr_out_deinit(&out);
    }
}

static void a_file_of_another_length_is_not_believed(void **state)
{
    (void)state;
    struct tr_out out = {0};
    struct tr_message *message;
    struct tri_blob_name name = write_blob(&out, 1, 1000);
    name.size_bytes--;
    assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message), TR_MALFORMED);
    assert_int_equal(files_waiting(), 0);
    tr_out_deinit(&out);
}

static void a_file_that_holds_no_term_is_not_believed(void **state)
{
    (void)state;
    static uint8_t zeros[2 * TRI_BLOB_MAP_BYTES];
    struct tr_message *message;
    const size_t lengths[] = {100, sizeof zeros};
    for (size_t i = 0; i < 2; i++) {
        struct tri_blob_name name = write_bytes(TRI_BLOB_GIVEN, i, zeros, lengths[i]);
        assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message),
                         TR_MALFORMED);
        assert_int_equal(files_waiting(), 0);
    }
}

static void a_symbolic_link_is_not_followed(void **state)
{
    (void)state;
    char path[TRI_PATH_BYTES], elsewhere[TRI_PATH_BYTES];
    struct tr_out out = {0};
    struct tr_message *message;
    struct tri_blob_name name = write_blob(&out, 1, 1000);
    path_of(&name, path);
    tri_rundir_file(&plane.dir, "elsewhere", elsewhere);
    assert_int_equal(rename(path, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, path), 0);
    assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message), TR_MALFORMED);
    assert_int_equal(access(elsewhere, F_OK), 0);
    tr_out_deinit(&out);
}

static void a_large_file_at_rest_is_read_where_it_lies(void **state)
{
    (void)state;
    struct tr_out out = {0};
    struct tr_message *message;
    struct tri_blob_name name = write_blob(&out, 1, 2 * TRI_BLOB_MAP_BYTES);
    assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message), 0);
    assert_int_equal((uintptr_t)message->term.data % TRI_PAGE_BYTES, 0); /* a mapping */
    tri_message_free(message);
    tr_out_deinit(&out);
}

/* The sender can still write to the file, and shortens it after it has been taken. */
static void a_file_that_changes_later_does_not_change_the_message(void **state)
{
    (void)state;
    const size_t size = 2 * TRI_BLOB_MAP_BYTES;
    char path[TRI_PATH_BYTES];
    struct tr_out out = {0};
    struct tr_message *message;
    struct tri_blob_name name = write_blob(&out, 1, size);
    path_of(&name, path);
    int writer = open(path, O_RDWR | O_CLOEXEC);
    assert_true(writer >= 0);
    assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message), 0);
    assert_int_equal(ftruncate(writer, 0), 0);
    assert_true(is_pattern(message->term, size));
    tri_message_free(message);
    close(writer);
    tr_out_deinit(&out);
}

static void a_writable_mapping_counts_as_a_writer(void **state)
{
    (void)state;
    const size_t size = 2 * TRI_BLOB_MAP_BYTES;
    char path[TRI_PATH_BYTES];
    struct tr_out out = {0};
    struct tr_message *message;
    struct tri_blob_name name = write_blob(&out, 1, size);
    path_of(&name, path);
    int writer = open(path, O_RDWR | O_CLOEXEC);
    uint8_t *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0);
    assert_ptr_not_equal(map, MAP_FAILED);
    close(writer);
    assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message), 0);
    memset(map, 255, size);
    assert_true(is_pattern(message->term, size));
    munmap(map, size);
    tri_message_free(message);
    tr_out_deinit(&out);
}

static void a_file_that_was_lent_goes_back_to_its_sender(void **state)
{
    (void)state;
    char path[TRI_PATH_BYTES];
    struct tr_out out = {0};
    struct tr_message *message;
    put_pattern(&out, 1 << 20);
    struct tri_blob_name name = write_bytes(TRI_BLOB_LENT, 1, out.data, out.size_bytes);
    assert_int_equal(mkdir(tri_rundir_blobs(&plane.dir, sender_pid(), path), 0700), 0);
    assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message), 0);
    assert_true(is_pattern(message->term, 1 << 20));
    assert_int_equal(files_waiting(), 0);
    assert_int_equal(plane_blobs_of(sender_pid()), 1);
    tri_message_free(message);
    tr_out_deinit(&out);
}

/* Its folder is gone with it. */
static void a_file_whose_lender_is_dead_is_removed(void **state)
{
    (void)state;
    struct tr_out out = {0};
    struct tr_message *message;
    put_pattern(&out, 1000);
    struct tri_blob_name name = write_bytes(TRI_BLOB_LENT, 1, out.data, out.size_bytes);
    assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message), 0);
    assert_int_equal(files_waiting(), 0);
    assert_int_equal(plane_blobs_of(sender_pid()), 0);
    tri_message_free(message);
    tr_out_deinit(&out);
}

/* A name promises 1 GiB for which nobody has taken memory. */
static void a_file_with_a_hole_is_not_believed(void **state)
{
    (void)state;
    char path[TRI_PATH_BYTES];
    struct tr_message *message;
    struct tri_blob_name name = write_bytes(TRI_BLOB_LENT, 1, "x", 1);
    name.size_bytes = 1 << 30;
    path_of(&name, path);
    assert_int_equal(truncate(path, 1 << 30), 0);
    assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message), TR_MALFORMED);
    assert_int_equal(files_waiting(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        plane_test(bodies_of_all_sizes_arrive_whole_and_in_order),
        plane_test(a_file_is_gone_when_it_is_taken),
        plane_test(a_file_of_another_length_is_not_believed),
        plane_test(a_file_that_holds_no_term_is_not_believed),
        plane_test(a_symbolic_link_is_not_followed),
        plane_test(a_large_file_at_rest_is_read_where_it_lies),
        plane_test(a_file_that_changes_later_does_not_change_the_message),
        plane_test(a_writable_mapping_counts_as_a_writer),
        plane_test(a_file_that_was_lent_goes_back_to_its_sender),
        plane_test(a_file_whose_lender_is_dead_is_removed),
        plane_test(a_file_with_a_hole_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
