/* Actors that have nothing to do use no processor. A thousand of them for ten seconds: tests/storm. */
#include "support/idle.h"

#include "support/fixture.h"

static void two_hundred_idle_actors_use_no_processor(void **state)
{
    (void)state;
    idle_run(200, 2, 2.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {node_test(two_hundred_idle_actors_use_no_processor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
