/* A kill -9 of either of two linked actors takes the other along and nobody else. */
#include "support/fixture.h"
#include "support/node.h"

static void each_killed_actor_takes_its_partner_and_nobody_else(void **state)
{
    (void)state;
    program_expect_exit(node_start("bin/tests/pairs", "24", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(each_killed_actor_takes_its_partner_and_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
