/* The ring keeps what is needed, in a bounded place, whatever is sent and however long it stays needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailbox/ring.h"

struct fixture {
    _Atomic uint64_t head, tail;
    uint8_t bytes[TRI_RING_BYTES];
    struct tri_ring ring;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->ring = (struct tri_ring){.bytes = f->bytes, .shown_head = &f->head, .shown_tail = &f->tail};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static uint64_t append(struct tri_ring *ring, uint64_t receiver, uint64_t number, size_t size)
{
    static uint8_t body[TRI_RECORD_BODY_BYTES];
    struct tri_record record = {.size_bytes = (uint32_t)size,
                                .receiver = receiver,
                                .number = number,
                                .kind = TRI_RECORD_TERM};
    memset(body, (int)number, size);
    const struct iovec part = {body, record.size_bytes};
    return tri_ring_append(ring, &record, &part, 1);
}

static bool is_whole(const struct tri_ring *ring, uint64_t position, uint64_t number)
{
    struct tri_record record;
    const uint8_t *body;
    size_t left = TRI_RING_BYTES - position % TRI_RING_BYTES;
    return tri_record_check(tri_ring_at(ring, position), left, &record, &body) &&
           record.number == number;
}

static void an_empty_ring_has_no_oldest_record(void **state)
{
    struct fixture *f = *state;
    uint64_t position;
    assert_null(tri_ring_oldest(&f->ring, &position));
}

static void a_record_is_found_where_it_was_put(void **state)
{
    struct fixture *f = *state;
    uint64_t position, at = append(&f->ring, 7, 1, 100);
    assert_true(is_whole(&f->ring, at, 1));
    assert_non_null(tri_ring_oldest(&f->ring, &position));
    assert_int_equal(position, at);
}

static void records_leave_in_the_order_in_which_they_came(void **state)
{
    struct fixture *f = *state;
    uint64_t position;
    for (uint64_t number = 1; number <= 100; number++)
        append(&f->ring, 7, number, 10 * number);
    for (uint64_t number = 1; number <= 100; number++) {
        assert_int_equal(tri_ring_oldest(&f->ring, &position)->number, number);
        tri_ring_release(&f->ring);
    }
    assert_null(tri_ring_oldest(&f->ring, &position));
}

static void no_record_wraps(void **state)
{
    struct fixture *f = *state;
    for (uint64_t number = 1; number <= 5000; number++) {
        size_t size = number * 7919 % TRI_RECORD_BODY_BYTES;
        while (!tri_ring_accepts(&f->ring, tri_record_room(size)))
            tri_ring_release(&f->ring);
        uint64_t at = append(&f->ring, 7, number, size);
        assert_true(at % TRI_RING_BYTES + tri_record_room(size) <= TRI_RING_BYTES);
        assert_true(is_whole(&f->ring, at, number));
    }
}

static void a_moved_record_stays_whole(void **state)
{
    struct fixture *f = *state;
    append(&f->ring, 7, 1, 1000);
    append(&f->ring, 8, 1, 500);
    uint64_t position, at = tri_ring_move(&f->ring);
    assert_true(is_whole(&f->ring, at, 1));
    assert_int_equal(tri_ring_oldest(&f->ring, &position)->receiver, 8);
}

static void a_full_ring_keeps_slack_for_moving(void **state)
{
    struct fixture *f = *state;
    uint64_t number = 0;
    while (tri_ring_accepts(&f->ring, tri_record_room(TRI_RECORD_BODY_BYTES)))
        append(&f->ring, 7, ++number, TRI_RECORD_BODY_BYTES);
    assert_true(TRI_RING_BYTES - (f->head - f->tail) >= TRI_RING_SLACK_BYTES);
    for (int i = 0; i < 1000; i++)
        tri_ring_move(&f->ring);
}

static void a_rewound_ring_begins_again_at_its_beginning(void **state)
{
    struct fixture *f = *state;
    uint64_t position;
    append(&f->ring, 7, 1, 100);
    tri_ring_rewind(&f->ring);
    assert_null(tri_ring_oldest(&f->ring, &position));
    assert_int_equal(append(&f->ring, 7, 2, 100) % TRI_RING_BYTES, 0);
}

/* A rewound ring that ends in the middle of a lap, and one that ends at its very end, are the same to who comes next. */
static void rewinding_an_empty_ring_changes_nothing(void **state)
{
    struct fixture *f = *state;
    tri_ring_rewind(&f->ring);
    tri_ring_rewind(&f->ring);
    assert_int_equal(f->head, 0);
    assert_int_equal(f->tail, 0);
}

