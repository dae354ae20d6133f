/* Bounded mailboxes: each policy, and what no policy may touch. Each case is a root actor. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "conformance/puppet.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- what a case knows of others */

/* A natural number that process_info tells of a process. */
static long fact(tr_pid pid, const char *key)
{
    struct tr_out info = {0};
    struct tr_iter iter;
    tr_term name, value;
    int64_t found = -1;
    CHECK(tr_process_info(pid, &info) == 0);
    CHECK(tr_get_map(tr_out_term(&info), &iter));
    while (tr_next(&iter, &name) && tr_next(&iter, &value))
        if (tr_is_atom(name, key))
            CHECK(tr_get_integer(value, &found));
    tr_out_deinit(&info);
    return (long)found;
}

/* Waits until something is so of another process. */
#define AWAIT(claim)                                                                               \
    for (int await_ms = 0; !(claim); await_ms++) {                                                 \
        CHECK(await_ms < CHECK_DEADLINE_MS);                                                       \
        usleep(1000);                                                                              \
    }

/* The sign that the idle wait for is a registered name: they see it in shared memory. */
static void give_sign(void) { CHECK(tr_register("sign", tr_self()) == 0); }

/* Takes in mail all the time, and receives none, until the sign is given. */
static void idle(void)
{
    while (tr_pid_is_none(tr_whereis("sign"))) {
        fact(tr_self(), "os_pid");
        usleep(500);
    }
}

static tr_pid spawn_bounded(const char *entry, uint64_t messages, uint64_t bytes, unsigned policy,
                            tr_term argument)
{
    tr_pid pid;
    const struct tr_spawn_options options = {
        .mailbox_max_messages = messages, .mailbox_max_bytes = bytes, .mailbox_policy = policy};
    CHECK(tr_spawn_term(entry, &options, argument, &pid, NULL) == 0);
    return pid;
}

/* ---------------------------------------------------------------- the other parties */

enum { SENDERS = 3, POURED = 20000 };

/* Sends the numbers from 0 to its parent's child: {To, Who, Count}. */
TR_ACTOR(pouring)
{
    tr_pid to;
    long who, count;
    CHECK(tr_match(argument, "{To, Who, Count}", &to, &who, &count) == 0);
    for (long i = 0; i < count; i++)
        CHECK(tr_send(to, "{word, Who, I}", who, i) == 0);
    tr_send(tr_parent(), "poured");
    tr_receive {
        tr_case("die")
            raise(SIGKILL);
    }
}

/* Idles, then receives from every sender all its numbers in order, each once, and reports the greatest length that its
 * mailbox had. Its argument is how many of each. */
TR_ACTOR(counting)
{
    long next[SENDERS] = {0}, who, i, count, length, greatest = 0;
    CHECK(tr_match(argument, "Count", &count) == 0);
    idle();
    for (long received = 0; received < SENDERS * count; received++) {
        tr_receive {
            tr_case("{word, Who, I}", &who, &i)
                CHECK(who < SENDERS && i == next[who]++);
        }
        if (received % 1000 == 0 && (length = fact(tr_self(), "message_queue_len")) > greatest)
            greatest = length;
    }
    tr_send(tr_parent(), "{counted, Greatest, Duplicates}", greatest,
            fact(tr_self(), "duplicates"));
}

static tr_pid spawn_counting(uint64_t messages, long count)
{
    struct tr_out out = {0};
    tr_put_integer(&out, count);
    tr_pid pid = spawn_bounded("counting", messages, 0, TR_MAILBOX_WAITS, tr_out_term(&out));
    tr_out_deinit(&out);
    return pid;
}

/* Idles, then tells how many words there are, from 0 on without a gap. */
TR_ACTOR(reckoning)
{
    long i, count = 0;
    bool is_over = false;
    idle();
    while (!is_over)
        tr_receive {
            tr_case("{word, _, I}", &i)
                CHECK(i == count++);
            tr_after(0)
                is_over = true;
        }
    tr_send(tr_parent(), "{reckoned, Count}", count);
}

/* ---------------------------------------------------------------- waits */

