/* Waiting: for a condition, with a deadline that only a real failure reaches. Never for luck. */
#ifndef SUPPORT_WAIT_H
#define SUPPORT_WAIT_H

#include <unistd.h>

#include "base/clock.h"

/* Generous: a loaded machine and the sanitizers are slow, and a test that passes never waits that long. */
#define TEST_DEADLINE_MS 30000

/* Looks every ms until the condition holds; fails the test when the deadline comes first. */
#define wait_until(condition) wait_until_ms(TEST_DEADLINE_MS, condition)
#define wait_until_ms(timeout_ms, condition)                                                       \
    do {                                                                                           \
        uint64_t wait_deadline_ns = tri_deadline_ns(timeout_ms);                                   \
        while (!(condition)) {                                                                     \
            if (tri_clock_ns() > wait_deadline_ns)                                                 \
                fail_msg("after %d ms this does not hold: %s", (int)(timeout_ms), #condition);     \
            usleep(1000);                                                                          \
        }                                                                                          \
    } while (0)

#endif
