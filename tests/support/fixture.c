/* Fixture: makes a test's world, and takes it apart with suspicion. */
#include "support/fixture.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/census.h"
#include "support/program.h"

/* A crash must stay the signal that it is: the sanitizers' own handlers would turn it into an exit status. */
#define CRASHES_STAY                                                                               \
    "handle_segv=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0:handle_sigbus=0:"                \
    "allow_user_segv_handler=1"

static char run_dir[64], state_dir[80];
static bool is_something_left; /* and has been reported */

const char *fixture_run_dir(void) { return run_dir; }

const char *fixture_state_dir(void) { return state_dir; }

static void sanitizer_option(const char *variable)
{
    const char *given = getenv(variable);
    char text[1024];
    if (given && strstr(given, CRASHES_STAY))
        return;
    snprintf(text, sizeof text, "%s%s%s", given ? given : "", given ? ":" : "", CRASHES_STAY);
    setenv(variable, text, 1);
}

int fixture_setup(void **state)
{
    (void)state;
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    core.rlim_cur = 0; /* who wants one asks for it */
    setrlimit(RLIMIT_CORE, &core);
    sanitizer_option("ASAN_OPTIONS");
    sanitizer_option("TSAN_OPTIONS");
    sanitizer_option("UBSAN_OPTIONS");
    /* Short, because a socket's path must be; in memory, as the real one is. */
    snprintf(run_dir, sizeof run_dir, "/dev/shm/trXXXXXX");
    if (!mkdtemp(run_dir)) {
        snprintf(run_dir, sizeof run_dir, "/tmp/trXXXXXX");
        if (!mkdtemp(run_dir))
            return -1;
    }
    snprintf(state_dir, sizeof state_dir, "%s.state", run_dir);
    setenv("XDG_RUNTIME_DIR", run_dir, 1);
    setenv("TROUPE_STATE", state_dir, 1);
    unsetenv("TROUPE_NODE");
    is_something_left = false;
    return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* ---------------------------------------------------------------- processes */

/* Visits living descendants; tells how many there are. */
static size_t each_descendant(void (*visit)(const struct tri_osproc *process))
{
    struct census census;
    census_take(&census);
    size_t living = census.count;
    for (size_t i = 0; visit && i < living; i++)
        visit(&census.at[i]);
    census_deinit(&census);
    return living;
}

size_t fixture_descendants(void) { return each_descendant(NULL); }

static void report_process(const struct tri_osproc *process)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", process->os_pid);
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
    for (size_t i = 0; i + 1 < length; i++)
        line[i] = line[i] ? line[i] : ' ';
    if (file)
        fclose(file);
    print_error("left behind: process %d (child of %d, state %c) %s\n", process->os_pid,
                process->parent, process->state, line);
    is_something_left = true;
}

static void kill_process(const struct tri_osproc *process) { kill(process->os_pid, SIGKILL); }

/* ---------------------------------------------------------------- the end of a test */

static void stop_program(struct program *program)
{
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    program_signal(program, SIGTERM);
    while (!program_is_over(program) && tri_clock_ns() < deadline_ns)
        usleep(1000);
    if (program->is_over)
        return;
    print_error("left behind: program %d does not stop at SIGTERM; its errors:\n%s",
                (int)program->os_pid, program_stderr(program));
    is_something_left = true;
    program_signal(program, SIGKILL);
    program_wait(program);
}

static void check_processes(void)
{
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    while (each_descendant(NULL) > 0 && tri_clock_ns() < deadline_ns)
        usleep(1000);
    each_descendant(report_process);
    while (each_descendant(kill_process) > 0)
        usleep(1000);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

/* The base directory of all nodes, "troupe", may stay: it is empty, and another node would make it again. */
static int check_file(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)stat;
    bool is_base = ftw->level == 1 && kind == FTW_DP && strcmp(path + ftw->base, "troupe") == 0;
    if (ftw->level > 0 && !is_base) {
        print_error("left behind: %s\n", path);
        is_something_left = true;
    }
    return remove(path);
}

/* What nodes keep is meant to outlive them: it is nothing that was left behind. */
static int remove_kept(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)stat, (void)kind, (void)ftw;
    return remove(path);
}

int fixture_teardown(void **state)
{
    (void)state;
    program_each(stop_program);
    check_processes();
    program_forget_all();
    if (nftw(state_dir, remove_kept, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT) {
        print_error("left behind: %s cannot be removed: %s\n", state_dir, strerror(errno));
        is_something_left = true;
    }
    if (nftw(run_dir, check_file, 16, FTW_DEPTH | FTW_PHYS)) {
        print_error("left behind: %s cannot be removed: %s\n", run_dir, strerror(errno));
        is_something_left = true;
    }
    return is_something_left ? -1 : 0;
}

/* ---------------------------------------------------------------- guests */

static _Noreturn void guest_live(void (*body)(void *context), void *context)
{
    /* Without it a failed assertion would run the rest of the tests a second time, in here. */
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    body(context);
    fflush(NULL);
    _exit(0);
}

int guest_status(void (*body)(void *context), void *context)
{
    int status = 0;
    uint64_t deadline_ns = tri_deadline_ns(2 * TEST_DEADLINE_MS);
    fflush(NULL);
    pid_t os_pid = fork(), ended;
    assert_true(os_pid >= 0);
    if (os_pid == 0)
        guest_live(body, context);
    while ((ended = waitpid(os_pid, &status, WNOHANG)) == 0 && tri_clock_ns() < deadline_ns)
        usleep(1000);
    if (ended == 0) {
        kill(os_pid, SIGKILL);
        waitpid(os_pid, NULL, 0);
        fail_msg("the guest does not end");
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void guest_run(void (*body)(void *context), void *context)
{
    int status = guest_status(body, context);
    if (status)
        fail_msg("the guest failed with exit status %d", status);
}
