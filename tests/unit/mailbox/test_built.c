/* Blobs that are built in place: memory at once or not at all, and a term around the content. */
#include "unit/mailbox/small_plane.h"

#include "mailbox/blob.h"
#include "mailbox/built.h"
#include "term/pieces.h"

#define MIB ((size_t)1 << 20)

static tr_pid sender_pid(void) { return tr_pid_make(1, 1); }
static tr_pid receiver_pid(void) { return tr_pid_make(2, 1); }

static struct tr_out out;
static struct tri_pieces pieces;
static struct tri_letter letter;

/* Writes a letter from a pattern, with pieces noted from 64 KiB on. */
#define write_letter(pattern, ...)                                                                 \
    do {                                                                                           \
        tr_out_reset(&out);                                                                        \
        pieces = (struct tri_pieces){.least_bytes = 65536};                                        \
        assert_int_equal(                                                                          \
            tri_put_pieces(&out, &pieces, TRI_CACHE(), pattern, TRI_HOLES(__VA_ARGS__)), 0);       \
        tri_letter_of_pieces(&letter, &out, &pieces);                                              \
    } while (0)

static struct tr_blob *build(size_t size)
{
    struct tr_blob *blob;
    assert_int_equal(tri_built_new(&plane.dir, size, &blob), 0);
    return blob;
}

static uint8_t *bytes_of(struct tr_blob *blob)
{
    return (uint8_t *)(uintptr_t)blob->loan.content.data;
}

/* Hands the letter's blob over as a sender does, and takes it as its receiver does. */
static struct tr_message *pass_on(uint64_t serial)
{
    struct tr_message *message;
    struct tri_blob_name name = {.sender = sender_pid().id,
                                 .serial = serial,
                                 .size_bytes = letter.size_bytes,
                                 .kind = TRI_BLOB_GIVEN};
    assert_true(tri_built_has_room(&letter));
    ssize_t begin = tri_built_frame(&letter);
    assert_true(begin > 0);
    name.offset_bytes = (uint32_t)begin;
    assert_int_equal(tri_blob_link(&plane.dir, receiver_pid(), &name, letter.blob->fd), 0);
    tri_built_free(letter.blob);
    assert_int_equal(tri_blob_take(&plane.dir, receiver_pid(), &name, 0, &message), 0);
    return message;
}

static void content_is_zero_and_begins_a_page(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 4096, 65535, TRI_RECORD_BODY_BYTES, 2 * MIB - 1, 5 * MIB + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct tr_blob *blob = build(sizes[i]);
        assert_int_equal((uintptr_t)bytes_of(blob) % TRI_PAGE_BYTES, 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(bytes_of(blob)[k], 0);
        memset(bytes_of(blob), 255, sizes[i]);
        tri_built_free(blob);
    }
}

static void a_term_stands_around_content_that_was_built(void **state)
{
    (void)state;
    const size_t sizes[] = {200000, 2 * MIB, 5 * MIB + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        long n;
        tr_bin bin, text;
        struct tr_blob *blob = build(sizes[i]);
        memset(bytes_of(blob), 7, sizes[i]);
        write_letter("{frame, N, Blob, [Text]}", 42, blob, "behind it");
        assert_ptr_equal(letter.blob, blob);
        struct tr_message *message = pass_on(i + 1);
        assert_int_equal(tr_match(message->term, "{frame, N, B, [T]}", &n, &bin, &text), 0);
        assert_int_equal(n, 42);
        assert_int_equal(bin.size_bytes, sizes[i]);
        assert_int_equal((uintptr_t)bin.data % TRI_PAGE_BYTES, 0); /* read in place */
        assert_int_equal(((const uint8_t *)bin.data)[0], 7);
        assert_int_equal(((const uint8_t *)bin.data)[sizes[i] - 1], 7);
        assert_memory_equal(text.data, "behind it", text.size_bytes);
        tri_message_free(message);
    }
    tr_out_deinit(&out);
}

static void a_shorter_blob_is_a_shorter_binary(void **state)
{
    (void)state;
    tr_bin bin;
    struct tr_blob *blob = build(5 * MIB);
    memset(bytes_of(blob), 7, 5 * MIB);
    blob->loan.content.size_bytes = 3 * MIB + 1;
    write_letter("{Blob, last}", blob);
    struct tr_message *message = pass_on(1);
    assert_int_equal(tr_match(message->term, "{B, last}", &bin), 0);
    assert_int_equal(bin.size_bytes, 3 * MIB + 1);
    tri_message_free(message);
    tr_out_deinit(&out);
}

