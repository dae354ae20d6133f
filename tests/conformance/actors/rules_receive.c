/* Rules 19 to 22 of SEMANTICS.md: receive and timers. Each case is a root actor. */
#include "base/clock.h"
#include "conformance/puppet.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- 19: selective receive */

/* SEMANTICS 19 */
TR_ACTOR(the_oldest_message_that_matches_is_taken)
{
    tr_send(tr_self(), "{a, 1}");
    tr_send(tr_self(), "{b, 2}");
    tr_send(tr_self(), "{a, 3}");
    tr_send(tr_self(), "{b, 4}");
    long n;
    EXPECT("{b, N}", &n);
    CHECK(n == 2);
    EXPECT("{b, N}", &n);
    CHECK(n == 4);
    EXPECT("{a, N}", &n);
    CHECK(n == 1);
}

/* SEMANTICS 19: messages are looked at in their order, whatever the order of the cases. */
TR_ACTOR(the_order_of_messages_counts_not_that_of_cases)
{
    tr_send(tr_self(), "second_case");
    tr_send(tr_self(), "first_case");
    int taken = 0;
    tr_receive {
        tr_case("first_case")
            taken = 1;
        tr_case("second_case")
            taken = 2;
    }
    CHECK(taken == 2);
    EXPECT_NEXT("first_case");
}

/* SEMANTICS 19 */
TR_ACTOR(what_does_not_match_stays_in_its_order)
{
    tr_pid puppet = puppet_new();
    for (long i = 0; i < 100; i++)
        tr_send(puppet, "{send, Me, {word, I}}", tr_self(), i);
    puppet_await(puppet);
    for (long i = 99; i > 0; i -= 2)
        EXPECT("{word, I}", i);
    for (long i = 0; i < 100; i += 2)
        EXPECT_NEXT("{word, I}", i);
    EXPECT_NOTHING();
}

/* SEMANTICS 19: leaving a case early takes its message as well, and no other. */
TR_ACTOR(break_and_continue_leave_the_receive)
{
    for (long i = 0; i < 3; i++)
        tr_send(tr_self(), "{word, I}", i);
    tr_receive {
        tr_case("{word, 0}")
            break;
    }
    tr_receive {
        tr_case("{word, 1}")
            continue;
    }
    EXPECT_NEXT("{word, 2}");
    EXPECT_NOTHING();
}

/* SEMANTICS 19: what came before the reference was made is passed over, and stays. */
TR_ACTOR(receive_since_passes_over_what_is_older)
{
    tr_send(tr_self(), "{answer, old}");
    tr_ref ref = tr_make_ref();
    tr_send(tr_self(), "{answer, new}");
    bool is_new = false;
    tr_receive_since(ref)
    {
        tr_case("{answer, new}")
            is_new = true;
        tr_case("{answer, old}")
            is_new = false;
    }
    CHECK(is_new);
    EXPECT_NEXT("{answer, old}");
}

/* The plain functions do the same. */
static bool is_wanted(tr_term message, void *context)
{
    return tr_match(message, "{word, N}", *(long *)context) == 0;
}

