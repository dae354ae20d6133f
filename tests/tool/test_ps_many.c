/* ps of many: a list of a thousand actors costs little more than to read what the kernel says of them. */
#include <sys/resource.h>

#include "tool.h"

/* How many times as much it may cost; a sanitizer's own work would be most of it. */
enum { ALLOWED_TIMES = IS_SANITIZED ? 15 : 4 };

/* CPU time, because ps waits for nobody: what the clock on the wall shows beside it is other people's work. */
static uint64_t cpu_us(int who)
{
    struct rusage usage;
    assert_int_equal(getrusage(who, &usage), 0);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* The least that a list can cost: two files of /proc of each. */
static uint64_t reading_us(const struct census *census)
{
    struct tri_osproc process;
    char text[128];
    uint64_t before_us = cpu_us(RUSAGE_SELF);
    for (size_t i = 0; i < census->count; i++) {
        assert_true(tri_osproc_look(census->at[i].os_pid, &process));
        assert_true(tri_osproc_read(census->at[i].os_pid, "statm", text, sizeof text));
    }
    return cpu_us(RUSAGE_SELF) - before_us;
}

static uint64_t listing_us(const char *option)
{
    uint64_t before_us = cpu_us(RUSAGE_CHILDREN);
    expect_fine(run_tool("ps", option, NULL));
    return cpu_us(RUSAGE_CHILDREN) - before_us;
}

static uint64_t lesser(uint64_t one, uint64_t other) { return one < other ? one : other; }

/* Both in turns, so that the machine is the same for both; the shortest of a few, because caches are cold in the first. */
static void expect_cheap(const char *option, const struct census *census)
{
    uint64_t listing = UINT64_MAX, reading = UINT64_MAX;
    for (int i = 0; i < 5; i++) {
        reading = lesser(reading, reading_us(census));
        listing = lesser(listing, listing_us(option));
    }
    print_message("ps %s: %.1f ms, to read the kernel's part %.1f ms\n", option,
                  (double)listing / 1000, (double)reading / 1000);
    if (listing > ALLOWED_TIMES * reading)
        fail_msg("that is more than %d times as much", ALLOWED_TIMES);
}

static void ps_of_a_thousand_costs_little_more_than_reading_proc(void **state)
{
    static const char *const options[] = {"--no-header", "--tree", "--json", "--sort=-mem"};
    struct census census;
    (void)state;
    struct program *node = node_start("bin/tests/thousand", "1000", NULL);
    wait_until_ms(60000, program_is_over(node) || actor_exists("all_have_answered"));
    struct program *ps = run_tool("ps", "--no-header", NULL);
    assert_int_equal(count_lines(expect_fine(ps)), 1001);
    census_take(&census);
    assert_true(census.count >= 1001);
    for (size_t i = 0; i < 4; i++)
        expect_cheap(options[i], &census);
    census_deinit(&census);
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(ps_of_a_thousand_costs_little_more_than_reading_proc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
