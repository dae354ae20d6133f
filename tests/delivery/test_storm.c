/* Storms, briefly: everything that was accepted arrives exactly once, in order, before its sender's DOWN. For longer
 * ones: tests/storm. */
#include "support/fixture.h"
#include "support/storm.h"

static void a_storm_of_kills_loses_nothing(void **state)
{
    (void)state;
    storm_run(&(struct storm_options){.seconds = 10, .kills = true});
}

static void a_storm_of_kills_stops_and_cuts_loses_nothing(void **state)
{
    (void)state;
    storm_run(&(struct storm_options){.seconds = 4, .kills = true, .stops = true, .cuts = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_storm_of_kills_loses_nothing),
        node_test(a_storm_of_kills_stops_and_cuts_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
