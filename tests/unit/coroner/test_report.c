/* Report: what is put together is read again; what the node is answered; where it was, in one line. */
#include "coroner/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "coroner/backtrace.h"
#include "coroner/core.h"
#include "coroner/readable.h"

static struct tr_out facts, out;

static int setup(void **state)
{
    (void)state;
    tr_out_reset(&facts);
    tr_out_reset(&out);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tr_out_deinit(&facts);
    tr_out_deinit(&out);
    return 0;
}

#define report_test(body) cmocka_unit_test_setup_teardown(body, setup, teardown)

static tr_term facts_of(const char *text)
{
    assert_int_equal(tr_parse(text, &facts, NULL, NULL), 0);
    return tr_out_term(&facts);
}

static const char *printed(tr_term term)
{
    static char text[65536];
    assert_true(tr_print(term, text, sizeof text) < sizeof text);
    return text;
}

/* The value of a key of the report that lies in out, as text; "" when there is none. */
static const char *told(const char *key)
{
    tr_term value;
    return tr_map_get_atom(tr_out_term(&out), key, &value) ? printed(value) : "";
}

static struct tri_frame frame(const char *function, const char *file, unsigned line,
                              const char *module)
{
    struct tri_frame made = {.address = 0x1010, .offset = 0x10, .function_offset = 4, .line = line};
    snprintf(made.function, sizeof made.function, "%s", function);
    snprintf(made.file, sizeof made.file, "%s", file);
    snprintf(made.module, sizeof made.module, "%s", module);
    tri_backtrace_mark(&made, 1);
    return made;
}

#define FACTS                                                                                      \
    "#{pid => <0.5.1>, node => bank@vm, os_pid => 4711, parent => <0.1.1>, entry => "              \
    "<<\"teller\">>,"                                                                              \
    "name => undefined, image => <<\"/bin/bank\">>, started_ns => 1795383000000000000,"            \
    "ended_ns => 1795383000250000000, code => 2, status => 11, restarts => 3,"                     \
    "last_exit => <<\"killed\">>, links => [<0.1.1>, <0.2.1>], is_given => false,"                 \
    "usage => #{max_rss_kb => 2048}, limits => #{},"                                               \
    "reason => {signal, sigsegv, #{core_dumped => false, address => 16}}}"

/* ---------------------------------------------------------------- the whole */

static void the_text_of_a_report_is_read_again(void **state)
{
    (void)state;
    struct tri_frame frames[] = {frame("decode_row", "/src/legacy.c", 88, "/bin/bank"),
                                 frame("", "", 0, "/usr/lib/libold.so")};
    struct tri_report report = {.id = "20261122T213000Z-bank-0.5.1",
                                .time_ns = 1795383000250000000ull,
                                .facts = facts_of(FACTS),
                                .frames = frames,
                                .frame_count = 2,
                                .errors = {"one\n\033[31mtwo\377\n", 14}};
    struct tr_out again = {0};
    tri_report_put(&out, &report);
    assert_int_equal(out.fault, 0);
    tr_term checked;
    assert_int_equal(tr_check(out.data, out.size_bytes, NULL, &checked), 0);
    TRI_AUTO(tri_freep) char *text = tri_report_text(tr_out_term(&out));
    assert_non_null(text);
    assert_int_equal(tri_report_parse(text, &again), 0);
    assert_true(tr_equal(tr_out_term(&out), tr_out_term(&again)));
    tr_out_deinit(&again);
}

static void a_report_tells_what_the_node_knows(void **state)
{
    (void)state;
    struct tri_report report = {.time_ns = 1795383000250000000ull, .facts = facts_of(FACTS)};
    tri_report_put(&out, &report);
    assert_string_equal(told("time"), "<<\"2026-11-22T21:30:00.250Z\">>");
    assert_string_equal(told("started"), "<<\"2026-11-22T21:30:00.000Z\">>");
    assert_string_equal(told("pid"), "<<\"<0.5.1>\">>");
    assert_string_equal(told("links"), "[<<\"<0.1.1>\">>,<<\"<0.2.1>\">>]");
    assert_string_equal(told("entry"), "<<\"teller\">>");
    assert_string_equal(told("restarts"), "3");
    assert_string_equal(told("last_exit"), "<<\"killed\">>");
    assert_string_equal(told("usage"), "#{max_rss_kb => 2048}");
    assert_string_equal(told("reason"), "{signal,sigsegv,#{core_dumped => false,address => 16}}");
    assert_string_equal(told("name"), ""); /* undefined is not told */
    assert_string_equal(told("backtrace"), "");
    assert_string_equal(told("in_hand"), "");
}

