/* Examples: the small programs of the first day, run as a newcomer runs them, say what their READMEs say. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troupe.h>
#include <unistd.h>

#include "support/node.h"
#include "support/pipeline.h"

/* Each line of the text has the shape (of fnmatch) that is expected of it; there are no others. */
static void assert_lines(const char *text, const char *const shapes[])
{
    char *copy = strdup(text), *rest = copy;
    size_t at = 0;
    for (char *line; (line = strsep(&rest, "\n")) && *line; at++)
        if (!shapes[at] || fnmatch(shapes[at], line, 0) != 0)
            fail_msg("line %zu is \"%s\", not \"%s\"", at + 1, line,
                     shapes[at] ? shapes[at] : "the end");
    free(copy);
    if (shapes[at])
        fail_msg("line %zu is missing: \"%s\"", at + 1, shapes[at]);
}

static void counter_counts_tells_and_echoes(void **state)
{
    static const char *const shapes[] = {"the counter is at 42", "it told me 42", "it echoed hello",
                                         NULL};
    (void)state;
    struct program *counter = node_start("bin/counter", NULL);
    program_expect_exit(counter, 0);
    assert_lines(program_stdout(counter), shapes);
}

static void talk_to_the_counter(void *context)
{
    long value = 0;
    (void)context;
    assert_int_equal(tr_guest_join(NULL, "test", NULL, 0), 0);
    assert_int_equal(tr_send("counter", "{add, 5}"), 0);
    assert_int_equal(tr_send("counter", "{From, get}", tr_self()), 0);
    tr_receive {
        tr_case("{value, N}", &value) {
        }
        tr_after(TEST_DEADLINE_MS) {
        }
    }
    assert_int_equal(value, 5);
    tr_guest_leave();
}

static void counter_serves_until_it_is_stopped(void **state)
{
    (void)state;
    struct program *counter = node_start("bin/counter", "serve", NULL);
    wait_until(actor_exists("counter"));
    guest_run(talk_to_the_counter, NULL);
    node_stop(counter);
}

static void pingpong_tells_its_rate(void **state)
{
    static const char *const shapes[] = {"500 rounds in *.* s: * a second, *.* us each", NULL};
    (void)state;
    struct program *pingpong = node_start("bin/pingpong", "500", NULL);
    program_expect_exit(pingpong, 0);
    assert_lines(program_stdout(pingpong), shapes);
}

static void crashy_tells_the_reason_of_each_death(void **state)
{
    static const char *const shapes[] = {
        "segfaults                {signal,sigsegv,#{core_dumped => *}}",
        "aborts                   {signal,sigabrt,#{core_dumped => *}}",
        "divides_by_zero          {signal,sigfpe,#{core_dumped => *}}",
        "overflows_its_stack      {signal,sigsegv,#{core_dumped => *}}",
        "exits_with_3             {exit_status,3}",
        "is_killed_by_a_stranger  {signal,sigkill,#{core_dumped => *}}",
        "gives_a_reason           {out_of,?coffee,time?}",
        "returns                  normal",
        "loops_for_ever           killed",
        NULL,
    };
    (void)state;
    struct program *crashy = node_start("bin/crashy", NULL);
    program_expect_exit(crashy, 0);
    assert_lines(program_stdout(crashy), shapes);
}

static void programs_sort_calculate_and_fail(void **state)
{
    static const char *const shapes[] = {"sort: apple",
                                         "sort: fig",
                                         "sort: pear",
                                         "bc: 6 ? 7 = 42",
                                         "bc: 2 ^ 100 = 1267650600228229401496703205376",
                                         "sh: {signal,sigsegv,#{core_dumped => *}}",
                                         NULL};
    (void)state;
    struct program *programs = node_start("bin/programs", NULL);
    program_expect_exit(programs, 0);
    assert_lines(program_stdout(programs), shapes);
}

/* A million lines are tests/scale/test_pipeline.c. */
static void pipeline_loses_no_line(void **state)
{
    (void)state;
    pipeline_run(50000, "50000 lines = 49948 written + 52 rejected (1 too long, 50 not UTF-8, 1 "
                        "malformed)\n");
}

static void kv_tells_of_a_server_that_is_killed_in_a_call(void **state)
{
    static const char *const shapes[] = {
        "alice asks    {put,apples,3}",
        "alice gets    ok",
        "bob   asks    {get,apples}",
        "bob   gets    {ok,3}",
        "bob   asks    {put,<<\"pears\">>,{crate,12}}",
        "bob   gets    ok",
        "alice asks    {get,<<\"pears\">>}",
        "alice gets    {ok,{crate,12}}",
        "alice asks    {get,plums}",
        "alice gets    error",
        "alice tells   {delete,apples}",
        "alice asks    {get,apples}",
        "alice gets    error",
        "alice asks    {take_an_hour,<0.1.1>}",
        "somebody types: kill -9 *",
        "alice is told {signal,sigkill,#{core_dumped => false*}}",
        "that took *.* ms",
        "bob   asks    {get,<<\"pears\">>}",
        "bob   is told noproc",
        "bob   asks    {get,<<\"pears\">>}",
        "bob   gets    error",
        NULL,
    };
    (void)state;
    struct program *kv = node_start("bin/kv", NULL);
    program_expect_exit(kv, 0);
    assert_lines(program_stdout(kv), shapes);
}

