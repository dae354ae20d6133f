/* A hundred deaths of the guardian, each with 100 actors and 25 grandchildren that have left home: nobody survives a second. */
#include "support/deaths.h"

#include "support/fixture.h"

static void a_hundred_killed_guardians_leave_nothing(void **state)
{
    (void)state;
    deaths_repeat(VICTIM_GUARDIAN, 100, DEATHS_PROMISED_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {node_test(a_hundred_killed_guardians_leave_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
