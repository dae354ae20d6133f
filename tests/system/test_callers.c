/* Callers: a thousand actors call one server at once; no answer is lost, and none is given twice. */
#include "support/node.h"

static void a_thousand_callers_get_each_answer_once(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/callers", "1000", NULL);
    wait_until_ms(90000, program_is_over(node));
    program_expect_exit(node, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_thousand_callers_get_each_answer_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
