/* senders: cases in which those who send are many, or in haste, or dead. Each case is a root actor. */
#include <sys/resource.h>

#include "conformance/deaths.h"
#include "conformance/puppet.h"
#include "mailbox/inside.h"
#include "process/runtime.h"
#include "support/arguments.h"
#include "support/board.h"
#include "support/process_state.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* What is told of a sender: a slot has one tenant at a time, and here nobody is replaced. */
#define SLOTS 16384u
static long heard[SLOTS];

/* Takes the next word, of whomever: it must be the one after his last. False when no word comes. */
static bool hear_word(void)
{
    tr_pid from;
    long number;
    bool is_heard = false;
    tr_receive {
        tr_case("{word, From, N, _}", &from, &number) {
            CHECK(number == heard[tr_pid_slot(from)]++);
            is_heard = true;
        }
        tr_after(CHECK_DEADLINE_MS) {
        }
    }
    return is_heard;
}

/* ---------------------------------------------------------------- the dead and the stopped */

/* Speaks and dies: {Count, BodyBytes, Way}. */
TR_ACTOR(dying)
{
    static char body[100000];
    long count, body_bytes;
    tr_atom way;
    CHECK(tr_match(argument, "{Count, Bytes, Way}", &count, &body_bytes, &way) == 0);
    tr_bin bin = {.data = body, .size_bytes = (size_t)body_bytes};
    for (long i = 0; i < count; i++)
        CHECK(tr_send(tr_parent(), "{word, Self, I, B}", tr_self(), i, bin) == 0);
    die(way);
}

/* Wakes a stopped process when all whom it names are dead: {OsPid, [Pid]}. */
TR_ACTOR(waker)
{
    int os_pid;
    tr_term pids, each;
    struct tr_iter iter;
    tr_pid pid;
    CHECK(tr_match(argument, "{OsPid, Pids}", &os_pid, &pids) == 0);
    CHECK(tr_get_list(pids, &iter));
    while (tr_next(&iter, &each)) {
        tr_ref ref;
        CHECK(tr_get_pid(each, &pid) && tr_monitor(pid, &ref) == 0);
        EXPECT("{'DOWN', Ref, process, _, _}", ref);
    }
    while (process_state(os_pid) != 'T')
        usleep(1000);
    CHECK(kill(os_pid, SIGCONT) == 0);
}

/* DESIGN 2: what the dead had sent while their receiver was stopped comes before their DOWNs, and nothing after. */
TR_ACTOR(words_of_the_dead_reach_a_stopped_receiver)
{
    static const char *const ways[] = {"_exit_0", "sigsegv", "sigkill", "return"};
    enum { SENDERS = 20, WORDS = 100 };
    struct tr_out list = {0};
    tr_ref refs[SENDERS];
    tr_pid pids[SENDERS];
    tr_put_list_of(&list, SENDERS);
    for (int i = 0; i < SENDERS; i++) {
        long words = i < 16 ? WORDS : 3, bytes = i < 16 ? 20 * i : 100000;
        CHECK(tr_spawn_monitor(&pids[i], &refs[i], "dying", "{Count, Bytes, Way}", words, bytes,
                               atom(ways[i % 4])) == 0);
        tr_put_pid(&list, pids[i]);
    }
    tr_put_nil(&list);
    CHECK(tr_spawn(NULL, "waker", "{OsPid, Pids}", (int)getpid(), tr_out_term(&list)) == 0);
    raise(SIGSTOP);
    for (int words = 0; words < 16 * WORDS + 4 * 3; words++)
        CHECK(hear_word());
    for (int i = 0; i < SENDERS; i++)
        EXPECT("{'DOWN', Ref, process, Pid, _}", refs[i], pids[i]);
    puppet_await(puppet_new());
    EXPECT_NOTHING();
    tr_out_deinit(&list);
}

/* ---------------------------------------------------------------- storms of connects */

enum { READY, GO, SENT }; /* places on the board */

