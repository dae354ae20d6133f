/* Pipeline: runs the example of that name over a log of its own making, for tests of different sizes. */
#ifndef SUPPORT_PIPELINE_H
#define SUPPORT_PIPELINE_H

/* Makes a log of so many lines, runs it through the pipeline, and fails unless that prints `expected`, a whole line, and has
 * written as many lines as it says. */
void pipeline_run(long lines, const char *expected);

#endif