static void what_is_large_in_front_leaves_no_room(void **state)
{
    (void)state;
    static uint8_t large[8192];
    tr_bin before = {large, sizeof large};
    struct tr_blob *blob = build(100000);
    write_letter("{Before, Blob}", before, blob);
    assert_false(tri_built_has_room(&letter));
    tri_built_free(blob);
    tr_out_deinit(&out);
}

static void the_largest_of_several_blobs_is_handed_over(void **state)
{
    (void)state;
    struct tr_blob *small = build(10), *large = build(200000), *larger = build(200001);
    write_letter("{A, B, C}", larger, small, large);
    assert_ptr_equal(letter.blob, larger);
    assert_int_equal(letter.parts[letter.content].iov_len, 200001);
    tri_built_free(small);
    tri_built_free(large);
    tri_built_free(larger);
    tr_out_deinit(&out);
}

/* What a letter's parts make together is the term that tr_put would have made. */
static void a_letter_is_the_term_in_parts(void **state)
{
    (void)state;
    struct tr_out whole = {0}, inner = {0};
    struct tr_blob *blob = build(100000);
    memset(bytes_of(blob), 3, 100000);
    tr_bin bin = {bytes_of(blob), 99999};
    tr_put(&inner, "[B, B]", bin, bin);
    write_letter("{a, A, [B | C], #{k => D}}", blob, bin, 5, tr_out_term(&inner));
    assert_int_equal(pieces.count, 3);
    tr_put(&whole, "{a, A, [B | C], #{k => D}}", blob, bin, 5, tr_out_term(&inner));
    assert_int_equal(whole.fault, 0);
    assert_int_equal(letter.size_bytes, whole.size_bytes);
    uint8_t *copy = malloc(letter.size_bytes);
    tri_letter_copy(&letter, copy);
    assert_memory_equal(copy, whole.data, whole.size_bytes);
    free(copy);
    tri_built_free(blob);
    tr_out_deinit(&whole);
    tr_out_deinit(&inner);
    tr_out_deinit(&out);
}

/* ---------------------------------------------------------------- a full disk */

static int small_plane_setup(void **state)
{
    (void)state;
    return small_plane_open("size=16m,mode=700");
}

static void without_room_there_is_no_blob_and_nothing_is_left(void **state)
{
    (void)state;
    struct tr_blob *first, *second;
    need_small_plane();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tri_built_new(&plane.dir, 64 * MIB, &first), -ENOSPC);
        assert_int_equal(tri_built_new(&plane.dir, 9 * MIB, &first), 0);
        assert_int_equal(tri_built_new(&plane.dir, 9 * MIB, &second), -ENOSPC);
        memset(bytes_of(first), 1, 9 * MIB);
        tri_built_free(first);
    }
}

/* A blob that fits, and a term around it that does not: the blob is still its producer's. */
static void a_tail_without_room_leaves_the_blob_as_it_was(void **state)
{
    (void)state;
    need_small_plane();
    struct tr_blob *blob = build(14 * MIB);
    memset(bytes_of(blob), 9, 14 * MIB);
    uint8_t *large = calloc(4, MIB);
    tr_bin tail = {large, 4 * MIB};
    write_letter("{Blob, Tail}", blob, tail);
    assert_int_equal(tri_built_frame(&letter), -ENOSPC);
    for (size_t i = 0; i < 14 * MIB; i += 4096)
        assert_int_equal(bytes_of(blob)[i], 9);
    write_letter("{Blob, tail}", blob);
    tri_message_free(pass_on(1));
    free(large);
    tr_out_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        plane_test(content_is_zero_and_begins_a_page),
        plane_test(a_term_stands_around_content_that_was_built),
        plane_test(a_shorter_blob_is_a_shorter_binary),
        plane_test(what_is_large_in_front_leaves_no_room),
        plane_test(the_largest_of_several_blobs_is_handed_over),
        plane_test(a_letter_is_the_term_in_parts),
        small_plane_test(without_room_there_is_no_blob_and_nothing_is_left),
        small_plane_test(a_tail_without_room_leaves_the_blob_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