/* For as long as it takes until the last of a thousand is born: who gives birth to them has a deadline for each. */
static void await_go(struct board *board)
{
    while (!board_reaches(board, GO, 1))
        ;
}

/* Sends three words when all are to send, and dies at once, or stays: {Path, Way}. */
TR_ACTOR(hasty)
{
    tr_bin path;
    tr_atom way;
    CHECK(tr_match(argument, "{Path, Way}", &path, &way) == 0);
    struct board *board = board_of(&path);
    tr_bin nothing = {0};
    board_add(board, READY, 1);
    await_go(board);
    for (long i = 0; i < 3; i++)
        CHECK(tr_send(tr_parent(), "{word, Self, I, B}", tr_self(), i, nothing) == 0);
    board_add(board, SENT, 1);
    die(way);
    tr_receive {
        tr_case("stop") {
        }
    }
}

/* All connect at once to one who computes meanwhile: [Count]. */
TR_ACTOR(storm_of_connects)
{
    static const char *const ways[] = {"stay", "sigkill", "stay", "_exit_0"};
    long senders = argument_number(argument, 0, 200);
    char path[64];
    struct board *board = board_new(path);
    for (long i = 0; i < senders; i++)
        CHECK(tr_spawn(NULL, "hasty", "{Path, Way}", path, atom(ways[i % 4])) == 0);
    CHECK(board_reaches(board, READY, (uint32_t)senders));
    board_add(board, GO, 1);
    CHECK(board_reaches(board, SENT, (uint32_t)senders / 2));
    for (long i = 0; i < 3 * senders; i++)
        CHECK(hear_word());
    puppet_await(puppet_new());
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- storms of connections through nanomsg */

/* What each says at least, and how much of that while the receiver stands for certain. */
enum { WORDS_AT_LEAST = 30, MEANWHILE = 3 };
/* Longer than nanomsg's handshake may take, so that those who wait in the backlog give up and come again. */
enum { STANDS_MS = 1500 };

/* Does nanomsg lead to the parent? */
static bool is_connected(void)
{
    const struct tri_outbox *outbox = &tri_process_here()->mailbox->outbox;
    const struct tri_peer *peer = tri_outbox_find(outbox, tr_parent());
    return peer && tri_socket_is_open(&peer->socket) && tri_socket_is_connected(&peer->socket);
}

static void say_word(long number)
{
    tr_bin nothing = {0};
    CHECK(tr_send(tr_parent(), "{word, Self, I, B}", tr_self(), number, nothing) == 0);
}

/* Wants a connection from its first word on, speaks until it has one, and says when that is its last word: Path. */
TR_ACTOR(connecting)
{
    tr_bin path;
    CHECK(tr_match(argument, "Path", &path) == 0);
    struct board *board = board_of(&path);
    tri_process_here()->mailbox->outbox.rapid_knocks = 0;
    say_word(0);
    await_go(board);
    uint64_t deadline_ns = tri_deadline_ns(CHECK_DEADLINE_MS);
    long number = 1;
    for (; number < WORDS_AT_LEAST || !is_connected(); number++) {
        CHECK(tri_clock_ns() < deadline_ns);
        say_word(number);
        board_add(board, SENT, number == MEANWHILE);
        usleep(5000);
    }
    CHECK(tr_send(tr_parent(), "{last, Self, N}", tr_self(), number) == 0);
    tr_receive {
        tr_case("stop") {
        }
    }
}

/* Has all connect while the receiver stands, and wakes it up then: {OsPid, Path, Count}. */
TR_ACTOR(breaking_loose)
{
    int os_pid;
    long count;
    tr_bin path;
    CHECK(tr_match(argument, "{OsPid, Path, Count}", &os_pid, &path, &count) == 0);
    struct board *board = board_of(&path);
    while (process_state(os_pid) != 'T')
        usleep(1000);
    board_add(board, GO, 1);
    bool have_all_sent = board_reaches(board, SENT, (uint32_t)count);
    usleep(STANDS_MS * 1000);
    CHECK(kill(os_pid, SIGCONT) == 0);
    CHECK(have_all_sent);
}

/* Takes in everything until so many have said their last word. */
static void hear_to_the_end(long senders)
{
    while (senders > 0)
        tr_receive {
            tr_pid from;
            long number;
            tr_case("{word, From, N, _}", &from, &number)
                CHECK(number == heard[tr_pid_slot(from)]++);
            tr_case("{last, From, N}", &from, &number) {
                CHECK(number == heard[tr_pid_slot(from)]);
                senders--;
            }
            tr_after(CHECK_DEADLINE_MS)
                CHECK(false);
        }
}

static void raise_descriptors(void)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/* All connect at once to one who is stopped, and whose backlog has room for ten: [Count]. */
TR_ACTOR(storm_of_connections)
{
    long senders = argument_number(argument, 0, 100);
    char path[64];
    board_new(path);
    raise_descriptors();
    for (long i = 0; i < senders; i++)
        CHECK(tr_spawn_link(NULL, "connecting", "Path", path) == 0);
    for (long i = 0; i < senders; i++)
        CHECK(hear_word());
    CHECK(tr_spawn_link(NULL, "breaking_loose", "{OsPid, Path, Count}", (int)getpid(), path,
                        senders) == 0);
    tr_receive {
        tr_after(20) {
        }
    }
    raise(SIGSTOP);
    hear_to_the_end(senders);
    puppet_await(puppet_new());
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- floods */

enum { FLOOD = 20000, FLOODERS = 4 };

/* Sends everything to all the others first, and receives then. */
TR_ACTOR(flooding)
{
    tr_pid others[FLOODERS];
    tr_bin body = {.data = heard, .size_bytes = 40};
    EXPECT("{A, B, C, D}", &others[0], &others[1], &others[2], &others[3]);
    for (long i = 0; i < FLOOD; i++)
        for (int other = 0; other < FLOODERS; other++)
            if (!tr_pid_equal(others[other], tr_self()))
                CHECK(tr_send(others[other], "{word, Self, I, B}", tr_self(), i, body) == 0);
    for (long i = 0; i < (FLOODERS - 1) * FLOOD; i++)
        CHECK(hear_word());
    EXPECT_NOTHING();
    tr_send(tr_parent(), "done");
}

/* DESIGN 4: a sender that waits takes in its own mail, so that those who flood each other do not wait for ever. */
TR_ACTOR(four_that_flood_each_other_do_not_hang)
{
    tr_pid pids[FLOODERS];
    for (int i = 0; i < FLOODERS; i++)
        CHECK(tr_spawn_link(&pids[i], "flooding", "[]") == 0);
    for (int i = 0; i < FLOODERS; i++)
        CHECK(tr_send(pids[i], "{A, B, C, D}", pids[0], pids[1], pids[2], pids[3]) == 0);
    for (int i = 0; i < FLOODERS; i++)
        EXPECT("done");
}

/* ---------------------------------------------------------------- one who computes */

enum { CROWD = 50, WORDS = 2000 };

/* Sends words of different lengths. */
TR_ACTOR(speaking)
{
    static char body[300];
    for (long i = 0; i < WORDS; i++) {
        tr_bin bin = {.data = body, .size_bytes = (size_t)i % sizeof body};
        CHECK(tr_send(tr_parent(), "{word, Self, I, B}", tr_self(), i, bin) == 0);
    }
    tr_receive {
        tr_case("stop") {
        }
    }
}

TR_ACTOR(one_who_computes_for_seconds_loses_nothing_of_fifty)
{
    for (int i = 0; i < CROWD; i++)
        CHECK(tr_spawn(NULL, "speaking", "[]") == 0);
    compute_ms(2000);
    for (long i = 0; i < CROWD * WORDS; i++)
        CHECK(hear_word());
    puppet_await(puppet_new());
    EXPECT_NOTHING();
}