static void messages_are_told_as_terms_if_they_are_whole(void **state)
{
    (void)state;
    static const uint8_t message[] = {104, 2, 97, 1, 97, 2}; /* {1,2} */
    struct tri_kept whole = {.peer = tr_pid_make(7, 2).id,
                             .size_bytes = sizeof message,
                             .kept_bytes = sizeof message,
                             .bytes = message};
    struct tri_kept cut = whole, spoilt = whole;
    cut.size_bytes = 5000;
    spoilt.size_bytes = spoilt.kept_bytes = sizeof message - 1;
    struct tri_report report = {.facts = facts_of("#{}"),
                                .in_hand = whole,
                                .last_in = {cut, spoilt},
                                .in_count = 2,
                                .last_out = {whole},
                                .out_count = 1};
    tri_report_put(&out, &report);
    assert_string_equal(told("in_hand"), "#{from => <<\"<0.7.2>\">>,size => 6,term => {1,2}}");
    assert_string_equal(told("last_in"),
                        "[#{from => <<\"<0.7.2>\">>,size => 5000,bytes => <<104,2,97,1,97,2>>},"
                        "#{from => <<\"<0.7.2>\">>,size => 5,bytes => <<104,2,97,1,97>>}]");
    assert_string_equal(told("last_out"), "[#{to => <<\"<0.7.2>\">>,size => 6,term => {1,2}}]");
}

static void facts_that_are_none_make_a_report_that_says_little(void **state)
{
    (void)state;
    struct tri_report report = {
        .facts = facts_of("#{pid => 3, links => no, started_ns => -1, code => x, a => b}")};
    tri_report_put(&out, &report);
    assert_int_equal(out.fault, 0);
    assert_string_equal(told("links"), "");
    assert_string_equal(told("a"), "");
}

static void another_thread_is_told_of(void **state)
{
    (void)state;
    struct tri_crash crash = {.os_pid = 10, .thread_id = 11, .thread_name = "helper"};
    struct tri_report report = {.facts = facts_of("#{}"), .crash = &crash};
    tri_report_put(&out, &report);
    assert_string_equal(told("thread"), "#{id => 11,name => <<\"helper\">>}");
    tr_out_reset(&out);
    crash.thread_id = 10;
    tri_report_put(&out, &report);
    assert_string_equal(told("thread"), "");
}

static void what_is_no_report_is_not_read(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "[]", "#{", "#{a => }", "hello", "\377", "#{}. #{}"};
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(bad); i++)
        assert_int_equal(tri_report_parse(bad[i], &out), TR_MALFORMED);
    assert_int_equal(out.size_bytes, 0);
    assert_int_equal(tri_report_parse("#{}.\n", &out), 0);
}

/* ---------------------------------------------------------------- the answer */

static const char *answer_to(const char *text, const char *id, bool has_frames)
{
    struct tri_frame frames[] = {frame("memcpy", "", 0, "/usr/lib/libc.so.6"),
                                 frame("decode_row", "/src/legacy.c", 88, "/bin/bank")};
    struct tri_report report = {
        .id = id, .facts = facts_of(text), .frames = frames, .frame_count = has_frames ? 2 : 0};
    tri_report_put_answer(&out, &report);
    assert_int_equal(out.fault, 0);
    return printed(tr_out_term(&out));
}

static void the_answer_tells_where_it_was_and_the_reports_name(void **state)
{
    (void)state;
    assert_string_equal(answer_to("#{reason => {signal, sigsegv, #{address => 16}}}", "ID", true),
                        "{{signal,sigsegv,#{address => 16,at => <<\"decode_row (legacy.c:88)\">>,"
                        "report => <<\"ID\">>}},<<\"ID\">>}");
}

static void a_reason_of_which_nothing_more_is_known_stays_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(answer_to("#{reason => {signal, sigsegv, #{}}}", NULL, false),
                        "{{signal,sigsegv,#{}},undefined}");
}

static void a_reason_without_a_place_tells_the_reports_name(void **state)
{
    (void)state;
    assert_string_equal(answer_to("#{reason => {signal, sigkill, #{}}}", "ID", false),
                        "{{signal,sigkill,#{report => <<\"ID\">>}},<<\"ID\">>}");
}

static void a_reason_that_was_given_stays_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(answer_to("#{reason => {bad, #{}}, is_given => true}", NULL, true),
                        "{{bad,#{}},undefined}");
}

static void a_reason_without_info_stays_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(answer_to("#{reason => {exit_status, 3}}", "ID", true),
                        "{{exit_status,3},<<\"ID\">>}");
}

/* ---------------------------------------------------------------- where it was */

static void where_it_was_is_the_innermost_of_the_users_own(void **state)
{
    (void)state;
    struct tri_frame libc = frame("raise", "raise.c", 3, "/usr/lib/libc.so.6"),
                     ours = frame("tr_send", "send.c", 7, "/bin/bank"), jump = frame("", "", 0, ""),
                     stripped = frame("", "", 0, "/opt/libold.so"),
                     exported = frame("old_decode", "", 0, "/opt/libold.so"),
                     actor = frame("tr_actor_teller", "/s/t.c", 9, "/bin/bank");
    const struct {
        struct tri_frame frames[3];
        const char *at;
    } table[] = {
        {{libc, ours, exported}, "old_decode+0x4 (libold.so)"},
        {{libc, stripped, actor}, "libold.so+0x10"},
        {{jump, ours, actor}, "tr_actor_teller (t.c:9)"},
        {{libc, ours, ours}, "raise (raise.c:3)"},
        {{jump, ours, ours}, "0x1010"},
    };
    char at[TRI_AT_BYTES];
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(table); i++) {
        assert_true(tri_backtrace_at(table[i].frames, 3, at));
        assert_string_equal(at, table[i].at);
    }
    assert_false(tri_backtrace_at(table[0].frames, 0, at));
}

