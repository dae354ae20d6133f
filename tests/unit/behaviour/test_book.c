/* Book: what is entered is found by key and by process, in order, until it is removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "behaviour/book.h"

static struct tr_out room;

/* Valid until the next is made. */
static tr_term number(long n)
{
    tr_out_reset(&room);
    tr_put_integer(&room, n);
    return tr_out_term(&room);
}

static tr_pid pid_of(uint32_t slot) { return tr_pid_make(slot, 1); }

static void add(struct tri_book *book, long key, uint32_t slot, long value)
{
    struct tr_out copy = {0};
    tr_put_integer(&copy, value);
    assert_int_equal(tri_book_add(book, number(key), pid_of(slot), tr_out_term(&copy)), 0);
    tr_out_deinit(&copy);
}

static long value_of(const struct tri_book_entry *entry)
{
    int64_t value;
    assert_true(tr_get_integer(entry->value, &value));
    return value;
}

static void entries_are_found_in_the_order_of_registration(void **state)
{
    struct tri_book book = {0};
    (void)state;
    for (long i = 0; i < 5; i++)
        add(&book, 7, (uint32_t)(i % 2) + 1, i);
    const struct tri_book_entry *at = tri_book_find(&book, number(7));
    for (long i = 0; i < 5; i++, at = at->key_next)
        assert_int_equal(value_of(at), i);
    assert_null(at);
    at = tri_book_find_pid(&book, pid_of(2));
    assert_int_equal(value_of(at), 1);
    assert_int_equal(value_of(at->holder_next), 3);
    assert_null(at->holder_next->holder_next);
    tri_book_deinit(&book);
}

static void a_process_is_removed_from_all_its_keys(void **state)
{
    struct tri_book book = {0};
    (void)state;
    for (long key = 0; key < 10; key++) {
        add(&book, key, 1, key);
        add(&book, key, 2, key);
    }
    tri_book_remove_pid(&book, pid_of(1));
    assert_int_equal(book.count, 10);
    assert_null(tri_book_find_pid(&book, pid_of(1)));
    for (long key = 0; key < 10; key++) {
        const struct tri_book_entry *at = tri_book_find(&book, number(key));
        assert_true(tr_pid_equal(at->pid, pid_of(2)));
        assert_null(at->key_next);
    }
    tri_book_remove_pid(&book, pid_of(2));
    assert_null(tri_book_find(&book, number(0)));
    assert_null(book.keys);
    assert_null(book.holders);
}

static void a_value_is_replaced(void **state)
{
    struct tri_book book = {0};
    (void)state;
    add(&book, 1, 1, 10);
    struct tri_book_entry *entry = tri_book_find(&book, number(1));
    assert_int_equal(tri_book_set_value(entry, number(11)), 0);
    assert_int_equal(value_of(tri_book_find(&book, number(1))), 11);
    tri_book_deinit(&book);
}

enum { KEYS = 12, SLOTS = 8, STEPS = 100000 };

static size_t model[KEYS][SLOTS]; /* how many registrations */

static void compare(const struct tri_book *book, long key, uint32_t slot)
{
    size_t under_key = 0, of_pid = 0, both = 0, model_key = 0, model_pid = 0;
    const struct tri_book_entry *at;
    for (at = tri_book_find(book, number(key)); at; at = at->key_next) {
        under_key++;
        both += tr_pid_equal(at->pid, pid_of(slot + 1));
    }
    for (at = tri_book_find_pid(book, pid_of(slot + 1)); at; at = at->holder_next)
        of_pid++;
    for (size_t i = 0; i < SLOTS; i++)
        model_key += model[key][i];
    for (size_t i = 0; i < KEYS; i++)
        model_pid += model[i][slot];
    assert_int_equal(under_key, model_key);
    assert_int_equal(of_pid, model_pid);
    assert_int_equal(both, model[key][slot]);
}

static void remove_one(struct tri_book *book, long key, uint32_t slot)
{
    struct tri_book_entry *at = tri_book_find(book, number(key));
    while (at && !tr_pid_equal(at->pid, pid_of(slot + 1)))
        at = at->key_next;
    if (!at)
        return;
    tri_book_remove(book, at);
    model[key][slot]--;
}

/* Against the plainest book there is: a table of numbers. */
static void a_hundred_thousand_random_steps_end_where_they_should(void **state)
{
    struct tri_book book = {0};
    unsigned short seed[3] = {1, 2, 3};
    (void)state;
    for (int step = 0; step < STEPS; step++) {
        long key = nrand48(seed) % KEYS, what = nrand48(seed) % 40;
        uint32_t slot = (uint32_t)(nrand48(seed) % SLOTS);
        if (what < 20) {
            add(&book, key, slot + 1, step);
            model[key][slot]++;
        } else if (what < 39) {
            remove_one(&book, key, slot);
        } else {
            tri_book_remove_pid(&book, pid_of(slot + 1));
            for (size_t i = 0; i < KEYS; i++)
                model[i][slot] = 0;
        }
        compare(&book, key, slot);
    }
    tri_book_deinit(&book);
    assert_int_equal(book.count, 0);
}

static int teardown(void **state)
{
    (void)state;
    tr_out_deinit(&room);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_found_in_the_order_of_registration),
        cmocka_unit_test(a_process_is_removed_from_all_its_keys),
        cmocka_unit_test(a_value_is_replaced),
        cmocka_unit_test(a_hundred_thousand_random_steps_end_where_they_should),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
