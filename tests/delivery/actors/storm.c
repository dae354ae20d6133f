/* Storm: a hundred actors that send each other numbered messages and judge what they receive by the book.
 *
 *     storm BOOK
 *
 * The root waits for the storm to begin, gives each role an actor, and replaces the dead. BOOK is the path of the memory
 * that the test shares with all (support/storm_book.h).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mailbox/inside.h"
#include "process/runtime.h"
#include "support/arguments.h"
#include "support/check.h"
#include "support/storm_book.h"

#define FAN 10 /* how many roles one actor writes to */
#define BURST 40u
/* Out of the runtime, as if it computed: its helper sends and takes in meanwhile. */
#define LONGEST_ABSENCE_US 20000u
#define LARGE_BODY_BYTES 200000u

static struct storm_book *book;
static uint32_t own_life, own_role;
static uint64_t random_state;

/* ---------------------------------------------------------------- the book */

static void open_book(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0);
    book = storm_book_map(fd);
    close(fd);
    CHECK(book);
}

/* Writes down what must not be. */
__attribute__((format(printf, 1, 2))) static void fault(const char *format, ...)
{
    va_list arguments;
    uint32_t place = atomic_fetch_add(&book->faults, 1);
    if (place >= STORM_FAULTS)
        return;
    va_start(arguments, format);
    vsnprintf(book->fault[place], sizeof book->fault[place], format, arguments);
    va_end(arguments);
}

/* ---------------------------------------------------------------- sending */

static char body_memory[LARGE_BODY_BYTES];

/* Mostly small; some fill a frame, a few are too large for one. */
static uint32_t random_body_bytes(void)
{
    uint32_t kind = storm_random(&random_state, 1000);
    return kind == 0    ? LARGE_BODY_BYTES - storm_random(&random_state, 100000)
           : kind < 20  ? storm_random(&random_state, 60000)
           : kind < 100 ? storm_random(&random_state, 2000)
                        : storm_random(&random_state, 64);
}

/* Every byte of a body is the same, and nobody else's at that place in the order. */
static int body_byte(uint32_t life, uint32_t number) { return (int)((life * 7 + number) & 255); }

enum way { WORD, WORD_NOWAIT, SIGNAL, WAYS = 200 };

/* Most are messages, some of which may not wait; a few are exit signals, which travel through the node and keep their
 * place among the messages. */
static enum way random_way(void)
{
    uint32_t way = storm_random(&random_state, WAYS);
    return way == 0 ? SIGNAL : way % 4 == 0 ? WORD_NOWAIT : WORD;
}

static int send_by(enum way way, tr_pid to, uint32_t life, uint32_t number, const tr_bin *body)
{
    switch (way) {
    case WORD:
        return tr_send(to, "{word, Self, Life, To, N, Body}", tr_self(), own_life, life, number,
                       *body);
    case WORD_NOWAIT:
        return tr_send_nowait(to, "{word, Self, Life, To, N, Body}", tr_self(), own_life, life,
                              number, *body);
    default:
        return tr_exit_process(to, "{word, Life, To, N}", own_life, life, number);
    }
}

/* The next message to a role: noted, sent, noted. What was refused, for want of room in the ring or on the disk, is
 * attempted again the next time. */
static void send_next(uint32_t role)
{
    uint32_t life = atomic_load(&book->roster[role]);
    struct storm_tally *tally = &book->tallies[own_life][role];
    if (life == 0 || !atomic_load(&book->lives[life].os_pid))
        return; /* it may not trap exits yet */
    uint32_t number = storm_count(atomic_load(&tally->accepted), life) + 1;
    tr_pid to = {atomic_load(&book->lives[life].pid)};
    tr_bin body = {.data = body_memory, .size_bytes = random_body_bytes()};
    memset(body_memory, body_byte(own_life, number), body.size_bytes);
    atomic_store(&tally->attempted, storm_mark(life, number));
    int r = send_by(random_way(), to, life, number, &body);
    if (r == TR_BUSY || r == -ENOSPC)
        return;
    if (r)
        fault("life %u: sending: %s", own_life, tr_strerror(r));
    atomic_store(&tally->accepted, storm_mark(life, number));
    atomic_fetch_add(&book->sent, 1);
    atomic_fetch_add(&book->bytes_sent, body.size_bytes);
}

/* ---------------------------------------------------------------- receiving */

static struct {
    uint32_t last; /* the number of the last message from that life */
    bool is_down;
} heard[STORM_LIVES];

/* Those whose DOWN is awaited. */
static struct {
    tr_pid pid;
    uint32_t life;
} watched[STORM_LIVES];
static uint32_t watched_count;

static void watch(tr_pid pid, uint32_t life)
{
    tr_ref ref;
    CHECK(tr_monitor(pid, &ref) == 0);
    watched[watched_count].pid = pid;
    watched[watched_count++].life = life;
}

static bool is_uniform(const tr_bin *body, int byte)
{
    const char *data = body->data;
    return body->size_bytes == 0 ||
           ((unsigned char)data[0] == byte && memcmp(data, data + 1, body->size_bytes - 1) == 0);
}