static void talk_to_kv(void *context)
{
    TR_REPLY reply = {0};
    (void)context;
    assert_int_equal(tr_guest_join(NULL, "test", NULL, 0), 0);
    assert_int_equal(tr_call("kv", TEST_DEADLINE_MS, &reply, "{put, {any, key}, \"value\"}"), 0);
    assert_int_equal(tr_call("kv", TEST_DEADLINE_MS, &reply, "{get, {any, key}}"), 0);
    assert_int_equal(tr_match(reply.term, "{ok, \"value\"}"), 0);
    tr_reply_deinit(&reply);
    tr_guest_leave();
}

static void kv_serves_until_it_is_stopped(void **state)
{
    (void)state;
    struct program *kv = node_start("bin/kv", "serve", NULL);
    wait_until(actor_exists("kv"));
    guest_run(talk_to_kv, NULL);
    node_stop(kv);
}

static void shop_keeps_a_cart_for_each_customer(void **state)
{
    static const char *const shapes[] = {
        "Joe has nothing",          "Joe has 3 tea 1 cake, for 14.70", "Ann has 1 coffee, for 5.10",
        "Joe has 3 tea, for 10.50", "Ann has nothing to pay",          "Joe's cart is put back",
        "Joe pays 10.50",           "Ann's cart is put back",          NULL,
    };
    (void)state;
    struct program *shop = node_start("bin/shop", NULL);
    program_expect_exit(shop, 0);
    assert_lines(program_stdout(shop), shapes);
}

/* Plays the scene once; carol and mallory have so much in it, alice and bob have moved coins meanwhile. */
static void play_bank(const char *journal, long carols, long mallorys)
{
    char audit[64], books[64];
    long alices, bobs;
    snprintf(audit, sizeof audit, "carol has %ld, all together have 400", carols);
    snprintf(books, sizeof books, "alice * + bob * + carol %ld + mallory %ld = 400", carols,
             mallorys);
    const char *const shapes[] = {
        audit,
        "kill -9 carol    sigkill: carol  -> south starts again",
        audit,
        "kill -9 ledger   sigkill: ledger  shutdown: mallory carol south bob alice north branches"
        "  -> bank starts again",
        audit,
        "100 / 0          sigfpe: mallory  -> south starts again",
        "100 / 0          sigfpe: mallory  shutdown: carol south  -> branches starts again",
        "100 / 0          sigfpe: mallory  -> south starts again",
        "100 / 0          sigfpe: mallory  shutdown: carol south bob alice north branches"
        "  -> bank starts again",
        "100 / 0          sigfpe: mallory  -> south starts again",
        "100 / 0          sigfpe: mallory  shutdown: carol south  -> branches starts again",
        "100 / 0          sigfpe: mallory  -> south starts again",
        "100 / 0          sigfpe: mallory  shutdown: carol south bob alice north branches ledger"
        "  -> bank gives up",
        books,
        NULL,
    };
    struct program *bank = node_start("bin/bank", journal, NULL);
    program_expect_exit(bank, 1);
    assert_lines(program_stdout(bank), shapes);
    assert_non_null(strstr(program_stderr(bank), "ended: {the_bank_gave_up,shutdown}"));
    const char *last = strstr(program_stdout(bank), "\nalice ");
    assert_int_equal(sscanf(last, "\nalice %ld + bob %ld", &alices, &bobs), 2);
    assert_int_equal(alices + bobs + carols + mallorys, 400);
}

static void bank_escalates_to_the_top_and_loses_no_money(void **state)
{
    char journal[300];
    (void)state;
    snprintf(journal, sizeof journal, "%s/journal", fixture_run_dir());
    play_bank(journal, 70, 130);
    play_bank(journal, 40, 160);
    unlink(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(counter_counts_tells_and_echoes),
        node_test(counter_serves_until_it_is_stopped),
        node_test(pingpong_tells_its_rate),
        node_test(crashy_tells_the_reason_of_each_death),
        node_test(programs_sort_calculate_and_fail),
        node_test(pipeline_loses_no_line),
        node_test(kv_tells_of_a_server_that_is_killed_in_a_call),
        node_test(kv_serves_until_it_is_stopped),
        node_test(shop_keeps_a_cart_for_each_customer),
        node_test(bank_escalates_to_the_top_and_loses_no_money),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
