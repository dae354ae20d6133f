/* The flight recorder's own window, and what becomes of it on a full disk. */
#include "unit/mailbox/small_plane.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#include "mailbox/recorder.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

static tr_pid me(void) { return tr_pid_make(1, 1); }
static tr_pid her(void) { return tr_pid_make(2, 1); }
/* Far from the others, in a page of its own. */
static tr_pid his(void) { return tr_pid_make(PLANE_SLOTS - 1, 1); }

static struct tri_recorder open_recorder(tr_pid self)
{
    struct tri_recorder recorder = {0};
    assert_int_equal(tri_recorder_open(&recorder, &plane.dir, PLANE_SLOTS, self), 0);
    return recorder;
}

static void an_open_window_tells_whose_it_is(void **state)
{
    (void)state;
    struct tri_box box;
    assert_int_equal(tri_box_read(plane.boxes_fd, PLANE_SLOTS, 1, &box), TR_MALFORMED);
    struct tri_recorder recorder = open_recorder(me());
    assert_int_equal(tri_box_read(plane.boxes_fd, PLANE_SLOTS, 1, &box), 0);
    assert_int_equal(box.pid, me().id);
    assert_int_equal(box.slots, PLANE_SLOTS);
    tri_recorder_close(&recorder);
}

static void what_is_published_is_seen_from_outside(void **state)
{
    (void)state;
    struct tri_recorder recorder = open_recorder(me());
    const uint32_t slots[] = {0, 2, 255, 256, PLANE_SLOTS - 1};
    for (size_t i = 0; i < 5; i++) {
        tr_pid sender = tr_pid_make(slots[i], 7);
        assert_int_equal(tri_recorder_taken(&recorder, sender), 0);
        struct tri_received *cell = tri_recorder_cell(&recorder, slots[i]);
        tri_received_begin(cell, 7);
        tri_received_publish(cell, 40 + i);
        assert_int_equal(tri_recorder_taken(&recorder, sender), 40 + i);
        assert_int_equal(tri_box_published(plane.boxes_fd, PLANE_SLOTS, 1, sender), 40 + i);
        assert_int_equal(
            tri_box_published(plane.boxes_fd, PLANE_SLOTS, 1, tr_pid_make(slots[i], 8)), 0);
    }
    tri_recorder_close(&recorder);
}

static void a_window_takes_memory_only_when_it_is_used(void **state)
{
    (void)state;
    struct stat before, after;
    assert_int_equal(fstat(plane.boxes_fd, &before), 0);
    struct tri_recorder recorder = open_recorder(me());
    assert_int_equal(tri_recorder_taken(&recorder, her()), 0);
    assert_int_equal(fstat(plane.boxes_fd, &after), 0);
    assert_int_equal((after.st_blocks - before.st_blocks) * 512, TRI_PAGE_BYTES);
    assert_int_equal(tri_recorder_grow_ring(&recorder, 100), 0);
    recorder.ring[99] = 1;
    assert_int_equal(tri_recorder_grow_ring(&recorder, TRI_RING_BYTES), 0);
    recorder.ring[TRI_RING_BYTES - 1] = 1;
    tri_recorder_close(&recorder);
}

static void a_pid_beyond_the_file_has_no_window(void **state)
{
    (void)state;
    struct tri_recorder recorder = {0};
    assert_int_equal(
        tri_recorder_open(&recorder, &plane.dir, PLANE_SLOTS, tr_pid_make(PLANE_SLOTS, 1)),
        -EINVAL);
    assert_int_equal(tri_recorder_open(&recorder, &plane.dir, 2 * PLANE_SLOTS,
                                       tr_pid_make(2 * PLANE_SLOTS - 1, 1)),
                     -EINVAL);
    tri_recorder_close(&recorder);
}

static void a_large_message_in_hand_is_cut(void **state)
{
    (void)state;
    static uint8_t bytes[3 * TRI_TAKEN_BYTES];
    struct tri_kept kept[2];
    struct tri_recorder recorder = open_recorder(me());
    struct tr_message message = {.from = her(), .term = {bytes, sizeof bytes}};
    memset(bytes, 7, sizeof bytes);
    tri_recorder_in_hand(&recorder, &message);
    assert_int_equal(recorder.box->in_hand_size_bytes, sizeof bytes);
    assert_int_equal(tri_box_taken(recorder.box, kept, 2), 1);
    assert_int_equal(kept[0].size_bytes, sizeof bytes);
    assert_int_equal(kept[0].kept_bytes, TRI_IN_HAND_BYTES);
    assert_int_equal(kept[0].bytes[TRI_IN_HAND_BYTES - 1], 7);
    tri_recorder_done(&recorder);
    assert_int_equal(recorder.box->in_hand_size_bytes, 0);
    tri_recorder_close(&recorder);
}

/* Takes messages of the given size, each filled with its own number. */
static void take_many(struct tri_recorder *recorder, size_t count, size_t size_bytes)
{
    static uint8_t bytes[TRI_TAKEN_BYTES];
    for (size_t i = 0; i < count; i++) {
        struct tr_message message = {.from = her(), .term = {bytes, size_bytes}};
        memset(bytes, (int)i, size_bytes);
        tri_recorder_in_hand(recorder, &message);
    }
}

