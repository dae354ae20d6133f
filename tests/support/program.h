/* Program: a program that a test starts, in a process group of its own, with its output kept.
 *
 * Output goes to memory files, so that nothing is left on disk and nobody blocks on a full pipe. The fixture owns all
 * programs; pointers and texts are valid until the test ends.
 */
#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

struct program {
    pid_t os_pid;
    int stdout_fd, stderr_fd;
    int status; /* as the shell tells it: n, or 128 + signal; valid once is_over */
    bool is_over;
    char *stdout_text, *stderr_text;
};

/* Starts argv[0], a path; "bin/…" is looked for in the build tree. Standard input is empty. */
struct program *program_start(const char *const argv[]);

/* Tells whether it has ended; does not wait. */
bool program_is_over(struct program *program);

/* Waits until it ends, fails the test when it does not, and tells its exit status: n, or 128 + signal. */
int program_wait(struct program *program);
/* The same of one that has much to do. */
int program_wait_ms(struct program *program, int timeout_ms);

void program_signal(struct program *program, int signal);

/* What it has written so far. */
const char *program_stdout(struct program *program);
const char *program_stderr(struct program *program);

/* Fails the test, with all that the program wrote, unless it ends with that exit status. */
void program_expect_exit(struct program *program, int status);

/* For the fixture: visits all that the test has started; forgets them. */
void program_each(void (*visit)(struct program *program));
void program_forget_all(void);

/* The build tree's folder of programs. */
const char *program_folder(void);

#endif
