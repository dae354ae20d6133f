/* crashes: real crashes, as their reports tell of them; which report a word means; files that are none. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/statedir.h"
#include "coroner/store.h"
#include "tool.h"

enum { LINE_OF_CRASH = 10 };

static struct program *legacy_start(void)
{
    struct program *node = node_start("bin/tests/legacy", "legacy", NULL);
    wait_until(actor_exists("decoder") || program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

static size_t report_count(void)
{
    struct tri_keepsake *entries;
    size_t count;
    assert_int_equal(tri_store_list(&entries, &count), 0);
    free(entries);
    return count;
}

/* Sends a message to the decoder, which ends it, and waits for the report. */
static void end_decoder(const char *message)
{
    tr_pid before = actor_pid("decoder");
    size_t reports = report_count();
    expect_fine(run_tool("send", "decoder", message, NULL));
    wait_until(actor_is_another("decoder", before));
    wait_until(report_count() == reports + 1);
}

static void a_crash_is_told_as_a_person_would_want_to_read_it(void **state)
{
    (void)state;
    struct program *node = legacy_start();
    expect_fine(run_tool("send", "decoder", "{ping, 1}", NULL));
    end_decoder("{decode, 7, <<\"a row\">>}");
    const char *text = expect_fine(run_tool("crashes", "show", NULL));
    char line[64];
    snprintf(line, sizeof line, "sigsegv segv_maperr in decode_row (legacy.c:%d)\n", LINE_OF_CRASH);
    assert_int_equal(strncmp(text, line, strlen(line)), 0);
    expect_in(text, "decoder, decoder <0.");
    expect_in(text, "address 0x0");
    expect_in(text, "*  0  decode_row ");
    expect_in(text, "return row + *nowhere;"); /* the line of source */
    expect_in(text, "*  1  decode ");
    expect_in(text, "In hand\n  from <0.");
    expect_in(text, ": {decode,7,<<\"a row\">>}");
    expect_in(text, ": {ping,1}");
    expect_in(text, "Sent last");
    expect_in(text, ": pong\n");
    expect_in(text, "Linked with");
    expect_in(text, "What next");
    assert_int_equal(node_stop(node), 0);
}

