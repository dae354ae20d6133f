/* Outcomes and faults in words. */
#include <errno.h>
#include <limits.h>

#include "unit/term/term_test.h"

static void every_outcome_has_words_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i <= TR_REFUSED; i++) {
        assert_string_not_equal(tr_strerror(i), "unknown outcome");
        for (int j = 0; j < i; j++)
            assert_string_not_equal(tr_strerror(i), tr_strerror(j));
    }
}

static void a_fault_is_described_as_the_system_does(void **state)
{
    (void)state;
    assert_string_equal(tr_strerror(-ENOMEM), "Cannot allocate memory");
    assert_string_equal(tr_strerror(-ENOSPC), "No space left on device");
}

static void what_nobody_returns_is_still_a_text(void **state)
{
    (void)state;
    assert_string_equal(tr_strerror(10000), "unknown outcome");
    assert_string_equal(tr_strerror(-10000), "unknown outcome");
    assert_non_null(tr_strerror(INT_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_has_words_of_its_own),
        cmocka_unit_test(a_fault_is_described_as_the_system_does),
        cmocka_unit_test(what_nobody_returns_is_still_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
