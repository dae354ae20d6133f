/* Progress: one line on standard error, rewritten, and only for a person at a terminal. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/bench.h"

void progress_show(const char *row, const char *contestant, int round, int rounds, size_t step,
                   size_t steps)
{
    static uint64_t begin_ns;
    char left[32] = "";
    if (!isatty(STDERR_FILENO))
        return;
    if (begin_ns == 0)
        begin_ns = tri_clock_ns();
    /* Turns differ; after the first round what is left is known well. */
    double seconds = (double)(tri_clock_ns() - begin_ns) / 1e9;
    double left_s = step ? seconds / (double)step * (double)(steps - step) : 0;
    if (step > 10)
        snprintf(left, sizeof left, ", %d:%02d left", (int)left_s / 60, (int)left_s % 60);
    fprintf(stderr, "\r\033[Kround %d of %d%s: %s, %s", round + 1, rounds, left, row, contestant);
}

void progress_clear(void)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
}