/* Works where what it leaves behind is removed. */
static struct program *ward_start(void)
{
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_true(mkdir(fixture_state_dir(), 0700) == 0 && chdir(fixture_state_dir()) == 0);
    struct program *node = node_start("bin/tests/legacy", ":ward", NULL);
    assert_int_equal(chdir(before), 0);
    wait_until(actor_exists("decoder") || program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

/* A child that is started again: how often it was, how the one before ended, what it used and might have, what it said. */
static void a_report_tells_of_the_lives_before_of_limits_and_of_standard_error(void **state)
{
    (void)state;
    need_exact_memory();
    struct program *node = ward_start();
    end_decoder("leave");
    end_decoder("{complain, 7}");
    const char *text = expect_fine(run_tool("crashes", "show", NULL));
    expect_in(text, "restarts   1; the one before ended with {exit_status,3}\n");
    expect_in(text, "Standard error, its end\n");
    expect_in(text, "\n  row 7 is odd\n");
    expect_in(text, "  of 512M");
    expect_in(text, "  of 1m17s");
    struct program *show = run_tool("crashes", "show", "--json", "last", NULL);
    expect_json(show, ".restarts == 1 and .last_exit == \"{exit_status,3}\" and "
                      ".usage.max_rss_kb > 0 and (.usage | has(\"user_us\")) and "
                      ".limits.cpu == 77 and .stderr[-1] == \"row 7 is odd\" and "
                      "(.links | length) == 1");
    node_stop(node);
}

/* Where the kernel is told to put it: beside the dead one, or into a program that takes it. */
static void a_report_names_the_core_file(void **state)
{
    (void)state;
    need_exact_memory();
    char pattern[256] = "", core[4096];
    FILE *file = fopen("/proc/sys/kernel/core_pattern", "re");
    assert_true(file && fgets(pattern, sizeof pattern, file));
    fclose(file);
    if (strchr("|/", pattern[0]) || strchr(pattern, '%'))
        skip_because("core files are not left where they are made: %s", pattern);
    struct rlimit core_limit;
    if (getrlimit(RLIMIT_CORE, &core_limit) < 0 || core_limit.rlim_max < 64 << 20)
        skip_because("core files are forbidden here for good");
    struct program *node = ward_start();
    end_decoder("{complain, 7}");
    struct program *show = run_tool("crashes", "show", "--json", "last", NULL);
    expect_json(show, ".reason[2].core_dumped and (.core | endswith(\"/core\"))");
    const char *text = expect_fine(run_tool("crashes", "show", NULL));
    expect_in(text, "What next\n  gdb ");
    snprintf(core, sizeof core, "/legacy %s/core\n", fixture_state_dir());
    expect_in(text, core);
    node_stop(node);
}

static void the_list_tells_of_each_and_outlives_the_node(void **state)
{
    (void)state;
    struct program *node = legacy_start();
    assert_string_equal(program_stdout(run_tool("crashes", NULL)), "");
    end_decoder("{decode, 1, x}");
    end_decoder("leave");
    assert_int_equal(node_stop(node), 0);
    const char *text = expect_fine(run_tool("crashes", "list", NULL));
    assert_int_equal(count_lines(text), 3);
    expect_in(text, "ID ");
    expect_in(text, "sigsegv segv_maperr");
    expect_in(text, "decode_row (legacy.c:10)");
    expect_in(text, "exit_status 3");
    assert_int_equal(count_lines(expect_fine(run_tool("crashes", "--no-header", NULL))), 2);
    assert_int_equal(
        count_lines(expect_fine(run_tool("crashes", "--no-header", "-n", "legacy", NULL))), 2);
    expect_complaint(run_tool("crashes", "-n", "other", NULL), 0, "other", NULL);
}

static void programs_get_json(void **state)
{
    (void)state;
    struct program *node = legacy_start();
    end_decoder("{decode, 7, x}");
    struct program *list = run_tool("crashes", "--json", NULL);
    expect_json(list,
                "(.crashes | length) == 1 and .crashes[0].at == \"decode_row (legacy.c:10)\"");
    struct program *show = run_tool("crashes", "show", "--json", "last", NULL);
    expect_json(show, ".reason[1] == \"sigsegv\" and .reason[2].code == \"segv_maperr\" and "
                      ".backtrace[0].function == \"decode_row\" and .backtrace[0].line == 10 and "
                      ".backtrace[0].own and .in_hand.term == [\"decode\", 7, \"x\"] and "
                      ".status == 11 and (.pid | startswith(\"<0.\"))");
    assert_int_equal(node_stop(node), 0);
}

/* ---------------------------------------------------------------- reports of the test's own */

static void make_report(const char *id, const char *text)
{
    TRI_AUTO(tri_fd_close) int folder_fd = -1;
    assert_int_equal(tri_statedir_open(TRI_STORE_PART, true, &folder_fd), 0);
    int fd = openat(folder_fd, id, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void a_report_is_named_by_the_beginning_of_its_id(void **state)
{
    (void)state;
    make_report("2026-a-1", "#{at => <<\"first\">>}.");
    make_report("2026-a-12", "#{at => <<\"second\">>}.");
    make_report("2026-b-1", "#{at => <<\"third\">>}.");
    expect_in(expect_fine(run_tool("crashes", "show", "2026-b", NULL)), "third");
    expect_in(expect_fine(run_tool("crashes", "show", "2026-a-1", NULL)), "first");
    expect_in(expect_fine(run_tool("crashes", "show", "last", NULL)), "third");
    expect_complaint(run_tool("crashes", "show", "2026-a", NULL), 1, "2 reports", NULL);
    expect_complaint(run_tool("crashes", "show", "x", NULL), 1, "no report \"x\"", NULL);
    expect_in(expect_fine(run_tool("complete", "crashes", "show", "2026-b", NULL)), "2026-b-1\t");
}

static void reports_are_removed(void **state)
{
    (void)state;
    make_report("a", "#{node => 'bank@vm'}.");
    make_report("b", "#{node => 'shop@vm'}.");
    make_report("c", "#{node => 'bank@vm'}.");
    make_report("d", "no report");
    expect_fine(run_tool("crashes", "rm", "a", NULL));
    assert_int_equal(report_count(), 3);
    expect_fine(run_tool("crashes", "rm", "--all", "-n", "bank", NULL));
    assert_int_equal(report_count(), 2);
    expect_complaint(run_tool("crashes", "rm", "b", "x", NULL), 1, "\"x\"", NULL);
    expect_fine(run_tool("crashes", "rm", "--all", NULL));
    assert_int_equal(report_count(), 0);
    expect_complaint(run_tool("crashes", "show", NULL), 1, "no report", NULL);
}

/* Whatever somebody has written there, a terminal is not spoilt by it. */
static void hostile_reports_are_shown_without_harm(void **state)
{
    (void)state;
    make_report(
        "a", "#{name => <<\"\\e[31mred\\r\\n\">>, reason => \"\\e[2J\", stderr => "
             "[<<\"\\e]0;t\\a\">>, x],"
             "in_hand => #{term => <<155,50,74>>, from => 3}, backtrace => [#{own => true,"
             "line => 3, file => <<\"/dev/zero\">>, function => <<27>>}, 7], links => no,"
             "usage => [], time => <<\"x\">>, code => 3, core => <<\"a;\\eb\">>, last_in => #{}}.");
    make_report("b", "#{");
    make_report("c", "{not, a, map}.");
    struct program *shown = run_tool("crashes", "show", "a", NULL);
    expect_not_in(expect_fine(shown), "\033");
    expect_not_in(program_stdout(shown), "\r");
    expect_not_in(program_stdout(shown), "\x9b");
    expect_in(expect_fine(run_tool("crashes", NULL)), "(no report of ours)");
    expect_not_in(expect_fine(run_tool("crashes", NULL)), "\033");
    expect_fine(run_tool("crashes", "show", "--json", "a", NULL));
    expect_complaint(run_tool("crashes", "show", "b", NULL), 1, "no report", NULL);
    expect_complaint(run_tool("crashes", "show", "c", NULL), 1, "no report", NULL);
}

static void what_cannot_be_meant_is_refused(void **state)
{
    (void)state;
    expect_complaint(run_tool("crashes", "shw", NULL), 1, "shw", "usage:", NULL);
    expect_complaint(run_tool("crashes", "--all", NULL), 1, "--all", "usage:", NULL);
    expect_complaint(run_tool("crashes", "rm", NULL), 1, "usage:", NULL);
    expect_complaint(run_tool("crashes", "rm", "--all", "x", NULL), 1, "usage:", NULL);
    expect_complaint(run_tool("crashes", "show", "a", "b", NULL), 1, "usage:", NULL);
    expect_complaint(run_tool("crashes", "list", "b", NULL), 1, "usage:", NULL);
    make_report("a", "#{}.");
    assert_int_equal(chmod(fixture_state_dir(), 0700), 0);
    char folder[TRI_STATEDIR_BYTES];
    assert_int_equal(tri_statedir_path(TRI_STORE_PART, folder), 0);
    assert_int_equal(chmod(folder, 0777), 0);
    expect_complaint(run_tool("crashes", NULL), 1, "open to others", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_crash_is_told_as_a_person_would_want_to_read_it),
        node_test(a_report_tells_of_the_lives_before_of_limits_and_of_standard_error),
        node_test(a_report_names_the_core_file),
        node_test(the_list_tells_of_each_and_outlives_the_node),
        node_test(programs_get_json),
        node_test(a_report_is_named_by_the_beginning_of_its_id),
        node_test(reports_are_removed),
        node_test(hostile_reports_are_shown_without_harm),
        node_test(what_cannot_be_meant_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
