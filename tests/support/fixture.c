/* Fixture: makes a test's world, and takes it apart with suspicion. */
#include "support/fixture.h"

#include <dirent.h>
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

#include "support/program.h"

/* A crash must stay the signal that it is: the sanitizers' own handlers would turn it into an exit status. */
#define CRASHES_STAY                                                                               \
    "handle_segv=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0:handle_sigbus=0:"                \
    "allow_user_segv_handler=1"

static char run_dir[64];
static bool is_something_left; /* and has been reported */

const char *fixture_run_dir(void) { return run_dir; }

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
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
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
    setenv("XDG_RUNTIME_DIR", run_dir, 1);
    unsetenv("TROUPE_NODE");
    is_something_left = false;
    return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* ---------------------------------------------------------------- processes */

struct process {
    pid_t os_pid, parent;
    char state;
    bool is_descendant;
};
struct process_list {
    struct process *at;
    size_t count;
};

static bool read_process(const char *name, struct process *ret_process)
{
    char path[300], text[512];
    snprintf(path, sizeof path, "/proc/%s/stat", name);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    /* The command stands in parentheses and may contain any character. */
    const char *rest = strrchr(text, ')');
    *ret_process = (struct process){.os_pid = atoi(name)};
    return rest && sscanf(rest, ") %c %d", &ret_process->state, &ret_process->parent) == 2;
}

static struct process_list read_processes(void)
{
    struct process_list list = {0};
    size_t room = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (struct dirent *entry; (entry = readdir(proc));) {
        struct process process;
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9' ||
            !read_process(entry->d_name, &process))
            continue;
        if (list.count == room) {
            room = 2 * room + 256;
            list.at = realloc(list.at, room * sizeof *list.at);
            assert_non_null(list.at);
        }
        list.at[list.count++] = process;
    }
    closedir(proc);
    return list;
}

/* Marks the children of `parent`, and theirs, until nothing is added. */
static void mark_descendants(struct process_list *list, pid_t ancestor)
{
    for (bool is_changed = true; is_changed;) {
        is_changed = false;
        for (size_t i = 0; i < list->count; i++) {
            struct process *process = &list->at[i];
            bool is_below = process->parent == ancestor;
            for (size_t j = 0; j < list->count && !is_below && !process->is_descendant; j++)
                is_below = list->at[j].is_descendant && list->at[j].os_pid == process->parent;
            if (is_below && !process->is_descendant)
                process->is_descendant = is_changed = true;
        }
    }
}

/* Visits living descendants; tells how many there are. */
static size_t each_descendant(void (*visit)(const struct process *process))
{
    struct process_list list = read_processes();
    size_t living = 0;
    mark_descendants(&list, getpid());
    for (size_t i = 0; i < list.count; i++) {
        const struct process *process = &list.at[i];
        if (!process->is_descendant || process->state == 'Z' || process->state == 'X')
            continue;
        living++;
        if (visit)
            visit(process);
    }
    free(list.at);
    return living;
}

size_t fixture_descendants(void) { return each_descendant(NULL); }

static void report_process(const struct process *process)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)process->os_pid);
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
    for (size_t i = 0; i + 1 < length; i++)
        line[i] = line[i] ? line[i] : ' ';
    if (file)
        fclose(file);
    print_error("left behind: process %d (child of %d, state %c) %s\n", (int)process->os_pid,
                (int)process->parent, process->state, line);
    is_something_left = true;
}

static void kill_process(const struct process *process) { kill(process->os_pid, SIGKILL); }

/* ---------------------------------------------------------------- the end of a test */

static void stop_program(struct program *program)
{
    uint64_t deadline_ns = tri_deadline_ns(10000);
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
    uint64_t deadline_ns = tri_deadline_ns(5000);
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

int fixture_teardown(void **state)
{
    (void)state;
    program_each(stop_program);
    check_processes();
    program_forget_all();
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
