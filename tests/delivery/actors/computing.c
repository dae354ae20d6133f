/* computing: cases of an actor that computes for long without a call of the runtime. What it has sent goes out all the
 * same, and what comes is taken in: its helper thread sees to that. Each case is a root actor.
 */
#include <stdlib.h>

#include "conformance/puppet.h"
#include "support/board.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- what was sent is not held */

enum { BURSTS = 5, COMPUTES_MS = 800, STAMPS_MAX = 2000 };
/* Small ones, which share frames; more than one frame; and one alone. */
static const int bursts[BURSTS] = {1, 3, 1000, 20, 200};

/* Sends bursts of words with the time in them, and computes after each. */
TR_ACTOR(hurried)
{
    long number = 0;
    for (int burst = 0; burst < BURSTS; burst++) {
        for (int i = 0; i < bursts[burst]; i++, number++)
            CHECK(tr_send(tr_parent(), "{word, N, SentNs}", number, tri_clock_ns()) == 0);
        compute_ms(COMPUTES_MS);
    }
    tr_receive {
        tr_case("stop") {
        }
    }
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

/* The 99th of a hundred delays is a matter of how busy the machine is. What must not be is that a word comes when its
 * sender enters the runtime again, which is COMPUTES_MS later. */
TR_ACTOR(what_was_sent_goes_out_while_its_sender_computes)
{
    static uint64_t delays_ns[STAMPS_MAX];
    size_t count = 0, expected = 0;
    for (int burst = 0; burst < BURSTS; burst++)
        expected += (size_t)bursts[burst];
    CHECK(tr_spawn(NULL, "hurried", "[]") == 0);
    while (count < expected) {
        uint64_t sent_ns;
        EXPECT_NEXT("{word, N, SentNs}", (long)count, &sent_ns);
        delays_ns[count++] = tri_clock_ns() - sent_ns;
    }
    qsort(delays_ns, count, sizeof delays_ns[0], by_size);
    printf("on their way: half of %zu up to %.3f ms, 99 %% up to %.3f ms, all up to %.3f ms\n",
           count, (double)delays_ns[count / 2] / TRI_NS_PER_MS,
           (double)delays_ns[count * 99 / 100] / TRI_NS_PER_MS,
           (double)delays_ns[count - 1] / TRI_NS_PER_MS);
    CHECK(delays_ns[count * 99 / 100] < COMPUTES_MS / 4 * 3 * TRI_NS_PER_MS);
}

/* ---------------------------------------------------------------- what comes is taken in */

enum { CROWD = 20, WORDS = 400, WORD_BYTES = 4000 };

enum { LESSONS = 3 };
enum {
    GO,
    SENT = GO + LESSONS
}; /* places on the board: one for each lesson, and the number of words sent */

/* Sends one word in each lesson; then more than its receiver's share of a ring, and says what was accepted. */
TR_ACTOR(speaking)
{
    static char body[WORD_BYTES];
    tr_bin path, bin = {.data = body, .size_bytes = sizeof body};
    CHECK(tr_match(argument, "Path", &path) == 0);
    struct board *board = board_of(&path);
    for (long i = 0; i < WORDS; i++) {
        CHECK(i >= LESSONS || board_reaches(board, GO + (size_t)i, 1));
        CHECK(tr_send(tr_parent(), "{word, Self, I, B}", tr_self(), i, bin) == 0);
        board_add(board, SENT, 1);
    }
    tr_receive {
        tr_case("stop") {
        }
    }
}

static void hear_words(long count)
{
    static long heard[16384];
    while (count-- > 0) {
        tr_pid from;
        long number;
        EXPECT("{word, From, N, _}", &from, &number);
        CHECK(number == heard[tr_pid_slot(from)]++);
    }
}

/* DESIGN, "Delivery": a busy receiver does not stop its senders. An actor learns that it needs help when it finds mail
 * after it has computed for long. */
TR_ACTOR(who_computes_does_not_stop_his_senders)
{
    char path[64];
    struct board *board = board_new(path);
    for (int i = 0; i < CROWD; i++)
        CHECK(tr_spawn(NULL, "speaking", "Path", path) == 0);
    for (uint32_t lesson = 0; lesson + 1 < LESSONS; lesson++) {
        board_add(board, GO + lesson, 1);
        CHECK(board_reaches(board, SENT, (lesson + 1) * CROWD));
        compute_ms(20);
        hear_words(CROWD);
    }
    board_add(board, GO + LESSONS - 1, 1);
    CHECK(board_reaches(board, SENT, CROWD * WORDS)); /* without entering the runtime */
    hear_words(CROWD * (WORDS - LESSONS + 1));
    puppet_await(puppet_new());
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- both at once */

enum { ECHOES = 8, SECONDS_OF_TALK = 1 };

/* Computes for a random while between words, and answers what has come meanwhile. */
TR_ACTOR(moody)
{
    tr_pid from;
    long number, next = 0;
    srand((unsigned)getpid());
    for (;;) {
        tr_receive {
            tr_case("{word, From, N}", &from, &number) {
                CHECK(number == next++);
                tr_send(from, "{echo, Self, N}", tr_self(), number);
            }
        }
        if (rand() % 8 == 0)
            compute_ms((uint64_t)(rand() % 4));
    }
}

/* The helper and the actor itself take turns at the mailbox all the time: nothing is lost, twice, or out of order. */
TR_ACTOR(turns_of_computing_and_talking_lose_nothing)
{
    static long heard[16384];
    tr_pid echoes[ECHOES], from;
    long sent = 0, came = 0, number;
    for (int i = 0; i < ECHOES; i++)
        CHECK(tr_spawn_link(&echoes[i], "moody", "[]") == 0);
    uint64_t until_ns = tri_deadline_ns(SECONDS_OF_TALK * 1000);
    while (tri_clock_ns() < until_ns) {
        for (int burst = rand() % 30; burst > 0; burst--, sent++)
            for (int i = 0; i < ECHOES; i++)
                CHECK(tr_send(echoes[i], "{word, Self, N}", tr_self(), sent) == 0);
        if (rand() % 4 == 0)
            compute_ms((uint64_t)(rand() % 10));
    }
    for (; came < sent * ECHOES; came++) {
        EXPECT_NEXT("{echo, From, N}", &from, &number);
        CHECK(number == heard[tr_pid_slot(from)]++);
    }
    EXPECT_NOTHING();
}
