/* Rules 1 to 5 of SEMANTICS.md: signals and their order. Each case is a root actor. */
#include <sched.h>
#include <string.h>

#include "conformance/deaths.h"
#include "conformance/puppet.h"
#include "support/process_state.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- 1: order */

/* Counts from 0 upward to the address in its argument. */
TR_ACTOR(counting)
{
    tr_pid to;
    long count;
    CHECK(tr_match(argument, "{To, Count}", &to, &count) == 0);
    for (long i = 0; i < count; i++)
        CHECK(tr_send(to, "{word, I}", i) == 0);
}

/* SEMANTICS 1 */
TR_ACTOR(messages_arrive_in_the_order_sent)
{
    CHECK(tr_spawn(NULL, "counting", "{To, 20000}", tr_self()) == 0);
    for (long i = 0; i < 20000; i++)
        EXPECT_NEXT("{word, I}", i);
}

/* Sends ten words, an exit signal, ten words … : the first over the mailbox plane, the second through the node. */
TR_ACTOR(mixing)
{
    for (long i = 0; i < 1000; i++)
        if (i % 10 == 9)
            tr_exit_process(tr_parent(), "{mark, I}", i);
        else
            tr_send(tr_parent(), "{word, I}", i);
}

/* SEMANTICS 1 */
TR_ACTOR(exit_signals_keep_their_place_among_messages)
{
    tr_pid mixing;
    tr_trap_exit(true);
    CHECK(tr_spawn(&mixing, "mixing", "[]") == 0);
    for (long i = 0; i < 1000; i++)
        if (i % 10 == 9)
            EXPECT_NEXT("{'EXIT', From, {mark, I}}", mixing, i);
        else
            EXPECT_NEXT("{word, I}", i);
}

/* Sends to its parent by name, by pid and by alias in turn. Its argument is the alias. */
TR_ACTOR(addressing)
{
    tr_ref alias;
    CHECK(tr_match(argument, "Alias", &alias) == 0);
    for (long i = 0; i < 999; i += 3) {
        tr_send("boss", "{word, I}", i);
        tr_send(tr_parent(), "{word, I}", i + 1);
        tr_send(alias, "{word, I}", i + 2);
    }
}

/* SEMANTICS 1 */
TR_ACTOR(name_pid_and_alias_are_one_address)
{
    CHECK(tr_register("boss", tr_self()) == 0);
    CHECK(tr_spawn(NULL, "addressing", "Alias", tr_alias(TR_ALIAS)) == 0);
    for (long i = 0; i < 999; i++)
        EXPECT_NEXT("{word, I}", i);
}

/* Every fifth word is too large for a frame, and travels as a file. */
TR_ACTOR(shouting)
{
    static char large[200000];
    for (long i = 0; i < 50; i++) {
        tr_bin body = {.data = large, .size_bytes = i % 5 ? 10 : sizeof large};
        tr_send(tr_parent(), "{word, I, Body}", i, body);
    }
}

/* SEMANTICS 1 */
TR_ACTOR(large_messages_keep_their_place)
{
    tr_bin body;
    CHECK(tr_spawn(NULL, "shouting", "[]") == 0);
    for (long i = 0; i < 50; i++) {
        EXPECT_NEXT("{word, I, Body}", i, &body);
        CHECK(body.size_bytes == (i % 5 ? 10 : 200000));
    }
}

/* SEMANTICS 1 */
TR_ACTOR(messages_to_oneself_arrive_in_order)
{
    for (long i = 0; i < 100; i++)
        CHECK(tr_send(tr_self(), "{word, I}", i) == 0);
    for (long i = 0; i < 100; i++)
        EXPECT_NEXT("{word, I}", i);
}

/* ---------------------------------------------------------------- 2: exit signals need no receive */

/* Says by a name that it is there, and never enters the runtime again. Its argument tells what it does instead. */
TR_ACTOR(deaf)
{
    CHECK(tr_register("deaf", tr_self()) == 0);
    if (tr_is_atom(argument, "stopped"))
        raise(SIGSTOP);
    if (tr_is_atom(argument, "sleeping"))
        for (;;)
            pause();
    for (volatile bool for_ever = true; for_ever;)
        ;
}

static void await_name(const char *name)
{
    for (int i = 0; tr_pid_is_none(tr_whereis(name)); i++) {
        CHECK(i < CHECK_DEADLINE_MS);
        usleep(1000);
    }
}

/* A deaf actor, which the kernel says to be in that state. */
static tr_pid deaf_new(const char *how, char state, tr_ref *ret_ref)
{
    tr_pid deaf;
    CHECK(tr_spawn_monitor(&deaf, ret_ref, "deaf", "How", atom(how)) == 0);
    await_name("deaf");
    int os_pid = actor_os_pid(deaf);
    while (process_state(os_pid) != state)
        usleep(1000);
    return deaf;
}

static void ends_the_deaf(const char *how, char state)
{
    tr_ref ref;
    tr_pid deaf = deaf_new(how, state, &ref);
    tr_exit_process(deaf, "{tired, 1}");
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, {tired, 1}}", ref, deaf);
}