static void what_lies_beneath_an_actor_is_nobodys_own(void **state)
{
    (void)state;
    char send_c[256];
    snprintf(send_c, sizeof send_c, "%s/src/process/send.c", getenv("TROUPE_SOURCE_DIR"));
    struct tri_frame frames[] = {frame("helper", send_c, 7, "/bin/bank"),
                                 frame("decode_row", "/src/legacy.c", 88, "/bin/bank"),
                                 frame("tr_actor_teller", "/s/t.c", 9, "/bin/bank"),
                                 frame("tri_process_live.lto_priv.0", "", 0, "/bin/bank"),
                                 frame("serve", "", 0, "/bin/bank"),
                                 frame("main", "/s/t.c", 30, "/bin/bank")};
    assert_int_equal(tri_backtrace_mark(frames, 6), 2);
    assert_true(frames[1].is_own && frames[2].is_own);
}

static void what_identifies_processes_is_made_readable(void **state)
{
    (void)state;
    tr_term term = facts_of("{a, [<0.3.1>, \"text\", [1|<0.4.1>]], #{<0.5.1> => <<1,2,3:4>>}, []}");
    tri_put_readable(&out, term);
    assert_string_equal(printed(tr_out_term(&out)),
                        "{a,[<<\"<0.3.1>\">>,\"text\",[1|<<\"<0.4.1>\">>]],"
                        "#{<<\"<0.5.1>\">> => <<1,2,3:4>>},[]}");
}

static void what_is_nested_too_deep_is_told_as_text(void **state)
{
    (void)state;
    tr_bin text;
    for (int i = 0; i < 5000; i++)
        tr_put_tuple_of(&facts, 1);
    tr_put_nil(&facts);
    tri_put_readable(&out, tr_out_term(&facts));
    assert_true(tr_get_binary(tr_out_term(&out), &text));
    assert_in_range(text.size_bytes, 1000, 1024);
}

static void a_map_that_has_a_key_twice_is_told_as_text(void **state)
{
    (void)state;
    static const uint8_t twice[] = {116, 0, 0, 0, 2, 97, 1, 97, 2, 97, 1, 97, 3};
    tr_term term;
    assert_int_equal(tr_check(twice, sizeof twice, NULL, &term), 0);
    tri_put_readable(&out, term);
    assert_string_equal(printed(tr_out_term(&out)), "<<\"#{1 => 2,1 => 3}\">>");
}

/* ---------------------------------------------------------------- core files */

static void core_patterns_are_spelt_as_the_kernel_does(void **state)
{
    (void)state;
    const struct tri_core core = {.os_pid = 4711,
                                  .thread_id = 4712,
                                  .signal = 11,
                                  .time_s = 1000,
                                  .executable = "/usr/bin/bank",
                                  .thread_name = "a/b"};
    static const struct {
        const char *pattern, *path;
        bool adds_os_pid;
    } table[] = {
        {"core", "core", false},
        {"core", "core.4711", true},
        {"/var/%e.%p.%s.%t", "/var/a!b.4711.11.1000", true},
        {"%f-%i-%%-%E-%q", "bank-4712-%-!usr!bin!bank-", false},
        {"%%p", "%p.4711", true},
        {"core%", "core", false},
    };
    char path[TRI_CORE_PATH_BYTES], long_one[2 * TRI_CORE_PATH_BYTES];
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(table); i++) {
        assert_true(tri_core_spell(table[i].pattern, table[i].adds_os_pid, &core, path));
        assert_string_equal(path, table[i].path);
    }
    memset(long_one, 'x', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = '\0';
    assert_false(tri_core_spell(long_one, false, &core, path));
    assert_false(tri_core_spell("core.%d", false, &core, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        report_test(the_text_of_a_report_is_read_again),
        report_test(a_report_tells_what_the_node_knows),
        report_test(messages_are_told_as_terms_if_they_are_whole),
        report_test(facts_that_are_none_make_a_report_that_says_little),
        report_test(another_thread_is_told_of),
        report_test(what_is_no_report_is_not_read),
        report_test(the_answer_tells_where_it_was_and_the_reports_name),
        report_test(a_reason_of_which_nothing_more_is_known_stays_as_it_is),
        report_test(a_reason_without_a_place_tells_the_reports_name),
        report_test(a_reason_that_was_given_stays_as_it_is),
        report_test(a_reason_without_info_stays_as_it_is),
        report_test(where_it_was_is_the_innermost_of_the_users_own),
        report_test(what_lies_beneath_an_actor_is_nobodys_own),
        report_test(what_identifies_processes_is_made_readable),
        report_test(what_is_nested_too_deep_is_told_as_text),
        report_test(a_map_that_has_a_key_twice_is_told_as_text),
        report_test(core_patterns_are_spelt_as_the_kernel_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