TR_ACTOR(many_senders_wait_for_a_full_mailbox_and_nothing_is_lost)
{
    long greatest, duplicates;
    tr_pid counting = spawn_counting(100, POURED);
    for (long who = 0; who < SENDERS; who++)
        CHECK(tr_spawn(NULL, "pouring", "{To, Who, Count}", counting, who, (long)POURED) == 0);
    AWAIT(fact(counting, "message_queue_len") == 100);
    give_sign();
    for (int i = 0; i < SENDERS; i++)
        EXPECT("poured");
    tr_receive {
        tr_case("{counted, Greatest, Duplicates}", &greatest, &duplicates) {
            CHECK(greatest <= 100);
            CHECK(duplicates == 0);
        }
        tr_after(CHECK_DEADLINE_MS)
            CHECK(false);
    }
}

/* Sends words until the receiver's share is used up; how many there are then, `count` of them sent before. */
static long pour_until_busy(tr_pid to, long count)
{
    int r;
    while ((r = tr_send_nowait(to, "{word, 0, I}", count)) == 0)
        count++;
    CHECK(r == TR_BUSY);
    return count;
}

TR_ACTOR(a_sender_that_may_not_wait_is_told_that_the_mailbox_is_full)
{
    long received;
    tr_pid reckoning = spawn_bounded("reckoning", 10, 0, TR_MAILBOX_WAITS, no_argument());
    long sent = pour_until_busy(reckoning, 0);
    CHECK(sent > 10);
    AWAIT(fact(reckoning, "message_queue_len") == 10);
    sent = pour_until_busy(reckoning, sent);
    CHECK(tr_send_nowait(reckoning, "{word, 0, 0}") == TR_BUSY);
    CHECK(fact(reckoning, "messages_in") == 10);
    give_sign();
    EXPECT("{reckoned, Count}", &received);
    CHECK(received >= 10 && received <= sent);
}

TR_ACTOR(a_stopped_receiver_with_a_bound_gets_everything_when_it_goes_on)
{
    tr_pid counting = spawn_counting(10, 200);
    pid_t os_pid = (pid_t)fact(counting, "os_pid");
    CHECK(kill(os_pid, SIGSTOP) == 0);
    for (long who = 0; who < SENDERS; who++)
        CHECK(tr_spawn(NULL, "pouring", "{To, Who, 200}", counting, who) == 0);
    for (int i = 0; i < SENDERS; i++)
        EXPECT("poured");
    give_sign();
    CHECK(kill(os_pid, SIGCONT) == 0);
    EXPECT("{counted, _, 0}");
}

/* Watches the one who pours, idles until that is dead, and finds all its words before its DOWN. */
TR_ACTOR(mourning)
{
    tr_pid pouring;
    tr_ref ref;
    EXPECT("{watch, Pid}", &pouring);
    ref = watch(pouring);
    tr_send(tr_parent(), "watching");
    idle();
    for (long i = 0; i < 500; i++)
        EXPECT_NEXT("{word, 0, I}", i);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, {signal, sigkill, _}}", ref, pouring);
    EXPECT_NOTHING();
    tr_send(tr_parent(), "mourned");
}

TR_ACTOR(what_waits_with_a_killed_sender_comes_before_its_DOWN)
{
    tr_pid pouring, mourning = spawn_bounded("mourning", 10, 0, TR_MAILBOX_WAITS, no_argument());
    CHECK(tr_spawn(&pouring, "pouring", "{To, 0, 500}", mourning) == 0);
    tr_send(mourning, "{watch, Pid}", pouring);
    EXPECT("watching");
    EXPECT("poured");
    AWAIT(fact(mourning, "message_queue_len") >= 10);
    tr_send(pouring, "die");
    AWAIT(!tr_is_alive(pouring));
    give_sign();
    EXPECT("mourned");
}

/* Waits for one kind of message, then tells what else has come, in order. */
TR_ACTOR(choosing)
{
    idle();
    CHECK(fact(tr_self(), "message_queue_len") == 5);
    EXPECT("wanted");
    for (long i = 0; i < 300; i++)
        EXPECT_NEXT("{word, 0, I}", i);
    tr_send(tr_parent(), "chosen");
}

TR_ACTOR(a_selective_receive_finds_what_waits_behind_a_full_mailbox)
{
    tr_pid choosing = spawn_bounded("choosing", 5, 0, TR_MAILBOX_WAITS, no_argument());
    for (long i = 0; i < 300; i++)
        tr_send(choosing, "{word, 0, I}", i);
    tr_send(choosing, "wanted");
    AWAIT(fact(choosing, "message_queue_len") == 5);
    give_sign();
    EXPECT("chosen");
}

