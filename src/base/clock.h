/* Clock: the one place that reads the time. Deadlines inside troupe are absolute, in ns of CLOCK_MONOTONIC. */
#ifndef TRI_BASE_CLOCK_H
#define TRI_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define TRI_NS_PER_MS 1000000ull
#define TRI_NS_PER_S 1000000000ull
#define TRI_NEVER UINT64_MAX
#define TRI_AT_ONCE 0 /* a deadline that has passed: nobody waits */

/* Now, in ns of CLOCK_MONOTONIC (or what tri_clock_set_fake said last). */
uint64_t tri_clock_ns(void);

/* The same to within the kernel's tick (1 to 10 ms), in a fifth of the time: for what people look at. */
uint64_t tri_clock_coarse_ns(void);

/* The wall clock, in ns since 1970, for what people read. */
uint64_t tri_clock_wall_ns(void);

/* For unit tests: time stands still at now_ns; 0 lets it run again. */
void tri_clock_set_fake(uint64_t now_ns);

/* Turns a timeout into a deadline: timeout_ms < 0 means never. */
uint64_t tri_deadline_ns(int64_t timeout_ms);

/* The same for a wait, which 0 makes a look: the clock is not read for that. */
static inline uint64_t tri_wait_deadline_ns(int64_t timeout_ms)
{
    return timeout_ms == 0 ? TRI_AT_ONCE : tri_deadline_ns(timeout_ms);
}

/* The one of two deadlines, or of two pauses, that is over first. */
static inline uint64_t tri_sooner_ns(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

/* Is it over? Reads the clock only to tell. */
static inline bool tri_deadline_is_over(uint64_t deadline_ns)
{
    return deadline_ns != TRI_NEVER &&
           (deadline_ns == TRI_AT_ONCE || tri_clock_ns() >= deadline_ns);
}

/* What poll(2) takes: ms until the deadline, rounded up, at most a day; -1 for TRI_NEVER. */
int tri_poll_timeout_ms(uint64_t deadline_ns);

#endif