static void hear(tr_pid from, uint32_t life, uint32_t to, uint32_t number, const tr_bin *body)
{
    if (life == 0 || life >= STORM_LIVES) {
        fault("life %u: a message of nobody, life %u", own_life, life);
        return;
    }
    if (to != own_life)
        fault("life %u: got %u of life %u, which is for life %u", own_life, number, life, to);
    if (heard[life].is_down)
        fault("life %u: got %u of life %u after its DOWN", own_life, number, life);
    if (number != heard[life].last + 1)
        fault("life %u: got %u of life %u after %u", own_life, number, life, heard[life].last);
    if (!is_uniform(body, body_byte(life, number)))
        fault("life %u: %u of life %u is damaged", own_life, number, life);
    if (heard[life].last == 0)
        watch(from, life);
    heard[life].last = number;
    atomic_fetch_add(&book->received, 1);
}

/* Does what was heard of that life agree with what it wrote down? What is not accepted may have been sent. */
static void judge_the_dead(uint32_t life)
{
    const struct storm_tally *tally = &book->tallies[life][own_role];
    uint32_t accepted = storm_count(atomic_load(&tally->accepted), own_life);
    uint32_t attempted = storm_count(atomic_load(&tally->attempted), own_life);
    if (heard[life].last < accepted || heard[life].last > attempted)
        fault("life %u: DOWN of life %u after its message %u; it attempted %u, accepted were %u",
              own_life, life, heard[life].last, attempted, accepted);
    heard[life].is_down = true;
    atomic_fetch_add(&book->monitored_downs, 1);
}

static void hear_of_death(tr_pid pid)
{
    for (uint32_t i = 0; i < watched_count; i++)
        if (tr_pid_equal(watched[i].pid, pid)) {
            judge_the_dead(watched[i].life);
            watched[i] = watched[--watched_count];
            return;
        }
    fault("life %u: DOWN of somebody who is not watched", own_life);
}

/* Receives one message, waiting so long at most. Tells whether there was one. */
static bool receive_one(int64_t timeout_ms)
{
    tr_pid from;
    uint32_t life, to, number;
    tr_bin body, none = {0};
    tr_term other;
    tr_receive {
        tr_case("{word, From, Life, To, N, Body}", &from, &life, &to, &number, &body) {
            hear(from, life, to, number, &body);
            return true;
        }
        tr_case("{'EXIT', From, {word, Life, To, N}}", &from, &life, &to, &number) {
            hear(from, life, to, number, &none);
            return true;
        }
        tr_case("{'DOWN', _, process, From, _}", &from) {
            hear_of_death(from);
            return true;
        }
        tr_case("Other", &other) {
            char text[120];
            tr_print(other, text, sizeof text);
            fault("life %u: got %s", own_life, text);
            return true;
        }
        tr_after(timeout_ms) {
        }
    }
    return false;
}

/* ---------------------------------------------------------------- the talkers */

static enum storm_phase phase(void) { return atomic_load(&book->phase); }

static void send_and_receive(void)
{
    uint32_t roles[FAN];
    for (int i = 0; i < FAN; i++)
        roles[i] = (own_role + 1 + storm_random(&random_state, STORM_ROLES - 1)) % STORM_ROLES;
    while (phase() == STORM_GATHERS)
        receive_one(5);
    while (phase() == STORM_BLOWS) {
        uint32_t role = roles[storm_random(&random_state, FAN)];
        for (uint32_t count = storm_random(&random_state, BURST); count > 0; count--)
            send_next(role);
        int64_t pause_ms = storm_random(&random_state, book->longest_pause_ms);
        while (receive_one(pause_ms))
            pause_ms = 0;
        if (storm_random(&random_state, 4) == 0)
            usleep(storm_random(&random_state, LONGEST_ABSENCE_US));
    }
}

/* Everything that was accepted for this actor, from the living and the dead, has come. */
static bool is_satisfied(void)
{
    uint32_t births = atomic_load(&book->births);
    for (uint32_t life = 1; life <= births; life++)
        if (storm_count(atomic_load(&book->tallies[life][own_role].accepted), own_life) >
            heard[life].last)
            return false;
    return true;
}

/* Names what has not come, for a storm that is about to fail. */
static void tell_what_is_missing(void)
{
    uint32_t births = atomic_load(&book->births);
    for (uint32_t life = 1; life <= births; life++) {
        uint64_t accepted = atomic_load(&book->tallies[life][own_role].accepted);
        if (storm_count(accepted, own_life) > heard[life].last)
            fault("life %u: has %u of the %u messages of life %u, which is %s", own_life,
                  heard[life].last, storm_count(accepted, own_life), life,
                  atomic_load(&book->lives[life].is_down) ? "dead" : "alive");
    }
}

