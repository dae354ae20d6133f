/* Who is killed while large bodies are under way leaves no file behind, and nothing that was sent to the living is lost. */
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "support/fixture.h"
#include "support/node.h"

static unsigned found;

static int count_file(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    (void)place;
    found += type == FTW_F && strstr(path, "/blob/");
    return 0;
}

/* The files of large bodies that have a name, of all nodes in the run directory. */
static unsigned blob_files(void)
{
    found = 0;
    nftw(fixture_run_dir(), count_file, 8, FTW_PHYS);
    return found;
}

static void expect_no_file_after(const char *argument)
{
    struct program *node = node_start("bin/tests/producers", argument, NULL);
    wait_until(actor_exists("done") || program_is_over(node));
    wait_until(blob_files() == 0);
    assert_int_equal(node_stop(node), 0);
}

static void killed_producers_leave_no_file_and_lose_nothing(void **state)
{
    (void)state;
    expect_no_file_after("30");
}

static void a_file_that_has_a_name_but_no_record_goes_with_its_sender(void **state)
{
    (void)state;
    expect_no_file_after("between");
}

static void a_file_that_is_recorded_outlives_its_sender(void **state)
{
    (void)state;
    expect_no_file_after("behind");
}

static void receivers_that_die_first_leave_no_file(void **state)
{
    (void)state;
    expect_no_file_after("receivers");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(killed_producers_leave_no_file_and_lose_nothing),
        node_test(a_file_that_has_a_name_but_no_record_goes_with_its_sender),
        node_test(a_file_that_is_recorded_outlives_its_sender),
        node_test(receivers_that_die_first_leave_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
