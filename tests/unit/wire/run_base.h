/* A base for run directories of a test's own: $XDG_RUNTIME_DIR is fresh, and gone afterwards. */
#ifndef UNIT_WIRE_RUN_BASE_H
#define UNIT_WIRE_RUN_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/rundir.h"

static char run_base[] = "/dev/shm/wire-XXXXXX";

static inline int run_base_setup(void **state)
{
    (void)state;
    strcpy(run_base + sizeof run_base - sizeof "XXXXXX", "XXXXXX");
    if (!mkdtemp(run_base))
        return -1;
    unsetenv("TROUPE_NODE");
    return setenv("XDG_RUNTIME_DIR", run_base, 1);
}

/* Fails when the test has left anything. */
static inline int run_base_teardown(void **state)
{
    (void)state;
    return rmdir(run_base);
}

#define run_base_test(body) cmocka_unit_test_setup_teardown(body, run_base_setup, run_base_teardown)

static inline struct tri_rundir named(const char *node)
{
    char why[256];
    struct tri_rundir dir;
    assert_int_equal(tri_rundir_name(node, &dir, why, sizeof why), 0);
    return dir;
}

#endif