/* Asks again and again, without waiting, for what comes behind 300 others. */
TR_ACTOR(asking)
{
    bool has_it = false;
    idle();
    for (int tries = 0; !has_it; tries++) {
        CHECK(tries < 20000);
        CHECK(fact(tr_self(), "message_queue_len") <= 5 + tries);
        tr_receive {
            tr_case("wanted")
                has_it = true;
            tr_after(0)
                usleep(100);
        }
    }
    tr_send(tr_parent(), "chosen");
}

TR_ACTOR(a_receive_that_does_not_wait_lets_one_message_in)
{
    tr_pid asking = spawn_bounded("asking", 5, 0, TR_MAILBOX_WAITS, no_argument());
    for (long i = 0; i < 300; i++)
        tr_send(asking, "{word, 0, I}", i);
    tr_send(asking, "wanted");
    AWAIT(fact(asking, "message_queue_len") == 5);
    give_sign();
    EXPECT("chosen");
}

/* Sends 20,000 words to the next one in the ring, and only then receives as many. */
TR_ACTOR(flooding)
{
    tr_pid next;
    EXPECT("{next, Pid}", &next);
    for (long i = 0; i < POURED; i++)
        CHECK(tr_send(next, "{word, 0, I}", i) == 0);
    for (long i = 0; i < POURED; i++)
        EXPECT("{word, 0, I}", i);
    tr_send(tr_parent(), "flooded");
}

static void flood_in_a_ring(int count)
{
    tr_pid ring[3];
    for (int i = 0; i < count; i++)
        ring[i] = spawn_bounded("flooding", 5, 0, TR_MAILBOX_WAITS, no_argument());
    for (int i = 0; i < count; i++)
        tr_send(ring[i], "{next, Pid}", ring[(i + 1) % count]);
    for (int i = 0; i < count; i++)
        EXPECT("flooded");
}

TR_ACTOR(two_with_full_mailboxes_that_flood_each_other_go_on) { flood_in_a_ring(2); }
TR_ACTOR(three_with_full_mailboxes_in_a_ring_go_on) { flood_in_a_ring(3); }

/* Hands on every word to the process in its argument. */
TR_ACTOR(handing_on)
{
    tr_pid to;
    long i;
    CHECK(tr_match(argument, "To", &to) == 0);
    for (;;)
        tr_receive {
            tr_case("{word, 0, I}", &i)
                CHECK(tr_send(to, "{word, 0, I}", i) == 0);
        }
}

TR_ACTOR(who_waits_for_a_full_mailbox_keeps_its_own_bound)
{
    tr_pid middle;
    struct tr_out to = {0};
    tr_pid last = spawn_bounded("reckoning", 10, 0, TR_MAILBOX_WAITS, no_argument());
    tr_put_pid(&to, last);
    middle = spawn_bounded("handing_on", 10, 0, TR_MAILBOX_WAITS, tr_out_term(&to));
    tr_out_deinit(&to);
    long sent = 0;
    for (int quiet_ms = 0; quiet_ms < 300; quiet_ms++) {
        for (; tr_send_nowait(middle, "{word, 0, I}", sent) == 0; sent++)
            quiet_ms = 0;
        usleep(1000);
    }
    CHECK(fact(last, "message_queue_len") == 10);
    CHECK(fact(middle, "message_queue_len") <= 10);
    CHECK(fact(last, "messages_in") + fact(middle, "message_queue_len") < sent);
    give_sign();
}

/* A full mailbox in which EXIT, DOWN, a timer and a message to oneself find room all the same. */
TR_ACTOR(besieged)
{
    tr_ref timer;
    tr_pid puppet = puppet_new();
    tr_trap_exit(true);
    tr_link(puppet);
    tr_ref ref = watch(puppet);
    tr_send(tr_parent(), "{besieged, Pid}", puppet);
    idle();
    CHECK(fact(tr_self(), "message_queue_len") == 5);
    CHECK(tr_start_timer(0, tr_self(), &timer, "late") == 0);
    CHECK(tr_send(tr_self(), "own") == 0);
    tr_send(puppet, "{exit, boom}");
    AWAIT(fact(tr_self(), "message_queue_len") == 9);
    for (long i = 0; i < 5; i++)
        EXPECT_NEXT("{word, 0, I}", i);
    EXPECT("own");
    EXPECT("{timeout, Ref, late}", timer);
    EXPECT("{'EXIT', Pid, boom}", puppet);
    EXPECT("{'DOWN', Ref, process, Pid, boom}", ref, puppet);
    tr_send(tr_parent(), "relieved");
}