/* SEMANTICS 2 */
TR_ACTOR(an_exit_signal_ends_a_receiver_that_computes) { ends_the_deaf("computing", 'R'); }

/* SEMANTICS 2 */
TR_ACTOR(an_exit_signal_ends_a_receiver_that_sleeps) { ends_the_deaf("sleeping", 'S'); }

/* SEMANTICS 2 */
TR_ACTOR(an_exit_signal_ends_a_receiver_that_is_stopped) { ends_the_deaf("stopped", 'T'); }

/* SEMANTICS 2 */
TR_ACTOR(a_link_ends_a_receiver_that_is_stopped)
{
    tr_ref ref;
    tr_pid deaf = deaf_new("stopped", 'T', &ref), puppet = puppet_new();
    TELL(puppet, "{link, Pid}", deaf);
    tr_send(puppet, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, boom}", ref, deaf);
}

/* Computes until the signal has been sent, which it sees in shared memory alone, and only then traps exits. */
TR_ACTOR(repenting)
{
    CHECK(tr_register("repenting", tr_self()) == 0);
    while (tr_pid_is_none(tr_whereis("signal_was_sent")))
        sched_yield();
    tr_trap_exit(true);
    tr_send(tr_parent(), "saved");
    tr_receive {
        tr_case("{'EXIT', _, _}")
            tr_exit("saved");
    }
}

/* SEMANTICS 2 */
TR_ACTOR(trapping_after_the_exit_signal_does_not_save)
{
    tr_pid repenting;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&repenting, &ref, "repenting", "[]") == 0);
    await_name("repenting");
    tr_exit_process(repenting, "tired");
    CHECK(tr_register("signal_was_sent", tr_self()) == 0);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, tired}", ref, repenting);
}

/* ---------------------------------------------------------------- 3: sending to the dead */

/* SEMANTICS 3 */
TR_ACTOR(sending_to_a_dead_pid_is_silent)
{
    tr_pid dead = dead_process();
    for (int i = 0; i < 1000; i++)
        CHECK(tr_send(dead, "{hello, I}", i) == 0);
    CHECK(tr_send(unborn_process(), "hello") == 0);
    EXPECT_NOTHING();
}

/* SEMANTICS 3 */
TR_ACTOR(sending_to_an_unregistered_name_is_an_outcome)
{
    CHECK(tr_send("nobody", "hello") == TR_NOPROC);
    CHECK(tr_register("somebody", tr_self()) == 0);
    CHECK(tr_send("somebody", "hello") == 0);
    CHECK(tr_unregister("somebody") == 0);
    CHECK(tr_send("somebody", "hello") == TR_NOPROC);
    EXPECT_NEXT("hello");
}

/* ---------------------------------------------------------------- 4: resources before DOWN */

/* A named child dies; when the news is here, the name is free. */
static void name_is_free_after(const char *news_of, long round)
{
    struct tr_spawn_options options = {.name = "named", .flags = TR_SPAWN_LINK | TR_SPAWN_MONITOR};
    tr_pid pid;
    tr_ref ref;
    CHECK(tr_spawn_term("puppet", &options, no_argument(), &pid, &ref) == 0);
    CHECK(tr_pid_equal(tr_whereis("named"), pid));
    if (round % 2)
        tr_send(pid, "{exit, boom}");
    else
        tr_exit_process(pid, "kill");
    if (strcmp(news_of, "EXIT") == 0)
        EXPECT("{'EXIT', Pid, _}", pid);
    else
        EXPECT("{'DOWN', Ref, _, _, _}", ref);
    CHECK(tr_pid_is_none(tr_whereis("named")));
    CHECK(!tr_is_alive(pid));
    CHECK(tr_send("named", "hello") == TR_NOPROC);
}

/* SEMANTICS 4 */
TR_ACTOR(after_DOWN_the_name_is_free)
{
    tr_trap_exit(true);
    for (long round = 0; round < 30; round++)
        name_is_free_after("DOWN", round);
}

/* SEMANTICS 4 */
TR_ACTOR(after_EXIT_the_name_is_free)
{
    tr_trap_exit(true);
    for (long round = 0; round < 30; round++)
        name_is_free_after("EXIT", round);
}

/* ---------------------------------------------------------------- 5: last words */

/* Speaks and dies: argument {Count, BodyBytes, Way}. The body tells its own length. */
TR_ACTOR(dying)
{
    static char body[300000];
    long count, body_bytes;
    tr_atom way;
    CHECK(tr_match(argument, "{Count, Bytes, Way}", &count, &body_bytes, &way) == 0);
    tr_bin bin = {.data = body, .size_bytes = (size_t)body_bytes};
    for (long i = 0; i < count; i++)
        CHECK(tr_send(tr_parent(), "{word, I, B}", i, bin) == 0);
    die(way);
}

enum hearing { PROMPTLY, LATE };

/* Hears `count` words, in their order, all of them before the DOWN, and nothing after it. */
static tr_ref hears_all_words(const char *way, long count, long body_bytes, enum hearing hearing)
{
    tr_pid dying;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&dying, &ref, "dying", "{Count, Bytes, Way}", count, body_bytes,
                           atom(way)) == 0);
    while (hearing == LATE && tr_is_alive(dying))
        usleep(1000);
    for (long i = 0; i < count; i++)
        EXPECT_NEXT("{word, I, _}", i);
    return ref;
}