static void the_small_messages_taken_before_are_found_newest_first(void **state)
{
    (void)state;
    for (size_t size = 1; size < TRI_IN_HAND_BYTES; size += 1 + size / 3) {
        for (size_t count = 1; count < 40; count++) {
            struct tri_kept kept[64];
            struct tri_recorder recorder = open_recorder(me());
            take_many(&recorder, count, size);
            size_t found = tri_box_taken(recorder.box, kept, 64);
            assert_in_range(found, 1, count);
            size_t lap = TRI_TAKEN_SMALL_BYTES / (sizeof(struct tri_taken) + ((size + 7) & ~7ul));
            if (lap > 1)
                assert_true(found >= (count < lap ? count : lap - 1));
            for (size_t i = 0; i < found; i++) {
                assert_int_equal(kept[i].size_bytes, size);
                assert_int_equal(kept[i].peer, her().id);
                assert_int_equal(kept[i].bytes[0], count - 1 - i);
                assert_int_equal(kept[i].bytes[size - 1], count - 1 - i);
            }
            tri_recorder_close(&recorder);
            tri_box_clear(plane.boxes_fd, PLANE_SLOTS, tr_pid_slot(me()));
        }
    }
}

/* ---------------------------------------------------------------- for another user */

/* Whether the kernel knows mseal(2). */
static bool can_seal(void)
{
    long r = syscall(SYS_mseal, NULL, 0, 0);
    return r == 0 || errno != ENOSYS;
}

static void a_sealed_window_grows_and_nothing_else_can_be_written_to(void **state)
{
    (void)state;
    struct tri_recorder recorder = open_recorder(me());
    assert_int_equal(tri_recorder_seal(&recorder, &plane.dir), 0);
    assert_int_equal(tri_recorder_grow_ring(&recorder, TRI_RING_BYTES), 0);
    recorder.ring[TRI_RING_BYTES - 1] = 1;
    tri_received_begin(tri_recorder_cell(&recorder, tr_pid_slot(his())), 7);
    struct tri_received said =
        tri_box_received(recorder.fd, PLANE_SLOTS, 1, tr_pid_make(PLANE_SLOTS - 1, 7));
    assert_int_equal(atomic_load(&said.generation), 7);
    assert_true(pwrite(recorder.fd, "x", 1, 0) < 0);
    assert_true(ftruncate(recorder.fd, 0) < 0);
    size_t bytes = recorder.window_bytes;
    if (can_seal()) {
        assert_true(mremap(recorder.box, bytes, 2 * bytes, MREMAP_MAYMOVE) == MAP_FAILED);
        assert_true(mremap(recorder.box, 0, 2 * bytes, MREMAP_MAYMOVE) == MAP_FAILED);
    }
    tri_recorder_close(&recorder);
}

/* ---------------------------------------------------------------- a full disk */

static int small_plane_setup(void **state)
{
    (void)state;
    int r = small_plane_open("size=4m,mode=700");
    if (r == 0 && !small_plane_fault) {
        plane_add(1, 1);
        plane_add(2, 1);
        plane_add(tr_pid_slot(his()), 1);
    }
    return r;
}

static void fill_disk(void)
{
    char path[TRI_PATH_BYTES], zeros[4096] = {0};
    int fd =
        open(tri_rundir_file(&plane.dir, "filler", path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(fd, zeros, sizeof zeros) > 0)
        ;
    close(fd);
}

static void empty_disk(void)
{
    char path[TRI_PATH_BYTES];
    unlink(tri_rundir_file(&plane.dir, "filler", path));
}

static void meets_a_full_disk(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *late = NULL, *other = open_mailbox(her());
    struct tri_mailbox_options options = {.dir = &plane.dir, .table = &plane.table, .self = self};
    uint8_t nil = 106;
    tr_term term = {&nil, 1};
    fill_disk();
    must(tri_mailbox_open(&late, &options) == -ENOSPC && !late);
    must(tri_mailbox_send(other, self, 0, term) == -ENOSPC);
    empty_disk();
    must(tri_mailbox_open(&late, &options) == 0);
    must(tri_mailbox_send(other, self, 0, term) == 0);
    tri_message_free(receive_one(late));
    linger(other);
}

/* In a process of its own, because what is sealed stays mapped. */
static void meets_a_full_disk_sealed(tr_pid self, uint64_t argument)
{
    struct tri_recorder recorder = {0};
    (void)argument;
    must(tri_recorder_open(&recorder, &plane.dir, PLANE_SLOTS, self) == 0);
    must(tri_recorder_seal(&recorder, &plane.dir) == 0);
    fill_disk();
    must(tri_recorder_grow_ring(&recorder, 1) == -ENOSPC);
    must(!tri_recorder_cell(&recorder, tr_pid_slot(his())));
    empty_disk();
    must(tri_recorder_grow_ring(&recorder, 1) == 0);
    must(tri_recorder_cell(&recorder, tr_pid_slot(his())));
}

static void a_full_disk_is_a_fault_for_another_user_too(void **state)
{
    (void)state;
    need_small_plane();
    plane_expect_end(plane_start(meets_a_full_disk_sealed, me(), 0));
}

static void a_full_disk_is_a_fault_and_not_a_signal(void **state)
{
    (void)state;
    need_small_plane();
    plane_expect_end(plane_start(meets_a_full_disk, me(), 0));
}

/* It cannot publish what it would take in, so the message stays with its sender until there is room. */
static void receives_when_there_is_room(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self), *other = open_mailbox(his());
    uint8_t nil = 106;
    must(tri_mailbox_send(other, self, 0, (tr_term){&nil, 1}) == 0);
    fill_disk();
    for (int i = 0; i < 20; i++)
        wait_for_mail(mailbox, tri_deadline_ns(5));
    must(tri_mailbox_length(mailbox) == 0);
    empty_disk();
    while (tri_mailbox_length(mailbox) == 0) {
        show_activity(mailbox, TRI_ACTIVITY_WAITING);
        tri_mailbox_linger(other, tri_deadline_ns(5));
        must(tri_mailbox_take_in(mailbox) >= 0);
    }
    linger(other);
}

