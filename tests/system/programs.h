/* Programs: verbs for the cases about executables as actors, actors/programs.c and actors/program_ends.c. */
#ifndef SYSTEM_PROGRAMS_H
#define SYSTEM_PROGRAMS_H

#include "support/check.h"

/* What this actor's programs are started with; cases change it. */
static struct tr_program program = {.framing = TR_FRAMING_LINE};

static inline tr_pid run(const char *path)
{
    tr_pid pid;
    program.path = path;
    CHECK(tr_program_start(&program, 0, NULL, &pid, NULL) == 0);
    return pid;
}

static inline tr_pid run_with(const char *path, const char *option, const char *script)
{
    const char *const arguments[] = {option, script, NULL};
    program.arguments = arguments;
    tr_pid pid = run(path);
    program.arguments = NULL;
    return pid;
}

static inline tr_pid run_shell(const char *script) { return run_with("sh", "-c", script); }

/* For a script that may be over before somebody who only has its pid can watch it. */
static inline tr_pid run_and_watch_shell(const char *script, tr_ref *ret_ref)
{
    tr_pid pid;
    const char *const arguments[] = {"-c", script, NULL};
    program.path = "sh";
    program.arguments = arguments;
    CHECK(tr_program_start(&program, TR_SPAWN_MONITOR, NULL, &pid, ret_ref) == 0);
    program.arguments = NULL;
    return pid;
}

static inline tr_ref watch(tr_pid pid)
{
    tr_ref ref;
    CHECK(tr_monitor(pid, &ref) == 0);
    return ref;
}

static inline void say(tr_pid pid, const char *text)
{
    CHECK(tr_send(pid, "{Self, {command, Text}}", tr_self(), text) == 0);
}

static inline void end_input(tr_pid pid) { CHECK(tr_send(pid, "{Self, eof}", tr_self()) == 0); }

#endif
