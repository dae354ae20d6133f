/* last_words: cases of what the dead leave in their rings for one who is stopped: what that costs the node, and what becomes
 * of it when the ring is spoilt. Each case is a root actor. */
#include <stdlib.h>
#include <string.h>

#include "conformance/deaths.h"
#include "conformance/puppet.h"
#include "mailbox/inside.h"
#include "process/runtime.h"
#include "support/check.h"
#include "support/process_state.h"
#include "wire/crash.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

#define WORD_BYTES 1000u

static void fill(uint8_t *bytes, long number) { memset(bytes, (int)(number % 251), WORD_BYTES); }

/* ---------------------------------------------------------------- who receives */

#define SLOTS 16384u
static long heard[SLOTS];

static void hear(tr_pid from, long number, tr_bin body)
{
    uint8_t expected[WORD_BYTES];
    CHECK(number == heard[tr_pid_slot(from)]++);
    fill(expected, number);
    CHECK(body.size_bytes == sizeof expected);
    CHECK(memcmp(body.data, expected, sizeof expected) == 0);
}

/* Tells how many words it has heard of each whom it watches when that is dead. */
TR_ACTOR(hearing)
{
    tr_pid from;
    long number;
    tr_bin body;
    tr_ref ref;
    for (;;)
        tr_receive {
            tr_case("{watch, Pid}", &from) {
                heard[tr_pid_slot(from)] = 0;
                CHECK(tr_monitor(from, &ref) == 0);
                tr_send(tr_parent(), "{watches, Pid}", from);
            }
            tr_case("{word, From, N, B}", &from, &number, &body)
                hear(from, number, body);
            tr_case("{'DOWN', _, process, Pid, _}", &from)
                tr_send(tr_parent(), "{heard, Pid, N}", from, heard[tr_pid_slot(from)]);
        }
}

/* ---------------------------------------------------------------- who says something, and dies */

static int say_word(tr_pid to, long number)
{
    uint8_t bytes[WORD_BYTES];
    fill(bytes, number);
    tr_bin body = {bytes, sizeof bytes};
    return tr_send_nowait(to, "{word, Self, N, B}", tr_self(), number, body);
}

/* The record of that many words later than the first in one's own ring. */
static struct tri_record *record_of_word(const struct tri_mailbox *mailbox, long number)
{
    const struct tri_ring *ring = &mailbox->outbox.ring;
    uint64_t position = ring->tail;
    for (; number > 0; number--)
        position += tri_record_room(tri_ring_at(ring, position)->size_bytes);
    CHECK(position < ring->head);
    return (struct tri_record *)(ring->bytes + position % TRI_RING_BYTES);
}

static void make_noise(void *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)rand();
}

/* As a stray write does, or one that is meant to. */
static void spoil(tr_atom how, long number)
{
    struct tri_mailbox *mailbox = tri_process_here()->mailbox;
    struct tri_recorder *recorder = &mailbox->recorder;
    struct tri_record *record = record_of_word(mailbox, number);
    if (tr_atom_is(how, "a_byte"))
        ((uint8_t *)(record + 1))[WORD_BYTES / 2] ^= 1;
    if (tr_atom_is(how, "a_length"))
        record->size_bytes = UINT32_MAX;
    if (tr_atom_is(how, "a_number"))
        record->number = 5000;
    if (tr_atom_is(how, "a_number_with_checksum")) {
        record->number = 5000;
        record->checksum = tri_record_checksum(record, record + 1);
    }
    if (tr_atom_is(how, "the_head"))
        atomic_store(&recorder->box->ring_head, UINT64_MAX - 7);
    if (tr_atom_is(how, "the_tail"))
        atomic_fetch_add(&recorder->box->ring_tail, 8);
    if (tr_atom_is(how, "all_of_the_ring"))
        make_noise(recorder->ring, recorder->ring_ready_bytes);
    if (tr_atom_is(how, "all_of_it")) {
        make_noise(recorder->ring, recorder->ring_ready_bytes);
        make_noise(recorder->box, sizeof *recorder->box);
        make_noise(recorder->ring - TRI_CRASH_BYTES, TRI_CRASH_BYTES);
    }
}

enum { WORDS = 100, SPOILT = 50 };

/* Says WORDS words when it may, spoils its window and dies: {To, How, Way}. */
TR_ACTOR(spoiling)
{
    tr_pid to;
    tr_atom how, way;
    CHECK(tr_match(argument, "{To, How, Way}", &to, &how, &way) == 0);
    srand(1);
    EXPECT("speak");
    for (long number = 0; number < WORDS; number++)
        CHECK(say_word(to, number) == 0);
    spoil(how, SPOILT);
    die(way);
}

