/* Programs: peers that are not written in C, started in their place, which print lines of a key and a value. */
#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

#include <stdio.h>
#include <sys/types.h>

#include "bench/bench.h"

#define PROGRAM_NOT_THERE 77

struct program {
    pid_t os_pid;
    FILE *says;
};

/* Starts arguments[0], looked up in PATH, on side's CPU. 0 or -1. */
int program_start(struct program *program, const struct load *load, int side,
                  const char *const *arguments);
/* Reads until a line that begins with key. The value behind it, or -1. */
double program_value(struct program *program, const char *key);
/* Ends it and what it started, which is of its group. Its exit status, PROGRAM_NOT_THERE, or -1. */
int program_stop(struct program *program);

#endif
