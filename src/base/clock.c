/* Clock: CLOCK_MONOTONIC, replaceable by a fake that unit tests move by hand. */
#include "base/clock.h"

#include <time.h>

static uint64_t fake_now_ns;

static uint64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * TRI_NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t tri_clock_ns(void) { return fake_now_ns ? fake_now_ns : read_clock(CLOCK_MONOTONIC); }

uint64_t tri_clock_coarse_ns(void)
{
    return fake_now_ns ? fake_now_ns : read_clock(CLOCK_MONOTONIC_COARSE);
}

uint64_t tri_clock_wall_ns(void) { return read_clock(CLOCK_REALTIME); }

void tri_clock_set_fake(uint64_t now_ns) { fake_now_ns = now_ns; }

uint64_t tri_deadline_ns(int64_t timeout_ms)
{
    if (timeout_ms < 0)
        return TRI_NEVER;
    uint64_t now = tri_clock_ns();
    if ((uint64_t)timeout_ms > (TRI_NEVER - 1 - now) / TRI_NS_PER_MS)
        return TRI_NEVER;
    return now + (uint64_t)timeout_ms * TRI_NS_PER_MS;
}

int tri_poll_timeout_ms(uint64_t deadline_ns)
{
    const uint64_t day_ms = 24ull * 60 * 60 * 1000;
    if (deadline_ns == TRI_NEVER)
        return -1;
    uint64_t now = tri_clock_ns();
    if (deadline_ns <= now)
        return 0;
    uint64_t left_ms = (deadline_ns - now + TRI_NS_PER_MS - 1) / TRI_NS_PER_MS;
    return (int)(left_ms > day_ms ? day_ms : left_ms);
}
