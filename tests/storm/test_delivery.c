/* Storms of a minute: a hundred actors talk while they are killed, stopped and cut off, every 10 ms. Everything that was
 * accepted arrives exactly once, in order, before its sender's DOWN. */
#include "support/small_disk.h"
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

/* Now and then, for up to 0.3 s, there is no room for another page: what is refused was not accepted. */
static void half_a_minute_on_a_disk_that_fills_up_loses_nothing(void **state)
{
    (void)state;
    storm_run(&(struct storm_options){
        .seconds = 30, .kills = true, .stops = true, .cuts = true, .fills = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_minute_of_kills_loses_nothing),
        node_test(a_minute_of_stops_loses_nothing),
        node_test(a_minute_of_cuts_loses_nothing),
        node_test(a_minute_of_all_of_these_loses_nothing),
        node_test(a_minute_of_all_of_these_in_a_flood_loses_nothing),
        small_disk_test(half_a_minute_on_a_disk_that_fills_up_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
