/* Programs as actors: cases of test_programs.c. Each is the root actor of a node of its own. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/check.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- verbs */

static const char *const no_arguments[] = {NULL};

/* A program in lines, its messages to this actor. */
static tr_pid run(const char *path, const char *const *arguments)
{
    const struct tr_program program = {
        .path = path, .arguments = arguments, .framing = TR_FRAMING_LINE};
    tr_pid pid;
    CHECK(tr_program_start(&program, 0, NULL, &pid, NULL) == 0);
    return pid;
}

static tr_pid run_shell(const char *script)
{
    const char *const arguments[] = {"-c", script, NULL};
    return run("sh", arguments);
}

static tr_ref watch(tr_pid pid)
{
    tr_ref ref;
    CHECK(tr_monitor(pid, &ref) == 0);
    return ref;
}

#define EXPECT_LINE(pid, text) EXPECT("{Pid, {data, {eol, Line}}}", pid, (const char *)(text))

static void say(tr_pid pid, const char *text)
{
    CHECK(tr_send(pid, "{Self, {command, Text}}", tr_self(), text) == 0);
}

/* ---------------------------------------------------------------- unmodified programs */

TR_ACTOR(sort_prints_when_its_input_has_ended)
{
    tr_pid sort = run("sort", no_arguments);
    tr_ref ref = watch(sort);
    say(sort, "pear\n");
    say(sort, "fig\napple\n");
    CHECK(tr_send(sort, "{Self, eof}", tr_self()) == 0);
    EXPECT_NEXT("{Pid, {data, {eol, \"apple\"}}}", sort);
    EXPECT_NEXT("{Pid, {data, {eol, \"fig\"}}}", sort);
    EXPECT_NEXT("{Pid, {data, {eol, \"pear\"}}}", sort);
    EXPECT_NEXT("{Pid, eof}", sort);
    EXPECT_NEXT("{Pid, {exit_status, 0}}", sort);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, normal}", ref, sort);
}