/* For each way: a receiver that is ready for many, one that does not look before the sender is dead, one of large
 * bodies. */
#define LAST_WORDS(name, way, reason)                                                              \
    /* SEMANTICS 5 */                                                                              \
    TR_ACTOR(words_before_##name##_arrive_before_DOWN)                                             \
    {                                                                                              \
        tr_ref ref = hears_all_words(way, 5000, 16, PROMPTLY);                                     \
        EXPECT_NEXT("{'DOWN', Ref, process, _, " reason "}", ref);                                 \
        ref = hears_all_words(way, 10, 300000, PROMPTLY);                                          \
        EXPECT_NEXT("{'DOWN', Ref, process, _, " reason "}", ref);                                 \
        puppet_await(puppet_new());                                                                \
        EXPECT_NOTHING();                                                                          \
    }                                                                                              \
    /* SEMANTICS 5 */                                                                              \
    TR_ACTOR(words_before_##name##_reach_the_late)                                                 \
    {                                                                                              \
        tr_ref ref = hears_all_words(way, 300, 100, LATE);                                         \
        EXPECT_NEXT("{'DOWN', Ref, process, _, " reason "}", ref);                                 \
        ref = hears_all_words(way, 3, 300000, LATE);                                               \
        EXPECT_NEXT("{'DOWN', Ref, process, _, " reason "}", ref);                                 \
        puppet_await(puppet_new());                                                                \
        EXPECT_NOTHING();                                                                          \
    }

LAST_WORDS(return, "return", "normal")
LAST_WORDS(exit_normal, "exit_normal", "normal")
LAST_WORDS(exit_boom, "exit_boom", "boom")
LAST_WORDS(_exit_0, "_exit_0", "normal")
LAST_WORDS(_exit_3, "_exit_3", "{exit_status, 3}")
LAST_WORDS(exit_3, "exit_3", "{exit_status, 3}")
LAST_WORDS(sigsegv, "sigsegv", "{signal, sigsegv, _}")
LAST_WORDS(sigkill, "sigkill", "{signal, sigkill, _}")
LAST_WORDS(abort, "abort", "{signal, sigabrt, _}")
LAST_WORDS(overflow, "overflow", "{signal, sigsegv, _}")

/* SEMANTICS 5 */
TR_ACTOR(words_arrive_before_the_EXIT_of_a_link)
{
    tr_pid dying;
    tr_trap_exit(true);
    CHECK(tr_spawn_link(&dying, "dying", "{1000, 16, sigkill}") == 0);
    for (long i = 0; i < 1000; i++)
        EXPECT_NEXT("{word, I, _}", i);
    EXPECT_NEXT("{'EXIT', Pid, {signal, sigkill, _}}", dying);
}

/* Speaks without end. */
TR_ACTOR(talkative)
{
    for (long i = 0;; i++)
        tr_send(tr_parent(), "{word, I}", i);
}

/* SEMANTICS 5: what arrives of one who is killed while it speaks has no gap, and nothing follows its DOWN. */
TR_ACTOR(the_words_of_one_who_is_interrupted_have_no_gap)
{
    for (int round = 0; round < 10; round++) {
        tr_pid talkative;
        tr_ref ref;
        CHECK(tr_spawn_monitor(&talkative, &ref, "talkative", "[]") == 0);
        long next = 0, limit = 100 * round;
        for (bool is_down = false; !is_down;)
            tr_receive {
                tr_case("{word, I}", next) {
                    if (next++ == limit)
                        tr_exit_process(talkative, "kill");
                }
                tr_case("{'DOWN', Ref, process, _, killed}", ref)
                    is_down = true;
                tr_case("_")
                    CHECK(!"a gap");
                tr_after(CHECK_DEADLINE_MS)
                    CHECK(!"silence");
            }
        CHECK(next > limit);
        puppet_await(puppet_new());
        EXPECT_NOTHING();
    }
}

/* SEMANTICS 5 */
TR_ACTOR(the_words_of_many_who_die_at_once_arrive)
{
    static const char *const ways[] = {"sigkill", "_exit_3", "sigsegv", "exit_normal"};
    enum { SENDERS = 20, WORDS = 200 };
    tr_ref refs[SENDERS];
    tr_pid pids[SENDERS];
    for (int i = 0; i < SENDERS; i++)
        CHECK(tr_spawn_monitor(&pids[i], &refs[i], "dying", "{Count, 16, Way}", WORDS,
                               atom(ways[i % 4])) == 0);
    for (int i = 0; i < SENDERS; i++)
        while (tr_is_alive(pids[i]))
            usleep(1000);
    int words = 0, downs = 0;
    while (downs < SENDERS)
        tr_receive {
            tr_case("{word, _, _}")
                words++;
            tr_case("{'DOWN', _, process, _, _}")
                downs++;
            tr_after(CHECK_DEADLINE_MS)
                CHECK(!"all go down");
        }
    CHECK(words == SENDERS * WORDS);
}