static void besiege(unsigned policy, long words)
{
    tr_pid besieged = spawn_bounded("besieged", 5, 0, policy, no_argument());
    EXPECT("{besieged, _}");
    for (long i = 0; i < words; i++)
        tr_send(besieged, "{word, 0, I}", i);
    AWAIT(fact(besieged, "message_queue_len") == 5);
    give_sign();
    EXPECT("relieved");
}

TR_ACTOR(signals_and_own_messages_find_room_where_senders_wait) { besiege(TR_MAILBOX_WAITS, 50); }
TR_ACTOR(signals_and_own_messages_find_room_where_messages_are_dropped)
{
    besiege(TR_MAILBOX_DROPS, 50);
}
TR_ACTOR(signals_and_own_messages_do_not_kill) { besiege(TR_MAILBOX_KILLS, 5); }

/* ---------------------------------------------------------------- drops */

TR_ACTOR(what_finds_no_room_is_dropped_and_counted)
{
    tr_pid reckoning = spawn_bounded("reckoning", 10, 0, TR_MAILBOX_DROPS, no_argument());
    for (long i = 0; i < 1000; i++)
        tr_send(reckoning, "{word, 0, I}", i);
    AWAIT(fact(reckoning, "dropped") == 990);
    CHECK(fact(reckoning, "message_queue_len") == 10);
    CHECK(fact(reckoning, "messages_in") == 10);
    give_sign();
    EXPECT("{reckoned, 10}");
}

TR_ACTOR(bytes_count_as_well_as_messages)
{
    static char thousand[1000], megabyte[1 << 20];
    tr_bin small = {.data = thousand, .size_bytes = sizeof thousand};
    tr_bin large = {.data = megabyte, .size_bytes = sizeof megabyte};
    tr_pid reckoning = spawn_bounded("reckoning", 0, 3500, TR_MAILBOX_DROPS, no_argument());
    for (int i = 0; i < 10; i++)
        tr_send(reckoning, "Small", small);
    tr_send(reckoning, "Large", large);
    AWAIT(fact(reckoning, "dropped") == 8);
    CHECK(fact(reckoning, "message_queue_len") == 3);
    CHECK(fact(reckoning, "message_queue_bytes") > 3000);
    CHECK(fact(reckoning, "message_queue_bytes") <= 3500);
}

/* Waits in a full mailbox for an answer, while others are still sent. */
TR_ACTOR(expecting)
{
    idle();
    CHECK(fact(tr_self(), "message_queue_len") == 5);
    tr_send(tr_parent(), "{ask, Self}", tr_self());
    EXPECT("answer");
    CHECK(fact(tr_self(), "message_queue_len") == 5);
    CHECK(fact(tr_self(), "dropped") == 45 + 20);
    tr_send(tr_parent(), "answered");
}

TR_ACTOR(an_awaited_answer_is_not_dropped)
{
    tr_pid expecting = spawn_bounded("expecting", 5, 0, TR_MAILBOX_DROPS, no_argument());
    for (long i = 0; i < 50; i++)
        tr_send(expecting, "{word, 0, I}", i);
    AWAIT(fact(expecting, "dropped") == 45);
    give_sign();
    EXPECT("{ask, _}");
    for (long i = 0; i < 20; i++)
        tr_send(expecting, "{word, 0, I}", i);
    tr_send(expecting, "answer");
    EXPECT("answered");
}

/* ---------------------------------------------------------------- kills */

static void overfill(uint64_t messages, uint64_t bytes, long count)
{
    tr_pid pid;
    tr_ref ref;
    const struct tr_spawn_options options = {.flags = TR_SPAWN_LINK | TR_SPAWN_MONITOR,
                                             .mailbox_max_messages = messages,
                                             .mailbox_max_bytes = bytes,
                                             .mailbox_policy = TR_MAILBOX_KILLS};
    tr_trap_exit(true);
    CHECK(tr_spawn_term("reckoning", &options, no_argument(), &pid, &ref) == 0);
    for (long i = 0; i < count; i++)
        tr_send(pid, "{word, 0, I}", i);
    EXPECT_NEXT("{'EXIT', Pid, {limit, mailbox}}", pid);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, {limit, mailbox}}", ref, pid);
}