/* SEMANTICS 19, 20 */
TR_ACTOR(the_plain_functions_obey_the_same_rules)
{
    struct tr_message *message;
    long wanted = 2;
    for (long i = 0; i < 4; i++)
        tr_send(tr_self(), "{word, I}", i);
    CHECK(tr_receive_select(is_wanted, &wanted, 0, &message) == 0);
    CHECK(tr_match(tr_message_term(message), "{word, 2}") == 0);
    tr_message_free(message);
    CHECK(tr_receive_select(is_wanted, &wanted, 0, &message) == TR_TIMEOUT);
    CHECK(tr_receive_select(NULL, NULL, -1, &message) == 0);
    CHECK(tr_match(tr_message_term(message), "{word, 0}") == 0);
    tr_message_free(message);
    CHECK(tr_flush() == 2);
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- 20: after 0 */

/* SEMANTICS 20 */
TR_ACTOR(after_0_scans_the_whole_mailbox_first)
{
    tr_pid puppet = puppet_new();
    for (long i = 0; i < 2000; i++)
        tr_send(puppet, "{send, Me, {word, I}}", tr_self(), i);
    tr_ref ref = watch(puppet);
    tr_send(puppet, "{exit, normal}");
    EXPECT("{'DOWN', Ref, process, _, normal}", ref);
    bool is_found = false;
    tr_receive {
        tr_case("{word, 1999}")
            is_found = true;
        tr_after(0)
            is_found = false;
    }
    CHECK(is_found);
}

/* SEMANTICS 20 */
TR_ACTOR(after_0_does_not_wait)
{
    bool has_timed_out = false;
    tr_send(tr_self(), "other");
    tr_receive {
        tr_case("wanted") {
        }
        tr_after(0)
            has_timed_out = true;
    }
    CHECK(has_timed_out);
    EXPECT_NEXT("other");
}

/* SEMANTICS 20: also what is there, but has not been looked at. */
TR_ACTOR(after_0_sees_the_words_of_the_dead)
{
    tr_pid puppet = puppet_new();
    tr_send(puppet, "{send, Me, {word, 1}}", tr_self());
    tr_send(puppet, "{exit, normal}");
    while (tr_is_alive(puppet))
        usleep(1000);
    tr_ref ref = watch(puppet);
    EXPECT("{'DOWN', Ref, process, _, _}", ref);
    tr_receive {
        tr_case("{word, 1}")
            return;
        tr_after(0)
            CHECK(!"it was there");
    }
}

/* ---------------------------------------------------------------- 21: one deadline */

/* Sends what nobody wants, until it is killed. */
TR_ACTOR(nuisance)
{
    for (;;) {
        tr_send(tr_parent(), "noise");
        usleep(500);
    }
}

/* SEMANTICS 21 */
TR_ACTOR(messages_that_do_not_match_do_not_restart_the_timeout)
{
    CHECK(tr_spawn_link(NULL, "nuisance", "[]") == 0);
    EXPECT("noise");
    uint64_t before_ns = tri_clock_ns();
    bool has_timed_out = false;
    tr_receive {
        tr_case("wanted") {
        }
        tr_after(150)
            has_timed_out = true;
    }
    CHECK(has_timed_out);
    CHECK(tri_clock_ns() - before_ns >= 150 * TRI_NS_PER_MS);
    EXPECT("noise");
}

/* SEMANTICS 21 */
TR_ACTOR(a_timeout_is_never_early)
{
    for (int timeout_ms = 0; timeout_ms < 30; timeout_ms += 3) {
        uint64_t before_ns = tri_clock_ns();
        tr_receive {
            tr_case("wanted") {
            }
            tr_after(timeout_ms) {
            }
        }
        CHECK(tri_clock_ns() - before_ns >= (uint64_t)timeout_ms * TRI_NS_PER_MS);
    }
}

/* SEMANTICS 21 */
TR_ACTOR(a_negative_timeout_waits_for_ever)
{
    tr_pid puppet = puppet_new();
    tr_send(puppet, "{send, Me, {word, 1}}", tr_self());
    tr_receive {
        tr_case("{word, 1}")
            return;
        tr_after(-1)
            CHECK(!"for ever has passed");
    }
}

/* ---------------------------------------------------------------- 22: timers */

/* SEMANTICS 22 */
TR_ACTOR(send_after_delivers_the_message_not_early)
{
    uint64_t before_ns = tri_clock_ns();
    tr_ref timer;
    CHECK(tr_send_after(50, tr_self(), &timer, "{tick, N}", 7) == 0);
    EXPECT_NEXT("{tick, 7}");
    CHECK(tri_clock_ns() - before_ns >= 50 * TRI_NS_PER_MS);
}

/* SEMANTICS 22 */
TR_ACTOR(start_timer_delivers_timeout_with_its_reference)
{
    tr_ref timer;
    CHECK(tr_start_timer(10, tr_self(), &timer, "{tea, ready}") == 0);
    EXPECT_NEXT("{timeout, Ref, {tea, ready}}", timer);
}

/* SEMANTICS 22 */
TR_ACTOR(timers_fire_in_the_order_of_their_times)
{
    tr_ref timer;
    CHECK(tr_send_after(120, tr_self(), &timer, "third") == 0);
    CHECK(tr_send_after(0, tr_self(), &timer, "first") == 0);
    CHECK(tr_send_after(60, tr_self(), &timer, "second") == 0);
    EXPECT_NEXT("first");
    EXPECT_NEXT("second");
    EXPECT_NEXT("third");
}

/* SEMANTICS 22 */
TR_ACTOR(cancel_timer_tells_the_time_that_was_left)
{
    tr_pid puppet = puppet_new();
    tr_ref own, others;
    uint64_t left_ms = 0;
    CHECK(tr_start_timer(600000, tr_self(), &own, "late") == 0);
    CHECK(tr_start_timer(600000, puppet, &others, "late") == 0);
    CHECK(tr_cancel_timer(own, &left_ms) == 0);
    CHECK(left_ms > 500000 && left_ms <= 600000);
    left_ms = 0;
    CHECK(tr_cancel_timer(others, &left_ms) == 0);
    CHECK(left_ms > 500000 && left_ms <= 600000);
    CHECK(tr_cancel_timer(own, &left_ms) == TR_FIRED);
    CHECK(tr_cancel_timer(others, &left_ms) == TR_FIRED);
}

/* SEMANTICS 22 */
TR_ACTOR(a_cancelled_timer_does_not_fire)
{
    tr_ref cancelled, later;
    uint64_t left_ms;
    CHECK(tr_send_after(20, tr_self(), &cancelled, "cancelled") == 0);
    CHECK(tr_cancel_timer(cancelled, &left_ms) == 0);
    CHECK(tr_send_after(60, tr_self(), &later, "later") == 0);
    EXPECT_NEXT("later");
    EXPECT_NOTHING();
}

/* SEMANTICS 22 */
TR_ACTOR(the_message_of_a_timer_that_fired_stays)
{
    tr_ref timer, later;
    uint64_t left_ms;
    CHECK(tr_start_timer(1, tr_self(), &timer, "tick") == 0);
    CHECK(tr_start_timer(30, tr_self(), &later, "tock") == 0);
    EXPECT("{timeout, Ref, tock}", later);
    CHECK(tr_cancel_timer(timer, &left_ms) == TR_FIRED);
    EXPECT_NEXT("{timeout, Ref, tick}", timer);
}

/* SEMANTICS 22 */
TR_ACTOR(a_timer_can_serve_another_process)
{
    tr_pid puppet = puppet_new();
    tr_ref timer;
    CHECK(tr_register("puppet", puppet) == 0);
    CHECK(tr_send_after(10, puppet, &timer, "{send, Me, by_pid}", tr_self()) == 0);
    EXPECT_NEXT("by_pid");
    CHECK(tr_send_after(10, "puppet", &timer, "{send, Me, by_name}", tr_self()) == 0);
    EXPECT_NEXT("by_name");
}

/* Starts timers for its parent and ends. */
TR_ACTOR(legacy)
{
    tr_ref timer;
    CHECK(tr_send_after(200, tr_parent(), &timer, "{legacy, 1}") == 0);
    CHECK(tr_send_after(230, tr_parent(), &timer, "{legacy, 2}") == 0);
}

/* SEMANTICS 22: in OTP a timer belongs to the node, and outlives the process that started it. */
TR_ACTOR(a_timer_for_another_outlives_its_maker)
{
    tr_pid legacy;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&legacy, &ref, "legacy", "[]") == 0);
    EXPECT("{'DOWN', Ref, process, P, normal}", ref, legacy);
    EXPECT_NEXT("{legacy, 1}");
    EXPECT_NEXT("{legacy, 2}");
}

/* SEMANTICS 22: a timer for the dead is silent. */
TR_ACTOR(a_timer_for_the_dead_is_silent)
{
    tr_ref timer, later;
    uint64_t left_ms;
    CHECK(tr_send_after(1, dead_process(), &timer, "hello") == 0);
    CHECK(tr_send_after(1, "nobody", &timer, "hello") == 0);
    CHECK(tr_send_after(40, tr_self(), &later, "later") == 0);
    EXPECT_NEXT("later");
    CHECK(tr_cancel_timer(timer, &left_ms) == TR_FIRED);
}
