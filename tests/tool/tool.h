/* Tool: what the tests of the command `troupe` share: a node to look at, and questions about what was printed. */
#ifndef TESTS_TOOL_H
#define TESTS_TOOL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/census.h"
#include "support/complaint.h"
#include "support/fixture.h"
#include "support/node.h"
#include "support/skip.h"

/* Starts the stage (actors/stage.c) and waits until all are on it. */
static inline struct program *stage_start(void)
{
    struct program *node = node_start("bin/tests/stage", NULL);
    wait_until(actor_exists("stage") || program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

/* Starts the stage where a dead node of its name has left its table. */
static inline struct program *stage_start_anew(void)
{
    struct program *node = node_start("bin/tests/stage", NULL);
    wait_until((node_guardian_os_pid() == node->os_pid && actor_exists("stage")) ||
               program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

/* The stage's path, for `troupe run`. Valid until the next call. */
static inline const char *stage_path(void)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/tests/stage", program_folder());
    return path;
}

/* Are all on the stage of the node of that name? */
static inline bool stage_is_ready(const char *node)
{
    struct tri_rundir dir;
    struct tri_table table;
    if (tri_rundir_name(node, &dir, NULL, 0) || tri_table_open(&table, &dir))
        return false;
    bool is_ready = !tr_pid_is_none(tri_table_whereis(&table, "stage"));
    tri_table_close(&table);
    return is_ready;
}

/* Starts the stage as a node of another name, with `troupe run`. */
static inline struct program *stage_start_as(const char *name)
{
    const char *const argv[] = {"bin/troupe", "run", "-n", name, stage_path(), NULL};
    struct program *node = program_start(argv);
    wait_until(stage_is_ready(name) || program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

static inline void expect_in(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in: %s", part, text);
}

static inline void expect_not_in(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in: %s", part, text);
}

/* The tool has succeeded and has said nothing on standard error. Returns what it printed. */
static inline const char *expect_fine(struct program *tool)
{
    program_expect_exit(tool, 0);
    assert_string_equal(program_stderr(tool), "");
    return program_stdout(tool);
}

static inline size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* What the tool printed is JSON of which a filter of jq is true. Skips the test where there is no jq. */
static inline void expect_json(struct program *tool, const char *filter)
{
    char file[64];
    snprintf(file, sizeof file, "/proc/%d/fd/%d", (int)getpid(), tool->stdout_fd);
    const char *const argv[] = {"/usr/bin/env", "jq", "-e", filter, file, NULL};
    struct program *jq = program_start(argv);
    if (program_wait(jq) == 127)
        skip_because("there is no jq");
    if (jq->status)
        fail_msg("%s is not true of: %s%s", filter, program_stdout(tool), program_stderr(jq));
}

#endif
