/* Storm book: what the actors of a storm write down about what they send, in memory that outlives each of them.
 *
 * Before each tr_send a sender notes what it attempts, after it what was accepted. So a SIGKILL in between leaves one
 * attempt more than was accepted, and that is all that is not known of the dead. Who receives looks into the book when a
 * sender's DOWN comes, and at the end.
 *
 * An actor has a role, a place among the hundred, and a life, a number that is never used again: who takes a role over
 * from the dead has a life of its own.
 */
#ifndef SUPPORT_STORM_BOOK_H
#define SUPPORT_STORM_BOOK_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define STORM_ROLES 100u
/* Enough for one death every 10 ms in more than two minutes. */
#define STORM_LIVES 16384u
#define STORM_FAULTS 16u

enum storm_phase {
    STORM_IS_FAR,  /* nobody is born yet                                            */
    STORM_GATHERS, /* the hundred are born, and wait                                */
    STORM_BLOWS,   /* all send, and the dead are replaced                           */
    STORM_CALMS,   /* nobody begins to send any more                                */
    STORM_COUNTS,  /* nobody sends any more: who has all that is due to it says so  */
    STORM_IS_OVER, /* all end                                                       */
};

/* What one life has sent to one role: the receiver's life in the upper half, the number of its last message in the
 * lower. Both halves in one word, because the sender may be killed between any two. */
struct storm_tally {
    _Atomic uint64_t attempted, accepted;
};

struct storm_life {
    _Atomic uint64_t pid; /* tr_pid.id, once its birth is known */
    _Atomic int32_t os_pid;
    _Atomic uint32_t is_quiet;     /* it has sent its last message       */
    _Atomic uint32_t is_satisfied; /* it has received all that is due to it */
    _Atomic uint32_t is_down;      /* its DOWN has come to who replaces it */
};

struct storm_book {
    uint64_t seed;
    uint32_t longest_pause_ms; /* between two bursts of one sender */
    uint32_t connects;      /* every second life connects to whom it writes, as in a conversation */
    _Atomic uint32_t phase; /* enum storm_phase                      */
    _Atomic uint32_t has_root; /* who gives birth and buries is up      */
    _Atomic uint32_t births;   /* lives 1 … births have begun           */
    _Atomic uint32_t downs;    /* how many of them are known to be dead */
    _Atomic uint64_t sent, received, bytes_sent, monitored_downs;
    _Atomic uint32_t faults;
    char fault[STORM_FAULTS][200];
    _Atomic uint32_t roster[STORM_ROLES]; /* role → life, 0 while there is none */
    struct storm_life lives[STORM_LIVES];
    struct storm_tally tallies[STORM_LIVES][STORM_ROLES]; /* sparse */
};

static inline uint64_t storm_mark(uint32_t life, uint32_t number)
{
    return (uint64_t)life << 32 | number;
}
static inline uint32_t storm_mark_life(uint64_t mark) { return (uint32_t)(mark >> 32); }
static inline uint32_t storm_mark_number(uint64_t mark) { return (uint32_t)mark; }

/* How many messages this mark says there are for that life. */
static inline uint32_t storm_count(uint64_t mark, uint32_t life)
{
    return storm_mark_life(mark) == life ? storm_mark_number(mark) : 0;
}

static inline struct storm_book *storm_book_map(int fd)
{
    void *book = mmap(NULL, sizeof(struct storm_book), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return book == MAP_FAILED ? NULL : book;
}

/* A sequence of numbers that look random and come again for the same seed (xorshift64*). */
static inline uint32_t storm_random(uint64_t *state, uint32_t below)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * 2685821657736338717ull) >> 33) % below;
}

/* A state to begin with; never 0. */
static inline uint64_t storm_random_from(uint64_t seed, uint64_t other)
{
    uint64_t state = (seed + 1) * 0x9e3779b97f4a7c15ull ^ (other + 1) * 0xd1b54a32d192ed03ull;
    return state ? state : 1;
}

#endif
