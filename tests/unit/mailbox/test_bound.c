/* Bound: what becomes of a message, for each policy, in a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/auto.h"
#include "mailbox/bound.h"

struct line {
    const char *name;
    uint64_t max_messages, max_bytes;
    unsigned policy;
    uint64_t length, bytes, size_bytes;
    bool can_wait;
    enum tri_bound_want want;
    enum tri_bound_verdict verdict;
};

#define WAITS TRI_POLICY_WAITS
#define DROPS TRI_POLICY_DROPS
#define KILLS TRI_POLICY_KILLS
#define NOT_WANTED TRI_BOUND_NOT_WANTED
#define WANTED TRI_BOUND_WANTED
#define SATED TRI_BOUND_SATED

static const struct line lines[] = {
    {"room for one", 3, 0, WAITS, 2, 9, 99, true, NOT_WANTED, TRI_BOUND_ENTERS},
    {"room for its bytes", 0, 100, DROPS, 5, 90, 10, true, NOT_WANTED, TRI_BOUND_ENTERS},
    {"both bounds hold", 3, 100, KILLS, 2, 0, 100, true, NOT_WANTED, TRI_BOUND_ENTERS},
    {"full: waits", 3, 0, WAITS, 3, 9, 1, true, NOT_WANTED, TRI_BOUND_WAITS},
    {"full: drops", 3, 0, DROPS, 3, 9, 1, true, NOT_WANTED, TRI_BOUND_DROPPED},
    {"full: kills", 3, 0, KILLS, 3, 9, 1, true, NOT_WANTED, TRI_BOUND_KILLS},
    {"a byte too many: waits", 0, 100, WAITS, 1, 91, 10, true, NOT_WANTED, TRI_BOUND_WAITS},
    {"a byte too many: drops", 0, 100, DROPS, 1, 91, 10, true, NOT_WANTED, TRI_BOUND_DROPPED},
    {"a byte too many: kills", 0, 100, KILLS, 1, 91, 10, true, NOT_WANTED, TRI_BOUND_KILLS},
    {"beyond already", 0, 100, WAITS, 1, 200, 1, true, NOT_WANTED, TRI_BOUND_WAITS},
    {"no sum overflows", 0, 100, DROPS, 1, 50, UINT64_MAX, true, NOT_WANTED, TRI_BOUND_DROPPED},
    {"the other bound counts", 9, 100, WAITS, 1, 99, 2, true, NOT_WANTED, TRI_BOUND_WAITS},
    {"larger than the bound, empty", 0, 100, WAITS, 0, 0, 101, true, NOT_WANTED, TRI_BOUND_ENTERS},
    {"larger: drops", 0, 100, DROPS, 0, 0, 101, true, NOT_WANTED, TRI_BOUND_DROPPED},
    {"larger: kills", 0, 100, KILLS, 0, 0, 101, true, NOT_WANTED, TRI_BOUND_KILLS},
    {"nobody is left to wait", 3, 0, WAITS, 3, 9, 1, false, NOT_WANTED, TRI_BOUND_ENTERS},
    {"from the node: drops", 3, 0, DROPS, 3, 9, 1, false, NOT_WANTED, TRI_BOUND_DROPPED},
    {"from the node: kills", 3, 0, KILLS, 3, 9, 1, false, NOT_WANTED, TRI_BOUND_KILLS},
    {"wanted: waits", 3, 0, WAITS, 3, 9, 1, true, WANTED, TRI_BOUND_ENTERS_BEYOND},
    {"wanted: drops", 3, 0, DROPS, 3, 9, 1, true, WANTED, TRI_BOUND_ENTERS_BEYOND},
    {"wanted: kills", 3, 0, KILLS, 3, 9, 1, true, WANTED, TRI_BOUND_KILLS},
    {"wanted, with room", 3, 0, DROPS, 2, 9, 1, true, WANTED, TRI_BOUND_ENTERS},
    {"sated: waits", 3, 0, WAITS, 4, 9, 1, true, SATED, TRI_BOUND_WAITS},
    {"sated: drops later", 3, 0, DROPS, 4, 9, 1, true, SATED, TRI_BOUND_WAITS},
    {"sated, from the node", 3, 0, DROPS, 4, 9, 1, false, SATED, TRI_BOUND_ENTERS_BEYOND},
};

static void each_policy_judges_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(lines); i++) {
        const struct line *line = &lines[i];
        struct tri_bound bound = {line->max_messages, line->max_bytes, line->policy, 0};
        struct tri_queue queue = {.length = line->length, .bytes = line->bytes};
        enum tri_bound_verdict verdict =
            tri_bound_judge(&bound, &queue, line->size_bytes, line->can_wait, line->want);
        if (verdict != line->verdict)
            fail_msg("%s: %d, not %d", line->name, verdict, line->verdict);
    }
}

static void a_bound_is_set_by_either_number(void **state)
{
    (void)state;
    assert_false(tri_bound_is_set(&(struct tri_bound){0, 0, KILLS, 0}));
    assert_true(tri_bound_is_set(&(struct tri_bound){1, 0, WAITS, 0}));
    assert_true(tri_bound_is_set(&(struct tri_bound){0, 1, WAITS, 0}));
}

static void a_bound_is_exceeded_by_what_lies_beyond_it(void **state)
{
    (void)state;
    struct tri_bound bound = {3, 100, DROPS, 0};
    assert_false(tri_bound_is_exceeded(&bound, &(struct tri_queue){.length = 3, .bytes = 100}));
    assert_true(tri_bound_is_exceeded(&bound, &(struct tri_queue){.length = 4, .bytes = 1}));
    assert_true(tri_bound_is_exceeded(&bound, &(struct tri_queue){.length = 1, .bytes = 101}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_policy_judges_as_the_table_says),
        cmocka_unit_test(a_bound_is_set_by_either_number),
        cmocka_unit_test(a_bound_is_exceeded_by_what_lies_beyond_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
