/* Storms of a minute: a hundred actors talk while they are killed, stopped and cut off, every 10 ms. Everything that was
 * accepted arrives exactly once, in order, before its sender's DOWN. */
#include "support/fixture.h"
#include "support/storm.h"

static void a_minute_of_kills_loses_nothing(void **state)
{
    (void)state;
    storm_run(&(struct storm_options){.seconds = 60, .kills = true});
}

static void a_minute_of_stops_loses_nothing(void **state)
{
    (void)state;
    storm_run(&(struct storm_options){.seconds = 60, .stops = true});
}

static void a_minute_of_cuts_loses_nothing(void **state)
{
    (void)state;
    storm_run(&(struct storm_options){.seconds = 60, .cuts = true});
}

static void a_minute_of_all_of_these_loses_nothing(void **state)
{
    (void)state;
    storm_run(&(struct storm_options){.seconds = 60, .kills = true, .stops = true, .cuts = true});
}

/* They send as fast as they can: each has to wait for the processor, and for room, all the time. */
static void a_minute_of_all_of_these_in_a_flood_loses_nothing(void **state)
{
    (void)state;
    storm_run(&(struct storm_options){
        .seconds = 60, .kills = true, .stops = true, .cuts = true, .is_flood = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_minute_of_kills_loses_nothing),
        node_test(a_minute_of_stops_loses_nothing),
        node_test(a_minute_of_cuts_loses_nothing),
        node_test(a_minute_of_all_of_these_loses_nothing),
        node_test(a_minute_of_all_of_these_in_a_flood_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