/* ---------------------------------------------------------------- a long run against a model */

enum { MODEL = 6000, STUCK_EVERY = 5 };

struct model {
    struct {
        uint64_t number, position;
        size_t room;
    } live[MODEL];
    size_t count;
    uint64_t live_bytes;
};

static size_t find(const struct model *model, uint64_t number)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->live[i].number == number)
            return i;
    return MODEL;
}

/* Makes room as the outbox does: what is needed is moved, the rest goes. */
static bool make_room(struct tri_ring *ring, struct model *model, size_t room)
{
    uint64_t position, stop = tri_ring_head(ring);
    while (!tri_ring_accepts(ring, room)) {
        const struct tri_record *oldest = tri_ring_oldest(ring, &position);
        if (!oldest || position >= stop)
            return false;
        size_t at = find(model, oldest->number);
        if (at < MODEL)
            model->live[at].position = tri_ring_move(ring);
        else
            tri_ring_release(ring);
    }
    return true;
}

static void all_are_whole(const struct tri_ring *ring, const struct model *model)
{
    for (size_t i = 0; i < model->count; i++)
        assert_true(is_whole(ring, model->live[i].position, model->live[i].number));
}

static size_t random_size(void)
{
    switch (rand() % 10) {
    case 0:
        return TRI_RECORD_BODY_BYTES;
    case 1:
        return (size_t)rand() % TRI_RECORD_BODY_BYTES;
    default:
        return (size_t)rand() % 300;
    }
}

/* Some stay needed for ever until the ring is as full as it may be: then any of them goes. */
static void forget_some(struct model *model, size_t room)
{
    while (model->live_bytes + room > TRI_RING_LIVE_BYTES || model->count == MODEL ||
           (model->count > 0 && rand() % STUCK_EVERY == 0)) {
        size_t at = (size_t)rand() % model->count;
        model->live_bytes -= model->live[at].room;
        model->live[at] = model->live[--model->count];
    }
}

static void nothing_needed_is_ever_lost_in_a_long_run(void **state)
{
    struct fixture *f = *state;
    struct model *model = calloc(1, sizeof *model);
    srand(1);
    for (uint64_t number = 1; number <= 60000; number++) {
        size_t size = random_size(), room = tri_record_room(size);
        forget_some(model, room);
        assert_true(make_room(&f->ring, model, room));
        model->live[model->count].position = append(&f->ring, 7, number, size);
        model->live[model->count].number = number;
        model->live[model->count++].room = room;
        model->live_bytes += room;
        assert_true(f->head - f->tail <= TRI_RING_BYTES);
        if (number % 500 == 0)
            all_are_whole(&f->ring, model);
    }
    all_are_whole(&f->ring, model);
    free(model);
}

/* What the node sees that looks from outside: tail to head, over fillers, each record whole. */
static void a_stranger_can_walk_from_tail_to_head(void **state)
{
    struct fixture *f = *state;
    srand(2);
    for (uint64_t number = 1; number <= 3000; number++) {
        size_t size = random_size();
        while (!tri_ring_accepts(&f->ring, tri_record_room(size)))
            tri_ring_release(&f->ring);
        append(&f->ring, 7, number, size);
        uint64_t last = 0;
        for (uint64_t at = f->tail; at < f->head;) {
            size_t left = TRI_RING_BYTES - at % TRI_RING_BYTES;
            const struct tri_record *record = tri_ring_at(&f->ring, at);
            assert_true(left >= sizeof *record);
            last = record->kind == TRI_RECORD_FILLER ? last : record->number;
            at += record->kind == TRI_RECORD_FILLER ? left : tri_record_room(record->size_bytes);
        }
        assert_int_equal(last, number);
    }
}

int main(void)
{
#define ring_test(body) cmocka_unit_test_setup_teardown(body, setup, teardown)
    const struct CMUnitTest tests[] = {
        ring_test(an_empty_ring_has_no_oldest_record),
        ring_test(a_record_is_found_where_it_was_put),
        ring_test(records_leave_in_the_order_in_which_they_came),
        ring_test(no_record_wraps),
        ring_test(a_moved_record_stays_whole),
        ring_test(a_full_ring_keeps_slack_for_moving),
        ring_test(a_rewound_ring_begins_again_at_its_beginning),
        ring_test(rewinding_an_empty_ring_changes_nothing),
        ring_test(nothing_needed_is_ever_lost_in_a_long_run),
        ring_test(a_stranger_can_walk_from_tail_to_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