TR_ACTOR(a_message_too_many_kills_with_the_reason_limit_mailbox) { overfill(10, 0, 11); }
TR_ACTOR(a_byte_too_many_kills_with_the_reason_limit_mailbox) { overfill(0, 50, 5); }

TR_ACTOR(a_mailbox_that_is_just_full_does_not_kill)
{
    tr_pid reckoning = spawn_bounded("reckoning", 10, 0, TR_MAILBOX_KILLS, no_argument());
    for (long i = 0; i < 10; i++)
        tr_send(reckoning, "{word, 0, I}", i);
    AWAIT(fact(reckoning, "message_queue_len") == 10);
    give_sign();
    EXPECT("{reckoned, 10}");
}

/* Says something, and is killed while it idles: what it said arrives. */
TR_ACTOR(speaking)
{
    tr_send(tr_parent(), "last");
    idle();
}

TR_ACTOR(what_one_has_said_that_its_mailbox_kills_arrives)
{
    tr_pid speaking = spawn_bounded("speaking", 3, 0, TR_MAILBOX_KILLS, no_argument());
    tr_ref ref = watch(speaking);
    for (long i = 0; i < 20; i++)
        tr_send(speaking, "{word, 0, I}", i);
    EXPECT_NEXT("last");
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, {limit, mailbox}}", ref, speaking);
}

/* Never enters the runtime. */
TR_ACTOR(computing)
{
    for (volatile bool for_ever = true; for_ever;)
        ;
}

TR_ACTOR(an_actor_that_computes_for_ever_is_killed_too)
{
    tr_pid computing = spawn_bounded("computing", 10, 0, TR_MAILBOX_KILLS, no_argument());
    tr_ref ref = watch(computing);
    for (long i = 0; i < 10; i++)
        tr_send(computing, "{word, 0, I}", i);
    AWAIT(fact(computing, "message_queue_len") == 10);
    tr_send(computing, "{word, 0, 10}");
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, {limit, mailbox}}", ref, computing);
}

/* An exit status of its own is not taken for that reason. */
TR_ACTOR(leaving_by_number) { _exit(71); }

TR_ACTOR(an_exit_status_alone_is_no_limit)
{
    tr_pid pid;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&pid, &ref, "leaving_by_number", "[]") == 0);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, {exit_status, 71}}", ref, pid);
}

/* ---------------------------------------------------------------- to be looked at */

static void exhibit(const char *name, const struct tr_spawn_options *options, long words)
{
    tr_pid pid;
    struct tr_spawn_options named = *options;
    named.name = name;
    CHECK(tr_spawn_term("reckoning", &named, no_argument(), &pid, NULL) == 0);
    for (long i = 0; i < words; i++)
        tr_send(pid, "{word, 0, I}", i);
}

TR_ACTOR(ending) {}

/* Says three words to one who is dead. */
static void send_dead_letters(void)
{
    tr_pid dead;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&dead, &ref, "ending", "[]") == 0);
    EXPECT("{'DOWN', Ref, process, _, normal}", ref);
    for (long i = 0; i < 3; i++)
        CHECK(tr_send(dead, "{word, 0, I}", i) == 0);
}

/* Three actors with full mailboxes, for those who look at them from outside. */
TR_ACTOR(exhibition)
{
    send_dead_letters();
    exhibit("patient", &(struct tr_spawn_options){.mailbox_max_messages = 4}, 20);
    exhibit("choosy",
            &(struct tr_spawn_options){.mailbox_max_bytes = 60, .mailbox_policy = TR_MAILBOX_DROPS},
            20);
    exhibit("boundless", &(struct tr_spawn_options){.name = NULL}, 20);
    AWAIT(fact(tr_whereis("patient"), "message_queue_len") == 4);
    AWAIT(fact(tr_whereis("choosy"), "dropped") == 15);
    AWAIT(fact(tr_whereis("boundless"), "message_queue_len") == 20);
    CHECK(tr_register("all_are_full", tr_self()) == 0);
    tr_receive {
        tr_case("stop") {
        }
    }
}
