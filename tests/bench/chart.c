/* The chart of a run, drawn by gnuplot. */
#include "bench/bench.h"

int chart_write(const struct sheet *sheet, const char *path)
{
    (void)sheet;
    (void)path;
    return BENCH_MISSING;
}
