/* Program: fork, exec and keep the output. */
#include "support/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/fixture.h"

enum { PROGRAMS_MAX = 256 };

static struct program programs[PROGRAMS_MAX];
static size_t program_count;

const char *program_folder(void)
{
    const char *folder = getenv("TROUPE_BIN_DIR");
    if (!folder)
        fail_msg("TROUPE_BIN_DIR is not set: run the test through ctest or tools/test");
    return folder;
}

static int output_open(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0)
        fail_msg("memfd_create: %s", strerror(errno));
    return fd;
}

/* The child's side. It dies with the test program, so that a test killed by its deadline leaves no node behind. */
static _Noreturn void program_exec(const struct program *program, const char *path,
                                   const char *const argv[], pid_t test_os_pid)
{
    int null_fd = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != test_os_pid || dup2(null_fd, 0) < 0 || dup2(program->stdout_fd, 1) < 0 ||
        dup2(program->stderr_fd, 2) < 0)
        _exit(126);
    close(null_fd);
    execv(path, (char *const *)argv);
    dprintf(2, "%s: %s\n", path, strerror(errno));
    _exit(127);
}

struct program *program_start(const char *const argv[])
{
    char path[4096];
    if (strncmp(argv[0], "bin/", 4) == 0)
        snprintf(path, sizeof path, "%s/%s", program_folder(), argv[0] + 4);
    else
        snprintf(path, sizeof path, "%s", argv[0]);

    assert_true(program_count < PROGRAMS_MAX);
    struct program *program = &programs[program_count++];
    *program =
        (struct program){.stdout_fd = output_open("stdout"), .stderr_fd = output_open("stderr")};
    pid_t test_os_pid = getpid();
    fflush(NULL);
    program->os_pid = fork();
    if (program->os_pid < 0)
        fail_msg("fork: %s", strerror(errno));
    if (program->os_pid == 0)
        program_exec(program, path, argv, test_os_pid);
    setpgid(program->os_pid, program->os_pid);
    return program;
}

bool program_is_over(struct program *program)
{
    int status;
    if (program->is_over || waitpid(program->os_pid, &status, WNOHANG) != program->os_pid)
        return program->is_over;
    program->is_over = true;
    program->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return true;
}

static void program_report(struct program *program)
{
    print_error("--- its output:\n%s--- its errors:\n%s---\n", program_stdout(program),
                program_stderr(program));
}

int program_wait(struct program *program) { return program_wait_ms(program, 2 * TEST_DEADLINE_MS); }

int program_wait_ms(struct program *program, int timeout_ms)
{
    uint64_t deadline_ns = tri_deadline_ns(timeout_ms);
    while (!program_is_over(program)) {
        if (tri_clock_ns() > deadline_ns) {
            program_report(program);
            fail_msg("the program (os_pid %d) does not end", (int)program->os_pid);
        }
        usleep(1000);
    }
    return program->status;
}

void program_expect_exit(struct program *program, int status)
{
    if (program_wait(program) == status)
        return;
    program_report(program);
    fail_msg("it ended with exit status %d, not %d", program->status, status);
}

void program_signal(struct program *program, int signal)
{
    if (!program_is_over(program))
        kill(program->os_pid, signal);
}

/* Reads a whole memory file into *text, which keeps it. */
static const char *output_read(int fd, char **text)
{
    struct stat stat;
    assert_int_equal(fstat(fd, &stat), 0);
    free(*text);
    *text = calloc(1, (size_t)stat.st_size + 1);
    assert_non_null(*text);
    assert_int_equal(pread(fd, *text, (size_t)stat.st_size, 0), stat.st_size);
    return *text;
}

const char *program_stdout(struct program *program)
{
    return output_read(program->stdout_fd, &program->stdout_text);
}

const char *program_stderr(struct program *program)
{
    return output_read(program->stderr_fd, &program->stderr_text);
}

void program_each(void (*visit)(struct program *program))
{
    for (size_t i = 0; i < program_count; i++)
        visit(&programs[i]);
}

void program_forget_all(void)
{
    for (size_t i = 0; i < program_count; i++) {
        close(programs[i].stdout_fd);
        close(programs[i].stderr_fd);
        free(programs[i].stdout_text);
        free(programs[i].stderr_text);
    }
    program_count = 0;
}