/* Nobody may have sent more than was attempted, not even at the very end. */
static void judge_all(void)
{
    uint32_t births = atomic_load(&book->births);
    tell_what_is_missing();
    for (uint32_t life = 1; life <= births; life++) {
        uint64_t attempted = atomic_load(&book->tallies[life][own_role].attempted);
        if (heard[life].last > storm_count(attempted, own_life))
            fault("life %u: heard %u messages of life %u, which attempted %u", own_life,
                  heard[life].last, life, storm_count(attempted, own_life));
    }
}

/* Those who talk as little as these do without connections, which the storm would have nothing to cut of. */
static void connect_at_once(void) { tri_process_here()->mailbox->outbox.rapid_knocks = 0; }

TR_ACTOR(talker)
{
    tr_bin path;
    char text[64];
    CHECK(tr_match(argument, "{Path, Role, Life}", &path, &own_role, &own_life) == 0);
    snprintf(text, sizeof text, "%.*s", (int)path.size_bytes, (const char *)path.data);
    open_book(text);
    struct storm_life *life = &book->lives[own_life];
    random_state = storm_random_from(book->seed, own_life);
    if (book->connects && own_life % 2 == 0)
        connect_at_once();
    tr_trap_exit(true);
    atomic_store(&life->os_pid, getpid());
    send_and_receive();
    atomic_store(&life->is_quiet, 1);
    while (phase() < STORM_IS_OVER) {
        if (phase() == STORM_COUNTS && is_satisfied())
            atomic_store(&life->is_satisfied, 1);
        receive_one(20);
    }
    while (receive_one(0))
        ;
    judge_all();
}

/* ---------------------------------------------------------------- the root */

static uint32_t roles_of[STORM_LIVES];
static tr_pid pids_of[STORM_LIVES];
static bool is_vacant[STORM_ROLES]; /* its birth was refused: the disk was full */

static void give_birth(uint32_t role, const char *path)
{
    uint32_t life = atomic_load(&book->births) + 1;
    tr_pid pid;
    CHECK(life < STORM_LIVES);
    atomic_store(&book->births, life);
    int r = tr_spawn_monitor(&pid, NULL, "talker", "{Path, Role, Life}", path, role, life);
    is_vacant[role] = r == -ENOSPC;
    if (is_vacant[role]) {
        atomic_fetch_add(&book->downs, 1);
        return;
    }
    if (r) {
        fault("life %u cannot be born: %s", life, tr_strerror(r));
        return;
    }
    roles_of[life] = role;
    pids_of[life] = pid;
    atomic_store(&book->lives[life].pid, pid.id);
    atomic_store(&book->roster[role], life);
}

static uint32_t life_of(tr_pid pid)
{
    for (uint32_t life = atomic_load(&book->births); life > 0; life--)
        if (tr_pid_equal(pids_of[life], pid))
            return life;
    return 0;
}

static void bury(tr_pid pid, tr_term reason, const char *path)
{
    uint32_t life = life_of(pid);
    CHECK(life > 0);
    bool is_killed = tr_match(reason, "{signal, sigkill, _}") == 0;
    bool is_its_time = phase() == STORM_IS_OVER && tr_match(reason, "normal") == 0;
    if (!is_killed && !is_its_time) {
        char text[120];
        tr_print(reason, text, sizeof text);
        fault("life %u ended with %s", life, text);
    }
    atomic_store(&book->lives[life].is_down, 1);
    if (phase() <= STORM_BLOWS)
        give_birth(roles_of[life], path);
    atomic_fetch_add(&book->downs, 1);
}

/* Tries again, until the first that is refused again: whether there is one. */
static bool fill_vacancies(const char *path)
{
    for (uint32_t role = 0; role < STORM_ROLES; role++) {
        if (is_vacant[role])
            give_birth(role, path);
        if (is_vacant[role])
            return true;
    }
    return false;
}

/* The first death that needs an inquest brings forth the node's coroner, which stays: it must be there before those who judge
 * the storm count what there is. */
TR_ACTOR(first_dead)
{
    (void)argument;
    tr_exit("dies_first");
}

static void wake_coroner(void)
{
    tr_ref ref;
    if (tr_spawn_monitor(NULL, &ref, "first_dead", "[]") == 0)
        tr_receive {
            tr_case("{'DOWN', Ref, process, _, _}", ref) {
            }
        }
}

TR_ACTOR(main)
{
    char path[64];
    tr_pid pid;
    tr_term reason;
    bool has_begun = false;
    open_book(argument_word(argument, 0, path, sizeof path));
    wake_coroner();
    atomic_store(&book->has_root, 1);
    for (;;) {
        if (!has_begun && phase() == STORM_GATHERS) {
            has_begun = true;
            for (uint32_t role = 0; role < STORM_ROLES; role++)
                give_birth(role, path);
        }
        bool has_vacancies = fill_vacancies(path);
        tr_receive {
            tr_case("{'DOWN', _, process, Pid, Reason}", &pid, &reason)
                bury(pid, reason, path);
            tr_after(has_begun && !has_vacancies ? -1 : 20) {
            }
        }
    }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
