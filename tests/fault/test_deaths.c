/* Whoever of guardian, node or template is killed, nothing of the node is left within a second: no actor, no
 * grandchild that forked twice and called setsid, no socket, no shared memory. The storm does it a hundred times.
 */
#include "support/deaths.h"

#include "support/fixture.h"

#define ROUNDS 5

static void a_killed_guardian_leaves_nothing(void **state)
{
    (void)state;
    deaths_repeat(VICTIM_GUARDIAN, ROUNDS, DEATHS_BUSY_MS);
}

static void a_killed_node_leaves_nothing(void **state)
{
    (void)state;
    deaths_repeat(VICTIM_NODE, ROUNDS, DEATHS_BUSY_MS);
}

static void a_killed_template_leaves_nothing(void **state)
{
    (void)state;
    deaths_repeat(VICTIM_TEMPLATE, ROUNDS, DEATHS_BUSY_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_killed_guardian_leaves_nothing),
        node_test(a_killed_node_leaves_nothing),
        node_test(a_killed_template_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
