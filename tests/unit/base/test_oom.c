/* Oom: a count in a file of the test's own, on a clock of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/oom.h"
#include "support/skip.h"

#define START_NS (1000 * TRI_NS_PER_S)

static struct tri_oom oom;
static int file_fd;

/* What the kernel of a machine has counted. */
static void count(unsigned long long kills)
{
    FILE *file = fopen(oom.path, "w");
    assert_non_null(file);
    fprintf(file, "oom_kill_disable 0\nunder_oom 0\noom_kill %llu\n", kills);
    assert_int_equal(fclose(file), 0);
}

static void pass_ms(uint64_t ms) { tri_clock_set_fake(tri_clock_ns() + ms * TRI_NS_PER_MS); }

static int set_up(void **state)
{
    (void)state;
    tri_clock_set_fake(START_NS);
    oom = (struct tri_oom){.seen = 7, .accounted = 7};
    file_fd = memfd_create("oom", MFD_CLOEXEC);
    snprintf(oom.path, sizeof oom.path, "/proc/self/fd/%d", file_fd);
    count(7);
    return file_fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    tri_clock_set_fake(0);
    return close(file_fd);
}

static void a_kill_explains_one_death(void **state)
{
    (void)state;
    assert_false(tri_oom_explains(&oom));
    count(8);
    assert_true(tri_oom_explains(&oom));
    assert_false(tri_oom_explains(&oom));
}

static void several_kills_explain_several_deaths(void **state)
{
    (void)state;
    count(9);
    tri_oom_look(&oom); /* somebody else's death comes between */
    assert_true(tri_oom_explains(&oom));
    assert_true(tri_oom_explains(&oom));
    assert_false(tri_oom_explains(&oom));
}

static void a_kill_that_was_seen_long_ago_explains_nothing(void **state)
{
    (void)state;
    count(8);
    tri_oom_look(&oom);
    pass_ms(TRI_OOM_FRESH_MS);
    assert_false(tri_oom_explains(&oom));
    count(9);
    assert_true(tri_oom_explains(&oom));
    assert_false(tri_oom_explains(&oom));
}

static void where_nothing_is_counted_nothing_is_explained(void **state)
{
    struct tri_oom none = {.path = ""};
    (void)state;
    assert_false(tri_oom_explains(&none));
    snprintf(none.path, sizeof none.path, "/nowhere/at/all");
    assert_false(tri_oom_explains(&none));
}

/* Every machine counts somewhere, its vmstat if nowhere else. */
static void a_count_is_found(void **state)
{
    struct tri_oom found;
    (void)state;
    if (access("/proc/vmstat", R_OK) < 0)
        skip_because("there is no /proc/vmstat");
    tri_oom_init(&found);
    assert_int_equal(access(found.path, R_OK), 0);
    assert_int_equal(found.seen, found.accounted);
}

#define oom_test(body) cmocka_unit_test_setup_teardown(body, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        oom_test(a_kill_explains_one_death),
        oom_test(several_kills_explain_several_deaths),
        oom_test(a_kill_that_was_seen_long_ago_explains_nothing),
        oom_test(where_nothing_is_counted_nothing_is_explained),
        oom_test(a_count_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
