/* Receivers that are many, or stopped, or have no room, and promises 1 and 4 of the design. The cases are actors, in
 * actors/receivers.c; one who talks to two thousand is among the storms. */
#include "conformance/rule.h"
#include "support/small_disk.h"

#define rule(name) rule_of("bin/tests/receivers", name)

static void on_a_small_disk(const char *entry)
{
    small_disk_mount("size=8m");
    program_expect_exit(node_start("bin/tests/receivers", entry, NULL), 0);
    small_disk_expect_empty();
}

static void a_full_disk_is_an_answer_and_nothing_is_lost(void **state)
{
    (void)state;
    on_a_small_disk(":a_full_disk_is_an_answer_and_nothing_is_lost");
}

static void on_a_full_disk_what_was_accepted_arrives(void **state)
{
    (void)state;
    on_a_small_disk(":on_a_full_disk_what_was_accepted_arrives");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rule(one_stopped_among_a_hundred_is_not_noticed),
        small_disk_test(a_full_disk_is_an_answer_and_nothing_is_lost),
        small_disk_test(on_a_full_disk_what_was_accepted_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
