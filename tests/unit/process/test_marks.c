/* Marks: a receive for an answer begins where its reference was made, as long as that is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/marks.h"

static void a_recent_reference_is_found_where_it_was_made(void **state)
{
    struct tri_marks marks = {0};
    (void)state;
    for (uint64_t i = 1; i <= TRI_MARKS; i++)
        tri_marks_note(&marks, i, 10 * i);
    for (uint64_t i = 1; i <= TRI_MARKS; i++)
        assert_int_equal(tri_marks_find(&marks, i), 10 * i);
}

static void an_old_reference_means_the_whole_mailbox(void **state)
{
    struct tri_marks marks = {0};
    (void)state;
    for (uint64_t i = 1; i <= TRI_MARKS + 1; i++)
        tri_marks_note(&marks, i, 10 * i);
    assert_int_equal(tri_marks_find(&marks, 1), 0);
    assert_int_equal(tri_marks_find(&marks, 2), 20);
}

static void a_reference_that_never_was_means_the_whole_mailbox(void **state)
{
    struct tri_marks marks = {0};
    (void)state;
    assert_int_equal(tri_marks_find(&marks, 0), 0);
    assert_int_equal(tri_marks_find(&marks, 5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recent_reference_is_found_where_it_was_made),
        cmocka_unit_test(an_old_reference_means_the_whole_mailbox),
        cmocka_unit_test(a_reference_that_never_was_means_the_whole_mailbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
