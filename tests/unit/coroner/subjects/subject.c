/* Subject: functions of which a test knows the names and lines: a public one that calls a static one into which a third is
 * inlined, which calls back. Built as a library of each kind, and into programs. */
#include "subject.h"

static __attribute__((always_inline)) inline int decode_row(subject_fn *visit, void *context)
{
    int n = visit(context); /* LINE_OF_ROW */
    return n + 1;
}

static __attribute__((noinline)) int decode_table(subject_fn *visit, void *context)
{
    int n = decode_row(visit, context); /* LINE_OF_TABLE */
    return 2 * n;
}

int subject_run(subject_fn *visit, void *context)
{
    int n = decode_table(visit, context); /* LINE_OF_RUN */
    return n - 1;
}
