/* On a terminal: cut at its width, coloured unless NO_COLOR says no, with a caret under a mistake. */
#include "terminal.h"

static void setup_locale(void)
{
    setenv("TERM", "xterm", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
}

/* What `troupe ps` prints on a terminal of that width, without colours. */
static char *ps_at_width(unsigned short columns)
{
    int status;
    char *text = strdup(terminal_run(columns, &status, "ps", "--all", NULL));
    assert_int_equal(status, 0);
    strip_colours(text);
    return text;
}

static void the_list_fits_in_eighty_columns(void **state)
{
    (void)state;
    setup_locale();
    struct program *node = stage_start();
    char *text = ps_at_width(80);
    assert_true(widest_line(text) <= 80);
    expect_in(text, "LAST-EXIT\n");
    expect_in(text, "(victim)");
    free(text);
    assert_int_equal(node_stop(node), 0);
}

static void a_long_name_gives_way_to_the_other_columns(void **state)
{
    (void)state;
    setup_locale();
    struct program *node =
        node_start("bin/tests/stage", "named",
                   "a_name_that_is_far_too_long_for_eighty_columns_and_more", NULL);
    wait_until(actor_exists("stage") || program_is_over(node));
    char *text = ps_at_width(80);
    assert_true(widest_line(text) <= 80);
    expect_in(text, "LAST-EXIT\n");
    expect_in(text, "\na_name_that");
    free(text);
    assert_int_equal(node_stop(node), 0);
}

static void no_line_is_wider_than_a_narrow_terminal(void **state)
{
    (void)state;
    setup_locale();
    struct program *node = stage_start();
    char *text = ps_at_width(40);
    assert_true(widest_line(text) <= 40);
    assert_int_equal(count_lines(text), 6);
    free(text);
    assert_int_equal(node_stop(node), 0);
}

static void a_wide_terminal_shows_all(void **state)
{
    (void)state;
    setup_locale();
    struct program *node = stage_start();
    char *text = ps_at_width(200);
    expect_in(text, "{out_of,coffee}\n");
    free(text);
    assert_int_equal(node_stop(node), 0);
}

static void states_and_reasons_are_coloured(void **state)
{
    (void)state;
    setup_locale();
    int status;
    struct program *node = stage_start();
    const char *text = terminal_run(120, &status, "ps", "--all", NULL);
    expect_in(text, "\033[31mdead");
    expect_in(text, "\033[31m{out_of,coffee}");
    assert_int_equal(node_stop(node), 0);
}

static void no_color_and_dumb_terminals_are_respected(void **state)
{
    (void)state;
    setup_locale();
    int status;
    struct program *node = stage_start();
    setenv("NO_COLOR", "1", 1);
    expect_not_in(terminal_run(120, &status, "ps", "--all", NULL), "\033");
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    expect_not_in(terminal_run(120, &status, "ps", "--all", NULL), "\033");
    assert_int_equal(node_stop(node), 0);
}

static void a_tree_is_drawn_with_lines(void **state)
{
    (void)state;
    setup_locale();
    int status;
    struct program *node = stage_start();
    expect_in(terminal_run(120, &status, "ps", "--tree", NULL), "└─stage");
    assert_int_equal(node_stop(node), 0);
}

static void a_caret_points_to_the_mistake_in_a_term(void **state)
{
    (void)state;
    setup_locale();
    int status;
    char *text = strdup(terminal_run(80, &status, "send", "quiet", "{ü, )}", NULL));
    assert_int_equal(status, 1);
    strip_colours(text);
    expect_in(text, "character 5: ");
    expect_in(text, "\n  {ü, )}\n      ^\n");
    free(text);
}

/* How many characters stand before `at` in its line. */
static size_t place_in_line(const char *text, const char *at)
{
    size_t place = 0;
    for (; text < at; text++)
        place = *text == '\n' ? 0 : place + ((*text & 0xc0) != 0x80);
    return place;
}

static void a_caret_finds_its_place_in_a_long_term_too(void **state)
{
    (void)state;
    setup_locale();
    int status;
    char term[300] = "{";
    for (int i = 0; i < 60; i++)
        strcat(term, "a, ");
    strcat(term, ")}");
    char *text = strdup(terminal_run(80, &status, "send", "quiet", term, NULL));
    assert_int_equal(status, 1);
    strip_colours(text);
    const char *caret = strchr(text, '^'), *mistake = strstr(text, ")}");
    assert_non_null(caret);
    assert_non_null(mistake);
    assert_true(widest_line(strchr(text, '\n')) <= 80);
    assert_int_equal(place_in_line(text, caret), place_in_line(text, mistake));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(the_list_fits_in_eighty_columns),
        node_test(a_long_name_gives_way_to_the_other_columns),
        node_test(no_line_is_wider_than_a_narrow_terminal),
        node_test(a_wide_terminal_shows_all),
        node_test(states_and_reasons_are_coloured),
        node_test(no_color_and_dumb_terminals_are_respected),
        node_test(a_tree_is_drawn_with_lines),
        node_test(a_caret_points_to_the_mistake_in_a_term),
        node_test(a_caret_finds_its_place_in_a_long_term_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
