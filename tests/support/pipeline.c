/* Pipeline: the files lie in the test's run directory, and are gone before the fixture looks. */
#include "support/pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/node.h"

static long count_lines(const char *path)
{
    long lines = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int c; (c = getc_unlocked(file)) != EOF;)
        lines += c == '\n';
    fclose(file);
    return lines;
}

void pipeline_run(long lines, const char *expected)
{
    char log[300], out[300], scorer[4096], number[32];
    long read = 0, written = 0;
    const char *source = getenv("TROUPE_SOURCE_DIR");
    snprintf(log, sizeof log, "%s/log", fixture_run_dir());
    snprintf(out, sizeof out, "%s/out", fixture_run_dir());
    snprintf(scorer, sizeof scorer, "%s/examples/pipeline/scorer.py", source ? source : ".");
    snprintf(number, sizeof number, "%ld", lines);
    program_expect_exit(node_start("bin/pipeline", "make", log, number, NULL), 0);
    struct program *run = node_start("bin/pipeline", "run", log, scorer, out, NULL);
    program_expect_exit(run, 0);
    assert_string_equal(program_stdout(run), expected);
    assert_int_equal(sscanf(expected, "%ld lines = %ld", &read, &written), 2);
    assert_int_equal(count_lines(log), read);
    assert_int_equal(count_lines(out), written);
    unlink(log);
    unlink(out);
}
