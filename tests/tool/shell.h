/* Shell: lines of shell around `troupe map`, in a folder of the test's own. */
#ifndef TESTS_TOOL_SHELL_H
#define TESTS_TOOL_SHELL_H

#include "tool.h"

/* Runs a line of shell in a folder of the test's own, where `map` is the tool and $mapper its worker. */
static inline struct program *start_shell(const char *line)
{
    char script[8192];
    snprintf(script, sizeof script,
             "cd '%s' && mapper='%s/tests/mapper' && map() { '%s/troupe' map \"$@\"; } && %s",
             fixture_run_dir(), program_folder(), program_folder(), line);
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    return program_start(argv);
}

static inline struct program *run_shell(const char *line)
{
    struct program *shell = start_shell(line);
    program_wait(shell);
    return shell;
}

static inline void sweep_folder(void)
{
    program_expect_exit(run_shell("rm -rf log out in did seen"), 0);
}

#endif