static void what_cannot_be_published_is_not_taken_in(void **state)
{
    (void)state;
    need_small_plane();
    plane_expect_end(plane_start(receives_when_there_is_room, me(), 0));
}

/* A record with a number in it, as the node hands on the last words of the dead. */
static void hear_last_word(struct tri_mailbox *mailbox, tr_pid self, uint64_t number)
{
    uint8_t bytes[256];
    struct tr_out out = {0};
    tr_put_unsigned(&out, number);
    struct tri_record record = {.size_bytes = (uint32_t)out.size_bytes,
                                .receiver = self.id,
                                .number = number,
                                .kind = TRI_RECORD_TERM};
    tri_record_write(bytes, &record, &(struct iovec){out.data, out.size_bytes}, 1);
    must(tri_mailbox_deliver(mailbox, his(), bytes, sizeof record + out.size_bytes) == 0);
    tr_out_deinit(&out);
}

/* He whom nobody has heard of before dies while there is no memory to publish anything about him, and some comes back
 * between two of his last words. */
static void hears_last_words(tr_pid self, uint64_t argument)
{
    (void)argument;
    struct tri_mailbox *mailbox = open_mailbox(self);
    fill_disk();
    hear_last_word(mailbox, self, 1);
    hear_last_word(mailbox, self, 2);
    must(tri_mailbox_last_taken(mailbox, his()) == 2);
    empty_disk();
    hear_last_word(mailbox, self, 2);
    hear_last_word(mailbox, self, 3);
    must(tri_mailbox_last_taken(mailbox, his()) == 3);
    for (uint64_t number = 1; number <= 3; number++)
        must(receive_number(mailbox, NULL) == number);
    tri_mailbox_forget(mailbox, his());
    must(tri_mailbox_length(mailbox) == 0);
    tri_mailbox_close(mailbox);
}

static void on_a_full_disk_last_words_are_taken_in(void **state)
{
    (void)state;
    need_small_plane();
    plane_end(his());
    plane_expect_end(plane_start(hears_last_words, me(), 0));
}

/* Floods somebody who does not read, on a disk that is full soon. */
static void fills_its_ring(tr_pid self, uint64_t argument)
{
    (void)argument;
    static uint8_t bytes[1000];
    struct tr_out out = {0};
    int r = 0;
    struct tri_mailbox *mailbox = open_mailbox(self);
    tr_put_binary(&out, bytes, sizeof bytes);
    must(tri_mailbox_send(mailbox, her(), 0, tr_out_term(&out)) == 0);
    fill_disk();
    while (r == 0)
        r = tri_mailbox_send(mailbox, her(), 0, tr_out_term(&out));
    must(r == -ENOSPC);
    empty_disk();
    must(tri_mailbox_send(mailbox, her(), 0, tr_out_term(&out)) == 0);
}

static void a_ring_that_cannot_grow_says_so(void **state)
{
    (void)state;
    need_small_plane();
    plane_expect_end(plane_start(fills_its_ring, me(), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        plane_test(an_open_window_tells_whose_it_is),
        plane_test(what_is_published_is_seen_from_outside),
        plane_test(a_window_takes_memory_only_when_it_is_used),
        plane_test(a_pid_beyond_the_file_has_no_window),
        plane_test(a_large_message_in_hand_is_cut),
        plane_test(the_small_messages_taken_before_are_found_newest_first),
        plane_test(a_sealed_window_grows_and_nothing_else_can_be_written_to),
        small_plane_test(a_full_disk_is_a_fault_and_not_a_signal),
        small_plane_test(a_full_disk_is_a_fault_for_another_user_too),
        small_plane_test(on_a_full_disk_last_words_are_taken_in),
        small_plane_test(what_cannot_be_published_is_not_taken_in),
        small_plane_test(a_ring_that_cannot_grow_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
