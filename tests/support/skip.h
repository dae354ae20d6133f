/* Skip: a test that cannot be run here says why, in the line `skipped: …`; tools/test lists these at its end. */
#ifndef SUPPORT_SKIP_H
#define SUPPORT_SKIP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/sanitizer.h"

#define skip_because(...)                                                                          \
    do {                                                                                           \
        print_message("skipped: " __VA_ARGS__);                                                    \
        print_message("\n");                                                                       \
        skip();                                                                                    \
    } while (0)

/* Skips a whole program that cannot run without another: what its main returns then; 0 when it can run. */
static inline int skip_without(const char *program)
{
    char command[128];
    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
    if (system(command) == 0)
        return 0;
    print_message("skipped: there is no %s\n", program);
    return 77;
}

/* Skips a test that only root can run. */
static inline void need_root(const char *what_for)
{
    if (geteuid() != 0)
        skip_because("%s needs root", what_for);
}

/* Skips a test with a limit of memory where a sanitizer takes part of it. */
static inline void need_exact_memory(void)
{
    if (IS_SANITIZED)
        skip_because("a limit of memory leaves a sanitizer no room");
}

#endif