/* Says as much as it may, tells how much that was, and dies: To. */
TR_ACTOR(brimming)
{
    tr_pid to;
    long number = 0;
    CHECK(tr_match(argument, "To", &to) == 0);
    EXPECT("speak");
    while (say_word(to, number) == 0)
        number++;
    tr_send(tr_parent(), "{accepted, Self, N}", tr_self(), number);
    EXPECT("die");
    kill(getpid(), SIGKILL);
}

/* ---------------------------------------------------------------- the cases */

static void be_watched(tr_pid hearing, tr_pid pid)
{
    tr_send(hearing, "{watch, Pid}", pid);
    EXPECT("{watches, Pid}", pid);
}

/* The memory that the node has for itself, without what it shares with the dead. */
static long node_kb(void)
{
    char path[64], line[256];
    long kb = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)getppid());
    FILE *file = fopen(path, "re");
    CHECK(file);
    while (kb < 0 && fgets(line, sizeof line, file))
        sscanf(line, "RssAnon: %ld", &kb);
    fclose(file);
    return kb;
}

/* DESIGN 2: the boxes of the dead are kept until their words are told, so the node copies nothing aside, and one who does
 * not receive costs it no memory. */
TR_ACTOR(what_the_dead_have_said_costs_the_node_no_memory)
{
    enum { SENDERS = 30 };
    tr_pid hearing, pids[SENDERS];
    tr_ref refs[SENDERS];
    long accepted[SENDERS], sum = 0;
    CHECK(tr_spawn_link(&hearing, "hearing", "[]") == 0);
    for (int i = 0; i < SENDERS; i++) {
        CHECK(tr_spawn_monitor(&pids[i], &refs[i], "brimming", "To", hearing) == 0);
        be_watched(hearing, pids[i]);
    }
    int os_pid = actor_os_pid(hearing);
    CHECK(process_stop(os_pid));
    for (int i = 0; i < SENDERS; i++) {
        tr_send(pids[i], "speak");
        EXPECT("{accepted, Pid, N}", pids[i], &accepted[i]);
        sum += accepted[i];
    }
    long before_kb = node_kb();
    for (int i = 0; i < SENDERS; i++) {
        tr_send(pids[i], "die");
        EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", refs[i]);
    }
    long said_kb = sum * WORD_BYTES / 1024, more_kb = node_kb() - before_kb;
    printf("%d dead have said %ld kB; the node has %ld kB more\n", SENDERS, said_kb, more_kb);
    CHECK(said_kb > 5000 && more_kb < said_kb / 2);
    CHECK(kill(os_pid, SIGCONT) == 0);
    for (int i = 0; i < SENDERS; i++)
        EXPECT("{heard, Pid, N}", pids[i], accepted[i]);
}

struct damage {
    const char *how, *way;
    long least, most; /* words that arrive */
};

/* DESIGN 2: the node trusts nothing in a box. What stands before the damage arrives, nothing that is not whole does, and
 * nobody else is harmed. */
TR_ACTOR(a_spoilt_window_costs_only_words_of_its_own)
{
    static const struct damage damages[] = {
        {"nothing", "sigkill", WORDS, WORDS},
        {"a_byte", "sigkill", SPOILT, SPOILT},
        {"a_byte", "sigsegv", SPOILT, SPOILT},
        {"a_length", "sigkill", SPOILT, SPOILT},
        {"a_number", "sigkill", SPOILT, SPOILT},
        {"a_number_with_checksum", "sigkill", SPOILT, SPOILT},
        {"the_head", "sigkill", 0, 0},
        {"the_tail", "sigkill", 0, 0},
        {"all_of_the_ring", "sigkill", 0, 0},
        {"all_of_it", "sigkill", 0, WORDS},
        {"all_of_it", "sigsegv", 0, WORDS},
    };
    enum { DAMAGES = sizeof damages / sizeof damages[0] };
    tr_pid hearing, pids[DAMAGES];
    tr_ref refs[DAMAGES];
    CHECK(tr_spawn_link(&hearing, "hearing", "[]") == 0);
    for (int i = 0; i < DAMAGES; i++) {
        CHECK(tr_spawn_monitor(&pids[i], &refs[i], "spoiling", "{To, How, Way}", hearing,
                               atom(damages[i].how), atom(damages[i].way)) == 0);
        be_watched(hearing, pids[i]);
    }
    int os_pid = actor_os_pid(hearing);
    CHECK(process_stop(os_pid));
    for (int i = 0; i < DAMAGES; i++) {
        tr_send(pids[i], "speak");
        EXPECT("{'DOWN', Ref, process, _, {signal, How, _}}", refs[i], atom(damages[i].way));
    }
    CHECK(kill(os_pid, SIGCONT) == 0);
    for (int i = 0; i < DAMAGES; i++) {
        long count;
        EXPECT("{heard, Pid, N}", pids[i], &count);
        printf("%s, %s: %ld of %d words\n", damages[i].how, damages[i].way, count, WORDS);
        CHECK(count >= damages[i].least && count <= damages[i].most);
    }
}
