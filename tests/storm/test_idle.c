/* A thousand actors that have nothing to do use less than 50 ms of processor in ten seconds, all together. */
#include "support/idle.h"

#include "support/fixture.h"

static void a_thousand_idle_actors_use_no_processor(void **state)
{
    (void)state;
    idle_run(1000, 10, 50.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {node_test(a_thousand_idle_actors_use_no_processor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
