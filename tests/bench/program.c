/* Programs: starting, reading and ending peers that are not written in C. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/program.h"

int program_start(struct program *program, const struct load *load, int side,
                  const char *const *arguments)
{
    int fds[2];
    if (pipe(fds) < 0)
        return complain("pipe");
    program->os_pid = fork();
    if (program->os_pid < 0)
        return complain("fork");
    if (program->os_pid == 0) {
        child_begin();
        place(load->placement, side);
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(errno == ENOENT ? PROGRAM_NOT_THERE : 1);
    }
    close(fds[1]);
    program->says = fdopen(fds[0], "re");
    return program->says ? 0 : complain("fdopen");
}

double program_value(struct program *program, const char *key)
{
    char line[256];
    while (program->says && fgets(line, sizeof line, program->says))
        if (strncmp(line, key, strlen(key)) == 0)
            return atof(line + strlen(key));
    return -1;
}

int program_stop(struct program *program)
{
    int status = -1;
    if (program->os_pid <= 0)
        return -1;
    if (program->says)
        fclose(program->says);
    kill(-program->os_pid, SIGKILL);
    waitpid(program->os_pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
