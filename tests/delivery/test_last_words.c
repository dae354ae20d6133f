/* What the dead leave in their rings for one who is stopped, and promise 2 of the design. The cases are actors, in
 * actors/last_words.c. */
#include "conformance/rule.h"

/* As a rule, and tells what was seen. */
static void run_case(const char *entry)
{
    struct program *node = node_start("bin/tests/last_words", entry, NULL);
    program_expect_exit(node, 0);
    print_message("%s", program_stdout(node));
}

static void what_the_dead_have_said_costs_the_node_no_memory(void **state)
{
    (void)state;
    run_case(":what_the_dead_have_said_costs_the_node_no_memory");
}

static void a_spoilt_window_costs_only_words_of_its_own(void **state)
{
    (void)state;
    run_case(":a_spoilt_window_costs_only_words_of_its_own");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(what_the_dead_have_said_costs_the_node_no_memory),
        node_test(a_spoilt_window_costs_only_words_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
